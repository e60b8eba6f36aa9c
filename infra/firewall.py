"""The firewall before the API: AWS's managed rules and a pace per address, with a log that holds no URL and no token."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.trail import LOGS_KEPT

PER_ADDRESS = (
    2000  # requests in five minutes; a whole office or a scheduling system behind one address stays well below
)
LARGE_BODIES = ("/v1/scheduling/", "/v1/consents/import", "/reply")
"""Signed webhooks, imports and photos: larger than the 8 KB that the common rules let through, and bytes that they misread.
Their handlers verify, bound and parse them; to block a webhook here would be to lose it."""


class Firewall(Construct):
    """A web ACL on one stage, and its log."""

    def __init__(self, scope: Construct, name: str, *, stage_arn: str, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self.acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_counted("Requests"),
            rules=[
                _managed(0, "AWSManagedRulesCommonRuleSet", except_for=LARGE_BODIES),
                _managed(1, "AWSManagedRulesKnownBadInputsRuleSet"),
                _pace(2),
            ],
        )
        waf.CfnWebACLAssociation(self, "OnTheStage", resource_arn=stage_arn, web_acl_arn=self.acl.attr_arn)
        self._log(key)

    def _log(self, key: kms.IKey) -> None:
        stack = Stack.of(self)
        group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"aws-waf-logs-{stack.stack_name}",  # WAF writes to no other name
            encryption_key=key,
            retention=LOGS_KEPT,
            removal_policy=RemovalPolicy.RETAIN,
        )
        writing = logs.ResourcePolicy(
            self,
            "Writing",
            policy_statements=[
                iam.PolicyStatement(
                    principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[group.log_group_arn],
                    conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
                )
            ],
        )
        hidden = [
            {"uriPath": {}},
            {"queryString": {}},
            {"singleHeader": {"Name": "authorization"}},
            {"singleHeader": {"Name": "cookie"}},
        ]
        logging = waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[
                f"arn:aws:logs:{stack.region}:{stack.account}:log-group:aws-waf-logs-{stack.stack_name}"
            ],
            redacted_fields=hidden,
        )
        logging.node.add_dependency(writing)
        logging.node.add_dependency(group)


def _counted(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Counts, without samples: a sampled request would show its URL in the console."""
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, sampled_requests_enabled=False, metric_name=metric
    )


def _managed(priority: int, name: str, *, except_for: tuple[str, ...] = ()) -> waf.CfnWebACL.RuleProperty:
    group = waf.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS", name=name, scope_down_statement=_elsewhere(except_for) if except_for else None
    )
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
        visibility_config=_counted(name),
    )


def _elsewhere(paths: tuple[str, ...]) -> waf.CfnWebACL.StatementProperty:
    """Every request whose path has none of `paths` in it."""
    within = [
        waf.CfnWebACL.StatementProperty(
            byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
                field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
                positional_constraint="ENDS_WITH" if path == "/reply" else "CONTAINS",
                search_string=path,
                text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
            )
        )
        for path in paths
    ]
    either = waf.CfnWebACL.StatementProperty(or_statement=waf.CfnWebACL.OrStatementProperty(statements=within))
    return waf.CfnWebACL.StatementProperty(not_statement=waf.CfnWebACL.NotStatementProperty(statement=either))


def _pace(priority: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name="PerAddress",
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=PER_ADDRESS, evaluation_window_sec=300
            )
        ),
        visibility_config=_counted("PerAddress"),
    )
