"""Where a stack's functions come from: the folder of handlers, and this stack's own versions of the two layers."""

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from infra.deployment import Deployment
from infra.layers import stage_texting
from infra.texting_function import Shelf


def shelf_for(stack: Stack, deployment: Deployment, key: kms.IKey) -> Shelf:
    """The shelf of one code stack. Without a built third-party layer a stub stands in: enough to test, not to deploy."""
    thirdparty = deployment.thirdparty or deployment.root / "layers" / "thirdparty"
    staged = stage_texting(deployment.root, deployment.practice_file, byte_code=deployment.for_real)
    return Shelf(
        functions=deployment.functions,
        layers=(
            _layer(stack, "ThirdParty", str(thirdparty), "What Quietline did not write"),
            _layer(stack, "Texting", str(staged), "Quietline's own package and the practice's settings"),
        ),
        key=key,
    )


def _layer(stack: Stack, name: str, path: str, description: str) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        stack,
        f"{name}Layer",
        code=lambda_.Code.from_asset(path),
        description=description,
        compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        compatible_architectures=[lambda_.Architecture.ARM_64],
    )
