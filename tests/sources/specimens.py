"""Payloads that the tests of the scheduling sources share, and the way to the published samples."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2026, 12, 1, 17, 4, 10, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, tested").decode()
OTHER = "whsec_" + base64.b64encode(b"quite another key, same long way").decode()
SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


def sample(name: str) -> bytes:
    """A published sample, or a skip where the folder of samples was not checked out beside the repository."""
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"published sample {name} is not beside this repository; fetch shared/samples to run this")
    return path.read_bytes()


def booked(**data: Any) -> dict[str, Any]:
    """The generic event of the documentation, with some fields of `data` replaced (or left out with ...)."""
    visit: dict[str, Any] = {
        "appointment_id": "A-1001",
        "version": 1,
        "status": "booked",
        "start": "2026-12-04T15:00:00-06:00",
        "time_zone": "America/Chicago",
        "duration_minutes": 45,
        "patient": {
            "ref": "P-77",
            "given_name": "Ana",
            "family_name": "Ruiz",
            "phone": "+13125550142",
            "birth_date": "1990-05-17",
            "language": "es",
            "state": "IL",
            "deceased": False,
        },
        "location": {"id": "main"},
        "provider": {"name": "Dr. Lee"},
        "service": {"name": "Glow facial"},
        "cancel_reason": None,
    }
    visit |= data
    kept = {key: value for key, value in visit.items() if value is not ...}
    return {"type": "appointment.booked", "timestamp": "2026-12-01T17:04:05Z", "data": kept}


def raw(event: Any) -> bytes:
    """An event as a sender would write it."""
    return json.dumps(event).encode()


def signed(body: bytes, event_id: str = "msg_1", at: str | None = None, secret: str = SECRET) -> dict[str, str]:
    """Standard Webhooks headers, made here without the code under test."""
    stamp = str(int(NOW.timestamp())) if at is None else at
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
