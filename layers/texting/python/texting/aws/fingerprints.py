"""Opaque ids: keyed hashes of what must never stand in a key, a log or a URL.

One HMAC-SHA-256 key, wrapped by KMS, unwrapped once per process and never rotated (rotation would lose every number's
STOP). It lives in the keys table as `HMAC`, year 0, beside the data keys.
"""

import hashlib
import hmac
from dataclasses import dataclass

from texting.aws.vault import Vault
from texting.values import Hidden, PhoneNumber

OWNER = "HMAC"


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Makes the same id of the same thing for ever, and nothing that can be turned back without the key."""

    vault: Vault

    def _of(self, kind: str, *parts: str) -> str:
        key = self.vault.key(OWNER, 0)
        told = "\x1f".join((kind, *parts)).encode()
        return hmac.new(key, told, hashlib.sha256).hexdigest()

    def number_id(self, phone: PhoneNumber) -> str:
        """The id of a number, from its E.164 form."""
        return "n_" + self._of("number", phone.reveal())[:32]

    def patient_id(self, source: str, ref: str) -> str:
        """The id of a patient, from the connection and the source's own id."""
        return "p_" + self._of("patient", source, ref)[:32]

    def appointment_id(self, source: str, source_id: str) -> str:
        """The id of an appointment, from the connection and the source's own id."""
        return "a_" + self._of("appointment", source, source_id)[:32]

    def thread_id(self, patient_id: str | None, number_id: str) -> str:
        """The id of the thread of one patient on one number; without a patient, of the number alone."""
        return "t_" + self._of("thread", patient_id or "", number_id)[:32]

    def event_id(self, source: str, event_id: str) -> str:
        """The id under which an event is remembered."""
        return "e_" + self._of("event", source, event_id)[:32]

    def inbound_id(self, carrier_inbound_id: str) -> str:
        """The id of a patient's text, from the carrier's id of it."""
        return "i_" + self._of("inbound", carrier_inbound_id)[:32]

    def proof(self, *parts: str) -> str:
        """A keyed digest by which we know later that we made something ourselves: a portal's session, a passcode."""
        return self._of("proof", *parts)

    def digest(self, words: Hidden | str) -> str:
        """A keyed digest of words, for the ledger: 64 hexadecimal digits."""
        return self._of("digest", words.reveal() if isinstance(words, Hidden) else words)
