"""The pages are true where a machine can tell: links lead somewhere, commands exist, and what is named is there."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest
from texting import practice
from typer.testing import CliRunner

from cli.main import app as quietline

PAGES = sorted(
    page
    for page in [*Path().glob("*.md"), *Path("docs").rglob("*.md"), *Path("verifier").rglob("*.md")]
    if page.is_file()
)
PACKAGE = Path("layers/texting/python/texting")
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
README = Path("README.md").read_text("utf-8")


def prose(page):
    """A page without its fenced blocks."""
    return re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)


def anchors(page):
    """The anchors of a page's headings, as the usual renderers make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head).replace("`", "").strip().lower() for head in heads)
    return {re.sub(r"[^\w\- ]", "", head).replace(" ", "-") for head in plain}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_relative_links_lead_somewhere(page):
    """Each linked file is there, and each linked heading is in it."""
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page.resolve()
        assert found.exists(), f"{page}: {target}"
        assert not anchor or anchor in anchors(found), f"{page}: {target}"


TARGETS = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_make_command_exists(page):
    """A command that a page tells to type is a target of the Makefile."""
    text = page.read_text("utf-8")
    told = set(re.findall(r"(?:`|^|\n)make ([a-z]+)\b", text))

    assert told <= TARGETS


def test_the_makefile_runs_what_is_there():
    """Every module and script that a target starts exists."""
    text = Path("Makefile").read_text("utf-8")
    for module in re.findall(r"-m ((?:box|infra|cli|texting)[\w.]*)", text):
        path = Path(module.replace(".", "/"))
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
    for script in re.findall(r"(?<![\w/])((?:bench|scripts|verifier)/\w+\.py)", text):
        assert Path(script).is_file(), script


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_quietline_command_exists(page):
    """A command of the operator's that a page names is one that answers to --help."""
    for words in set(re.findall(r"quietline((?: [a-z][a-z-]+)+)", page.read_text("utf-8"))):
        named = known(tuple(words.split()))
        assert named, f"{page}: quietline{words}"


@cache
def known(words):
    """Whether the words begin with a command that exists; a group alone is one too."""
    for end in range(len(words), 0, -1):
        told = CliRunner().invoke(quietline, [*words[:end], "--help"])
        if told.exit_code == 0 and f"Usage: root {' '.join(words[:end])}" in told.output.replace("main ", "root "):
            return True
        if told.exit_code == 0:
            return True
    return False


ROWS = re.findall(r"^\| (P\d+) \| (.+?) \| (.+?) \| (.+?) \|$", README, re.MULTILINE)


def test_the_readme_states_all_ten_promises():
    """Each promise has its row, its tests, and what they do not show."""
    assert [name for name, *_ in ROWS] == [f"P{n}" for n in range(1, 11)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_promise_is_held_by_tests_that_exist(row):
    """What is named as evidence is a file of tests, with tests in it."""
    named = LINK.findall(row[2])
    assert named
    for path in named:
        tree = ast.parse(Path(path).read_text("utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        machines = "TestCase" in Path(path).read_text("utf-8")
        assert machines or any(node.name.startswith("test_") for node in functions), path


JOURNEYS = Path("docs/journeys.md").read_text("utf-8")
STEPS = sorted(set(re.findall(r"`([\w/]+\.py)(?::([\w.]+))?`", JOURNEYS)))


@pytest.mark.parametrize(("path", "name"), STEPS, ids=[f"{path}:{name}" for path, name in STEPS])
def test_every_step_of_a_journey_is_in_the_code(path, name):
    """A renamed function fails here, and not in the head of the next reader."""
    file = Path(path) if Path(path).is_file() else PACKAGE / path
    assert file.is_file()
    assert not name or defines(ast.parse(file.read_text("utf-8")), name.split("."))


def defines(tree, names):
    """Whether a module defines a function or class by this dotted name, or assigns it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == names[0]:
            return len(names) == 1 or defines(node, names[1:])
        if isinstance(node, ast.Assign) and [target.id for target in node.targets if hasattr(target, "id")] == names:
            return True
    return False


PATHS = re.compile(r"`((?:functions|infra|tests|box|cli|docs|scripts|bench|verifier|layers|requirements)/[\w./*-]+)`")
OURS = re.compile(r"`((?:rules|flows|aws|sources|audit|remote|pages)/[\w./-]+\.\w+)`")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_file_that_is_named_is_there(page):
    """Paths in backticks are paths of this repository."""
    text = page.read_text("utf-8")
    for path in PATHS.findall(text):
        if "<" not in path:
            assert list(Path().glob(path.rstrip("/."))), f"{page}: {path}"
    for path in OURS.findall(text):
        assert (PACKAGE / path).exists(), f"{page}: {path}"


DECISIONS = sorted(Path("docs/decisions").glob("0*.md"))
LISTED = Path("docs/decisions/README.md").read_text("utf-8")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_is_listed_dated_and_bounded(page):
    """Each has its number in title and list, a date, what else was looked at, and what it is not meant to do."""
    text = page.read_text("utf-8")
    assert f"]({page.name})" in LISTED
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: \w+", text, re.MULTILINE)
    assert re.search(r"^## What we decided", text, re.MULTILINE)
    assert re.search(r"^## Non-goals", text, re.MULTILINE)


def test_decisions_have_numbers_of_their_own():
    """Two decisions never share one."""
    numbers = [page.name[:4] for page in DECISIONS]

    assert len(numbers) == len(set(numbers))


SETTINGS = Path("docs/settings.md").read_text("utf-8")


def sections():
    """The settings page by table: what each says."""
    parts = re.split(r"^## \[+(\w+)\]+$", SETTINGS, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(section):
    """The settings of a section with their defaults, as the page tells them."""
    for names, default in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.+?) \|", section, re.MULTILINE):
        found = re.findall(r"`(\w+)`", names)
        each = re.findall(r"`[^`]*`|[^,`][^,]*", default)
        yield from zip(found, [one.strip() for one in each] * (len(found) if len(each) == 1 else 1), strict=False)


def model_of(table):
    """The model of a table, whether it stands once or many times."""
    hint = practice.Practice.model_fields[table].annotation
    return getattr(hint, "__args__", (hint,))[0]


@pytest.mark.parametrize("table", [name for name in practice.Practice.model_fields if name != "templates"])
def test_every_setting_is_on_the_settings_page(table):
    """All settings of the code and no others, each saying whether it must be given."""
    told, fields = dict(rows(sections()[table])), model_of(table).model_fields

    assert set(told) == set(fields)
    for name, field in fields.items():
        assert ("required" in told[name]) == field.is_required(), f"{table}.{name}: {told[name]}"


PLAIN = {"courtesy_from": "08:00:00", "courtesy_until": "20:00:00", "at": "10:00:00", "simulator": "false"}


@pytest.mark.parametrize("table", ["sending", "retention", "answering", "consent", "reminders"])
def test_the_defaults_on_the_settings_page_are_the_code_s(table):
    """A default that changed in the code alone fails here."""
    for name, told in rows(sections()[table]):
        default = model_of(table).model_fields[name].default
        if told.startswith("`"):
            assert told.strip("`").strip('"') == PLAIN.get(name, str(default)), f"{table}.{name}"


def test_the_templates_section_is_there():
    """The one table without fixed names."""
    assert "## [templates]" in SETTINGS


def test_the_changelog_is_by_hand_and_for_its_reader():
    """It has a newest version, and the three headings, and no ids of commits."""
    text = Path("CHANGELOG.md").read_text("utf-8")

    assert re.search(r"^## Unreleased", text, re.MULTILINE)
    assert set(re.findall(r"^### (\w+)", text, re.MULTILINE)) <= {"Added", "Changed", "Fixed", "Removed", "Security"}
    assert not re.search(r"\b[0-9a-f]{7,40}\b", text)


def test_the_fixed_cost_is_what_is_deployed():
    """The cost table counts keys, rules and alarms as the code lays them out, and stays under fifteen dollars."""
    text = Path("docs/deploy.md").read_text("utf-8")
    [keys] = re.findall(r"\| (\d+) customer-managed keys", text)
    [rules] = re.findall(r"one web ACL at \$5\.00, (\d+) rules", text)
    [alarms] = re.findall(r"\| alarms \| (\d+) at", text)
    [total] = re.findall(r"\*\*together\*\* \| +\| \*\*\$(\d+\.\d\d)\*\*", text)

    assert (int(keys), int(rules), int(alarms)) == deployed()
    assert float(total) == pytest.approx(int(keys) + 5 + int(rules) + (int(alarms) - 10) * 0.1)
    assert float(total) < 15


def deployed():
    """Keys, firewall rules and alarms in the templates that `make synth` wrote, or in the code's own words."""
    kinds = {"AWS::KMS::Key": 0, "AWS::CloudWatch::Alarm": 0}
    templates = sorted(Path("cdk.out").glob("*.template.json"))
    if not templates:
        pytest.fail("Run `make synth` first: the cost table is compared with the templates.")
    rules = 0
    for template in templates:
        for resource in json.loads(template.read_text("utf-8"))["Resources"].values():
            if resource["Type"] in kinds:
                kinds[resource["Type"]] += 1
            if resource["Type"] == "AWS::WAFv2::WebACL":
                rules = len(resource["Properties"]["Rules"])
    return kinds["AWS::KMS::Key"], rules, kinds["AWS::CloudWatch::Alarm"]


FORBIDDEN = ["end-to-end", "end to end", "military-grade", "bank-grade", "hipaa certified", "100% secure", "unhackable"]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_page_says_more_than_is_so(page):
    """Words that promise what nobody can keep stand on no page, but for the one that says why we do not use them."""
    text = page.read_text("utf-8").lower()
    allowed = {"end-to-end"} if page.name == "0010-seeds-that-contradict.md" else set()

    assert [word for word in FORBIDDEN if word in text and word not in allowed] == []
