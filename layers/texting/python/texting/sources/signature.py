"""Who sent this: Standard Webhooks signatures and bearer secrets, over the exact bytes that came in.

Both checks promise one thing only: they return when the sender holds a live secret, and raise BadSignature, always with
the same sentence, for anything else. No input, however broken, makes them raise another error.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from texting.errors import BadSignature

Headers = Mapping[str, str] | Mapping[str, Sequence[str]] | Sequence[tuple[str, str]]
"""Headers as a gateway gives them: one value each, a list of values each, or pairs."""

TOLERANCE_SECONDS = 300
"""How far a timestamp may lie from our clock, before or after (Standard Webhooks)."""

REFUSED = "The sender could not be verified: check the connection's secret, the clock and the signature headers."

# No quote, brace or backslash: an id that held JSON could pretend to be the head of another signed body.
_ID = re.compile(r'[^\s"{}\\]{1,256}', re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class SignedId:
    """The sender's own id of a verified delivery; the same event delivered again carries the same one."""

    event_id: str


def _values(headers: Headers, name: str) -> list[str]:
    pairs: Iterable[tuple[str, str | Sequence[str]]] = headers.items() if isinstance(headers, Mapping) else headers
    found: list[str] = []
    for key, value in pairs:
        if str(key).lower() == name:
            found.extend([value] if isinstance(value, str) else [str(one) for one in value])
    return found


def _only(headers: Headers, name: str) -> str:
    """The header's one value; a header that is missing or given twice is refused."""
    found = _values(headers, name)
    if len(found) != 1 or not found[0].isascii():
        raise BadSignature(REFUSED)
    return found[0]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return b""


def _keys(secrets: Sequence[str]) -> list[bytes]:
    """The signing keys of the secrets that can be one: `whsec_` and base64 of 24 to 64 bytes."""
    keys = [_decoded(secret.removeprefix("whsec_")) for secret in secrets if secret.startswith("whsec_")]
    return [key for key in keys if 24 <= len(key) <= 64]


def _offered(header: str) -> list[bytes]:
    """The digests of all `v1` signatures in the header; other versions are none of ours."""
    return [_decoded(part[3:]) for part in header.split(" ") if part.startswith("v1,")]


def _family(headers: Headers) -> str:
    """What the three headers are called: the standard's name, or that of the service which many senders use for it
    (docs.svix.com, "Verifying webhooks manually"). One family must hold all three; where both are there, the standard's."""
    return (
        "webhook" if any(_values(headers, f"webhook-{name}") for name in ("id", "timestamp", "signature")) else "svix"
    )


def verify(raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> SignedId:
    """The delivery's id, when one of `secrets` signed exactly `raw` within five minutes of `now` (aware).

    Standard Webhooks v1: HMAC-SHA256 over `id.timestamp.raw`, in headers named `webhook-…` or `svix-…`. Raises
    BadSignature for everything else, and always when no secret is usable.
    """
    family = _family(headers)
    event_id = _only(headers, f"{family}-id")
    sent_at = _only(headers, f"{family}-timestamp")
    offered = _offered(_only(headers, f"{family}-signature"))
    if not _ID.fullmatch(event_id) or not _TIMESTAMP.fullmatch(sent_at):
        raise BadSignature(REFUSED)
    signed = f"{event_id}.{sent_at}.".encode() + raw
    matched = False
    for key in _keys(secrets):
        expected = hmac.new(key, signed, hashlib.sha256).digest()
        for digest in offered:
            matched |= hmac.compare_digest(expected, digest)
    if not matched or abs(now.timestamp() - int(sent_at)) > TOLERANCE_SECONDS:
        raise BadSignature(REFUSED)
    return SignedId(event_id)


def bearer(headers: Headers, secrets: Sequence[str]) -> None:
    """Returns when `Authorization: Bearer` carries one of `secrets`. Raises BadSignature, also when there is none."""
    scheme, _, token = _only(headers, "authorization").partition(" ")
    given = hashlib.sha256(token.strip().encode()).digest()
    matched = False
    for secret in secrets:
        expected = hashlib.sha256(secret.strip().encode()).digest()
        matched |= hmac.compare_digest(expected, given) and bool(secret.strip())
    if not matched or scheme.lower() != "bearer":
        raise BadSignature(REFUSED)
