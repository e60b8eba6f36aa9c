"""The checks that every synth passes, and that they would notice: packs, house rules, eligible services, arrows."""

import ast
import json
from typing import Any

import pytest
from cloudformation_validate import (
    CompositeEngine,
    CompositeEngineConfig,
    TemplateContent,
    file_to_external_rule_source,
)

from tests.infra.assembly import ROOT, Assembly

GUARD = ROOT / "infra" / "rules" / "house.guard"
NOISE = {
    "W3005",  # a DependsOn that a reference says already: the CDK writes it for every role of a function
    "W9002",  # a written-out ARN, and in it
    "W9013",  # an account number: the certificate of the practice's own address, which is an input
}


@pytest.fixture(scope="module")
def engine() -> CompositeEngine:
    return CompositeEngine(CompositeEngineConfig(guard_rules=[file_to_external_rule_source(str(GUARD))]))


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_packs_find_nothing_unexplained(assemblies: dict[str, Assembly], stage: str) -> None:
    """The HIPAA Security and AWS Solutions packs ran, and found nothing but what is acknowledged."""
    reports = {one["pluginName"]: one for one in assemblies[stage].report["pluginReports"]}
    for pack in ("HIPAA.Security", "AwsSolutions"):
        assert reports[pack]["violations"] == []
        assert reports[pack]["suppressedViolations"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_acknowledgement_is_stale(assemblies: dict[str, Assembly], stage: str) -> None:
    """Whatever is acknowledged is still found: an acknowledgement that explains nothing must go."""
    found = {
        (violation["ruleName"], construct["constructPath"])
        for report in assemblies[stage].report["pluginReports"]
        for violation in report.get("suppressedViolations", [])
        for construct in violation["violatingConstructs"]
    }
    for path, rule, _ in assemblies[stage].acknowledged:
        name = rule.split("::", 1)[1]
        assert [at for found_name, at in found if found_name == name and at.startswith(path)], f"{rule} on {path}"


def test_acknowledgements_are_long_and_reasoned(dev: Assembly) -> None:
    """Each names one rule of one pack by its long id, which alone leaves a trace in the report, and gives a reason."""
    for _, rule, reason in dev.acknowledged:
        assert rule.startswith(("HIPAA.Security::HIPAA.Security-", "AwsSolutions::AwsSolutions-"))
        assert len(reason.split()) >= 12


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_house_rules(assemblies: dict[str, Assembly], stage: str, engine: CompositeEngine) -> None:
    """Every template passes AWS's schema rules and our own."""
    for stack, template in assemblies[stage].templates.items():
        assert _found(engine, template) == set(), stack


FAULTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("TABLES_CAN_BE_RECOVERED", "Data", "AWS::DynamoDB::GlobalTable", {"Replicas": [{"Region": "us-east-1"}]}),
    ("BUCKETS_ARE_CLOSED", "Audit", "AWS::S3::Bucket", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}),
    ("THE_TRAIL_IS_WHOLE", "Audit", "AWS::CloudTrail::Trail", {"EnableLogFileValidation": False}),
    ("KEYS_ROTATE", "Data", "AWS::KMS::Key", {"EnableKeyRotation": False}),
    ("QUEUES_REST_UNDER_OUR_KEY", "Messaging", "AWS::SQS::Queue", {"KmsMasterKeyId": None}),
    ("TOPICS_REST_UNDER_OUR_KEY", "Messaging", "AWS::SNS::Topic", {"KmsMasterKeyId": None}),
    ("LOGS_ARE_KEPT_AND_ENCRYPTED", "Messaging", "AWS::Logs::LogGroup", {"RetentionInDays": 30}),
    ("FUNCTIONS_SAY_WHERE_THEY_LOG", "Web", "AWS::Lambda::Function", {"TracingConfig": {"Mode": "PassThrough"}}),
    ("BATCHES_FAIL_ONE_BY_ONE", "Messaging", "AWS::Lambda::EventSourceMapping", {"FunctionResponseTypes": []}),
    ("THE_API_DOES_NOT_LOG_URLS", "Web", "AWS::ApiGateway::Stage", {"TracingEnabled": True}),
    ("ONLY_SIMULATORS_ARE_MADE", "Messaging", "AWS::SMSVOICE::PhoneNumber", {"NumberType": "TOLL_FREE"}),
]


@pytest.mark.parametrize(("rule", "stack", "kind", "fault"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_house_rules_notice(
    prod: Assembly, engine: CompositeEngine, rule: str, stack: str, kind: str, fault: dict[str, Any]
) -> None:
    """Each rule of ours finds the fault it is there for."""
    template = json.loads(json.dumps(prod.templates[stack]))
    body = next(one for one in template["Resources"].values() if one["Type"] == kind)
    for name, value in fault.items():
        if value is None:
            del body["Properties"][name]
        else:
            body["Properties"][name] = value
    assert any(rule in found for found in _found(engine, template))


def test_only_eligible_services(assemblies: dict[str, Assembly], eligible: dict[str, Any]) -> None:
    """No service stands in a template unless the table says that AWS names it HIPAA eligible, or what it may carry."""
    for assembly in assemblies.values():
        used = {one.type.split("::")[1] for one in assembly.all()}
        assert used <= set(eligible)


def test_what_is_not_named_says_what_it_carries(eligible: dict[str, Any]) -> None:
    """A service that AWS does not name is admitted only with a sentence on what it holds; named ones are quoted."""
    for name, service in eligible.items():
        assert service["listed_as"] if service["named"] else service["carries"], name


def test_the_table_of_services_has_no_dead_rows(assemblies: dict[str, Assembly], eligible: dict[str, Any]) -> None:
    """Every row is used: the table is what the practice's auditor reads."""
    used = {one.type.split("::")[1] for assembly in assemblies.values() for one in assembly.all()}
    assert set(eligible) <= used


def test_infra_knows_nothing_of_texting() -> None:
    """No module of infra imports the product or its handlers; app.py joins them."""
    for path in sorted((ROOT / "infra").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            rooms = {module.split(".")[0] for module in modules}
            assert not rooms & {"texting", "functions", "box", "cli", "verifier"}, path


def test_one_construct_per_function() -> None:
    """Each function has its own file in infra/functions, short enough for one screen."""
    files = {path.stem: path for path in (ROOT / "infra" / "functions").glob("*.py") if path.stem != "__init__"}
    handlers = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert set(files) == handlers
    assert max(len(path.read_text().splitlines()) for path in files.values()) <= 70


def _found(engine: CompositeEngine, template: dict[str, Any]) -> set[str]:
    report = engine.validate_template(TemplateContent(json.dumps(template)))
    return {one.rule_id for one in report.diagnostics if one.rule_id not in NOISE and one.severity.name != "INFO"}
