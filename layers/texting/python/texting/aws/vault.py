"""Sealing: AES-256-GCM under a data key per owner and year, wrapped by KMS under an opaque context.

An owner is a patient_id (or a number_id, where nobody knows whose number it is). Destroying the wrapped key is the
disposal of everything sealed with it. Year 0 is the owner's identity, which lives as long as the owner does.
"""

import secrets
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from texting.aws.clients import client
from texting.errors import Bug, Unavailable, Unknown
from texting.values import Sealed


@dataclass
class Vault:
    """Opens and seals. Unwrapped keys stay in memory as long as the process does."""

    table: str
    kms_key: str
    keys: dict[tuple[str, int], bytes] = field(default_factory=dict, repr=False)

    def seal(self, owner: str, year: int, place: str, plain: bytes) -> Sealed:
        """Seal `plain`, bound to `place` (table, key and field), so that it cannot be moved elsewhere."""
        nonce = secrets.token_bytes(12)
        return Sealed(owner, year, nonce, AESGCM(self.key(owner, year)).encrypt(nonce, plain, place.encode()))

    def open(self, sealed: Sealed, place: str) -> bytes:
        """The plain bytes. Raises Unknown when the key was destroyed, Bug when they are not the bytes sealed there."""
        key = self._existing(sealed.owner, sealed.year)
        try:
            return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, place.encode())
        except InvalidTag:
            raise Bug("A sealed value was changed or moved since it was sealed.") from None

    def key(self, owner: str, year: int) -> bytes:
        """The unwrapped key of `owner` for `year`, made on first use. Raises Unavailable."""
        if (owner, year) not in self.keys:
            self.keys[owner, year] = self._fetch(owner, year) or self._make(owner, year)
        return self.keys[owner, year]

    def _existing(self, owner: str, year: int) -> bytes:
        if (owner, year) not in self.keys:
            found = self._fetch(owner, year)
            if not found:
                raise Unknown("The key of this record was destroyed; what it sealed can no longer be read.")
            self.keys[owner, year] = found
        return self.keys[owner, year]

    def _fetch(self, owner: str, year: int) -> bytes:
        try:
            found = client("dynamodb").get_item(
                TableName=self.table, Key={"pk": {"S": owner}, "sk": {"S": str(year)}}, ConsistentRead=True
            )
            if "Item" not in found:
                return b""
            opened = client("kms").decrypt(
                CiphertextBlob=found["Item"]["wrapped"]["B"],
                KeyId=self.kms_key,
                EncryptionContext=self._context(owner, year),
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A data key could not be read.") from fault
        return bytes(opened["Plaintext"])

    def _make(self, owner: str, year: int) -> bytes:
        try:
            made = client("kms").generate_data_key(
                KeyId=self.kms_key, KeySpec="AES_256", EncryptionContext=self._context(owner, year)
            )
            client("dynamodb").put_item(
                TableName=self.table,
                Item={"pk": {"S": owner}, "sk": {"S": str(year)}, "wrapped": {"B": made["CiphertextBlob"]}},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            return self._fetch(owner, year)
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A data key could not be made.") from fault
        return bytes(made["Plaintext"])

    @staticmethod
    def _context(owner: str, year: int) -> dict[str, str]:
        return {"owner": owner, "year": str(year)}
