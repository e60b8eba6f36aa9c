"""The REST API: every route with the function behind it and its pace, logged by resource path and never by URL.

A URL may hold a patient's token; `/m/{token}` does not. For the same reason the API's own execution log and trace are off:
both would record the URL. Functions are traced by themselves.
"""

import json
from dataclasses import dataclass

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.nag import acknowledge
from infra.trail import LOGS_KEPT

STAGE = "live"


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path, the function behind it, and how many requests a second (and in a burst) it takes."""

    method: str
    path: str
    function: str
    rate: int = 20
    burst: int = 40


ROUTES = (
    Route("POST", "/v1/scheduling/{connection}", "intake", rate=50, burst=200),
    Route("POST", "/v1/consents", "consent"),
    Route("GET", "/v1/consents/{patient_id}", "consent"),
    Route("POST", "/v1/consents/{patient_id}/revoke", "consent"),
    Route("POST", "/v1/consents/import", "consent", rate=1, burst=5),
    Route("POST", "/v1/consent-links", "consent"),
    Route("GET", "/c/{token}", "consent", rate=10, burst=20),
    Route("POST", "/c/{token}", "consent", rate=5, burst=10),
    Route("GET", "/m/{token}", "portal", rate=10, burst=20),
    Route("POST", "/m/{token}", "portal", rate=5, burst=10),
    Route("POST", "/m/{token}/reply", "portal", rate=5, burst=10),
    Route("POST", "/v1/threads/find", "inbox"),
    Route("GET", "/v1/threads", "inbox"),
    Route("GET", "/v1/threads/{thread_id}", "inbox"),
    Route("POST", "/v1/threads/{thread_id}/texts", "inbox"),
    Route("POST", "/v1/threads/{thread_id}/secure", "inbox"),
    Route("POST", "/v1/secure/{secure_id}/recall", "inbox"),
    Route("GET", "/v1/tasks", "inbox"),
    Route("GET", "/v1/tasks/calls", "inbox"),
    Route("GET", "/v1/tasks/{task_id}", "inbox"),
    Route("POST", "/v1/tasks/{task_id}/close", "inbox"),
    Route("GET", "/v1/messages/{message_id}", "inbox"),
)

ACCESS_LOG = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTimeEpoch",
        "method": "$context.httpMethod",
        "resource": "$context.resourcePath",
        "status": "$context.status",
        "bytes": "$context.responseLength",
        "milliseconds": "$context.responseLatency",
        "error": "$context.error.responseType",
        "firewall": "$context.waf.status",
    }
)


FINDINGS = (
    (
        "An execution log and a trace of the API record the request's URL, and a patient's link is a secret. The access "
        "log keeps the resource path instead, and the functions behind it are traced by themselves.",
        (
            "HIPAA.Security::HIPAA.Security-APIGWExecutionLoggingEnabled",
            "HIPAA.Security::HIPAA.Security-APIGWXrayEnabled",
            "AwsSolutions::AwsSolutions-APIG6",
        ),
    ),
    (
        "Answers are about one patient or carry a secret, and must not be kept by anything on the way.",
        ("HIPAA.Security::HIPAA.Security-APIGWCacheEnabledAndEncrypted",),
    ),
    (
        "There is no server behind the API to show a client certificate to: every method calls a function by IAM.",
        ("HIPAA.Security::HIPAA.Security-APIGWSSLEnabled",),
    ),
    (
        "The functions authenticate: webhooks by a signature over the raw body or their secret, systems and staff by "
        "hashed and scoped bearer tokens, patients by a link and their birth date. None is a Cognito user or a role.",
        ("AwsSolutions::AwsSolutions-APIG4", "AwsSolutions::AwsSolutions-COG4"),
    ),
    (
        "AWS's own policy for this one purpose: API Gateway tests the account's logging role against these rights.",
        (
            "AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
            "AmazonAPIGatewayPushToCloudWatchLogs]",
        ),
    ),
)


class Doors(Construct):
    """The API with its stage, log and, where the practice has a certificate, its own address."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        key: kms.IKey,
        domain: str,
        certificate_arn: str,
        functions: dict[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, name)
        log = logs.LogGroup(
            self, "AccessLog", encryption_key=key, retention=LOGS_KEPT, removal_policy=RemovalPolicy.RETAIN
        )
        self.api = self._api(log, own_address=bool(domain))
        self._open(functions)
        if domain:
            self._name(domain, certificate_arn)
        stage = self.api.deployment_stage
        self.stage_arn = stage.stage_arn
        CfnOutput(self, "Address", value=f"https://{domain}" if domain else stage.url_for_path("/"))
        for reason, rules in FINDINGS:
            acknowledge(self, reason, *rules)

    def _api(self, log: logs.LogGroup, *, own_address: bool) -> apigateway.RestApi:
        pace = {
            f"{route.path}/{route.method}": apigateway.MethodDeploymentOptions(
                throttling_rate_limit=route.rate, throttling_burst_limit=route.burst
            )
            for route in ROUTES
        }
        return apigateway.RestApi(
            self,
            "Api",
            description="Quietline: webhooks, the practice's API, staff and patients' pages",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            binary_media_types=[
                "*/*"
            ],  # bytes arrive as they were sent: signatures are over them, and photos are bytes
            disable_execute_api_endpoint=own_address,
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                access_log_destination=apigateway.LogGroupLogDestination(log),
                access_log_format=apigateway.AccessLogFormat.custom(ACCESS_LOG),
                throttling_rate_limit=20,
                throttling_burst_limit=40,
                method_options=pace,
                logging_level=apigateway.MethodLoggingLevel.OFF,
                data_trace_enabled=False,
                tracing_enabled=False,
                metrics_enabled=False,
            ),
        )

    def _open(self, functions: dict[str, lambda_.Function]) -> None:
        validator = self.api.add_request_validator(
            "Validator", validate_request_body=True, validate_request_parameters=True
        )
        for route in ROUTES:
            resource = self.api.root.resource_for_path(route.path)
            resource.add_method(
                route.method,
                apigateway.LambdaIntegration(functions[route.function], allow_test_invoke=False),
                request_validator=validator,
            )

    def _name(self, domain: str, certificate_arn: str) -> None:
        named = self.api.add_domain_name(
            "OwnAddress",
            domain_name=domain,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", certificate_arn),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        CfnOutput(self, "PointYourDomainAt", value=named.domain_name_alias_domain_name)
