"""What one deployment is: a stage, an account, a region and the practice's plain values, checked before all else."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

REGIONS = frozenset({"us-east-1", "us-east-2", "us-west-1", "us-west-2"})


class Refused(Exception):
    """This deployment must not be; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A scheduling system that may speak to us, and the name of its secret in AWS Secrets Manager."""

    name: str
    kind: str
    secret_name: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything the stacks are told. Raises Refused, in a sentence, for what must never be deployed.

    `thirdparty` is the built layer, or None when there is none yet: then a stub stands in, unless `for_real` is set, as the
    CDK command line does. `signing_keys` counts the keys that ever signed the ledger: the last one does.
    """

    root: Path
    functions: Path
    practice_file: Path
    stage: Literal["dev", "prod"]
    account: str
    region: str
    origination: str
    pool: bool
    simulator: bool
    connections: tuple[Connection, ...]
    address: str
    certificate_arn: str
    monthly_limit_usd: Decimal
    thirdparty: Path | None = None
    alarms_to: str = ""
    on_call: str = ""
    signing_keys: int = 1
    understands_compliance_lock: bool = False
    for_real: bool = False

    def __post_init__(self) -> None:
        if self.stage not in ("dev", "prod"):
            raise Refused(f'There is no stage "{self.stage}": write -c stage=dev or -c stage=prod.')
        if self.region.startswith("us-gov-"):
            raise Refused(
                "AWS GovCloud is a partition of its own and Quietline has never run there: choose us-east-1, us-east-2, "
                "us-west-1 or us-west-2."
            )
        if self.region not in REGIONS:
            raise Refused(
                f"Patients' data stays in the United States, and {self.region} is elsewhere: choose us-east-1, us-east-2, "
                "us-west-1 or us-west-2 (-c region=us-east-1, or your profile's region)."
            )
        if self.production and not self.understands_compliance_lock:
            raise Refused(
                "The production ledger is locked in compliance mode: for ten years nobody can delete or shorten it, not "
                "even AWS, short of closing the account. If that is what you want, add "
                "-c i_understand_compliance_lock=yes."
            )

        if not 1 <= self.signing_keys <= 9:
            raise Refused(
                "The ledger has had one signing key or a few: -c signing_keys=2 makes the second, and each of them stays."
            )
        if self.for_real and self.thirdparty is None:
            raise Refused(
                "The layer of third-party packages is missing, or was built from other requirements than the locked ones: "
                "run `make layer`, then try again."
            )

    @property
    def production(self) -> bool:
        """Whether this stage keeps real patients' evidence."""
        return self.stage == "prod"

    @property
    def domain(self) -> str:
        """The host name of the practice's own address when a certificate for it exists, else nothing."""
        return self.address.removeprefix("https://").split("/")[0] if self.certificate_arn else ""
