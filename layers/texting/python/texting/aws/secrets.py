"""The connections' secrets, from Secrets Manager, kept for five minutes so that a rotation is seen soon."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from texting.aws.clients import client
from texting.errors import Misconfigured, Unavailable

FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ConnectionSecret:
    """What a scheduling system signs with now, what it signed with before, and what we show when we read back."""

    inbound: tuple[str, ...] = field(repr=False)
    outbound: str = field(default="", repr=False)


@dataclass
class Secrets:
    """Reads secrets by name."""

    kept: dict[str, tuple[datetime, ConnectionSecret]] = field(default_factory=dict, repr=False)

    def of(self, name: str, now: datetime) -> ConnectionSecret:
        """The secret called `name`: JSON with `current`, and `previous` and `outbound` where there are any.

        Raises Misconfigured for one that is not there or not so written, Unavailable when it cannot be read.
        """
        known = self.kept.get(name)
        if known is None or now - known[0] > FRESH or now < known[0]:
            known = (now, _read(name))
            self.kept[name] = known
        return known[1]


def _read(name: str) -> ConnectionSecret:
    secrets = client("secretsmanager")
    try:
        text = secrets.get_secret_value(SecretId=name)["SecretString"]
        told = json.loads(text)
        inbound = tuple(str(told[key]) for key in ("current", "previous") if told.get(key))
        return ConnectionSecret(inbound, str(told.get("outbound", "")))
    except secrets.exceptions.ResourceNotFoundException:
        raise Misconfigured(
            f"The secret {name} is not in Secrets Manager; create it with quietline connection."
        ) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Misconfigured(f'The secret {name} must be JSON like {{"current": "whsec_…"}}.') from None
    except (ClientError, BotoCoreError) as fault:
        raise Unavailable("A secret could not be read.") from fault
