"""The packs of checks that every synth must pass, and the one way to say why a finding may stand."""

from aws_cdk import Acknowledgment, App, Validations
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks
from constructs import Construct

ACKNOWLEDGED: list[tuple[str, str, str]] = []
"""(construct path, long rule id, reason), in the order given. A test fails when one of them no longer matches a finding."""


def add_packs(app: App) -> None:
    """Makes synth fail on every finding that nobody has acknowledged."""
    Validations.of(app).add_plugins(HIPAASecurityChecks(app), AwsSolutionsChecks(app))


def acknowledge(scope: Construct, reason: str, *rules: str) -> None:
    """Says why the findings `rules` (long ids, Pack::Rule) may stand on `scope` and below it."""
    for rule in rules:
        ACKNOWLEDGED.append((scope.node.path, rule, reason))
        Validations.of(scope).acknowledge(Acknowledgment(id=rule, reason=reason))
