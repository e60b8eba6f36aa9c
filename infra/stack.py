"""What all our stacks have in common: their name, where they live, and that templates hold nothing but resources."""

from aws_cdk import DefaultStackSynthesizer, Environment, Stack
from constructs import Construct

from infra.deployment import Deployment


class OurStack(Stack):
    """A stack called quietline-<stage>-<name>. `kept`: nobody deletes it without first taking off its protection."""

    def __init__(self, scope: Construct, name: str, deployment: Deployment, *, kept: bool = False) -> None:
        super().__init__(
            scope,
            name,
            stack_name=f"quietline-{deployment.stage}-{name.lower()}",
            env=Environment(account=deployment.account, region=deployment.region),
            synthesizer=DefaultStackSynthesizer(
                generate_bootstrap_version_rule=False
            ),  # the command line checks it too
            termination_protection=kept,
        )
