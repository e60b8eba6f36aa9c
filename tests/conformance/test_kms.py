"""KMS as we rely on it: contexts bind, dead keys stay dead, signatures are anybody's to check.

Source: KMS Developer Guide ("Encryption context", "Key states", "Key spec reference", "Offline verification") and the
API reference of the operations named.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.conformance.conftest import Cloud, differs

CONTEXT = {"owner": "patient-7"}
ED25519 = {"MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}


def wrapped(cloud: Cloud, key: str) -> dict[str, Any]:
    return dict(cloud.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT))


def test_a_data_key_opens_with_its_own_context(cloud: Cloud) -> None:
    """What was wrapped comes back, with the ARN of the key that opened it."""
    kms, key = cloud.client("kms"), cloud.key()
    made = wrapped(cloud, key)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert (opened["Plaintext"], len(opened["Plaintext"])) == (made["Plaintext"], 32)
    assert opened["KeyId"].endswith(key)


@pytest.mark.parametrize("context", [{}, {"owner": "patient-8"}, CONTEXT | {"more": "x"}, {"Owner": "patient-7"}])
def test_any_other_context_is_refused(cloud: Cloud, context: dict[str, str]) -> None:
    """One patient's key cannot be opened as another's."""
    kms = cloud.client("kms")
    made = wrapped(cloud, cloud.key())
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)


@differs(ministack="does not authenticate what it encrypts, and returns a changed plaintext")
def test_a_changed_ciphertext_is_refused(cloud: Cloud) -> None:
    """A flipped bit opens nothing."""
    kms = cloud.client("kms")
    blob = bytearray(wrapped(cloud, cloud.key())["CiphertextBlob"])
    blob[-1] ^= 1
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=bytes(blob), EncryptionContext=CONTEXT)


@differs(moto="says AccessDeniedException", ministack="unwraps rubbish with the key that was named")
def test_the_key_that_is_named_must_be_the_one_that_wrapped(cloud: Cloud) -> None:
    """Naming the key we mean is a check of its own."""
    kms = cloud.client("kms")
    made, other = wrapped(cloud, cloud.key()), cloud.key()
    with pytest.raises(kms.exceptions.IncorrectKeyException):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT, KeyId=other)


@differs(moto="goes on decrypting with it")
def test_a_disabled_key_opens_nothing(cloud: Cloud) -> None:
    """Disabling the practice's key stops every reader."""
    kms, key = cloud.client("kms"), cloud.key()
    made = wrapped(cloud, key)
    kms.disable_key(KeyId=key)
    with pytest.raises(kms.exceptions.DisabledException):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)


@differs(moto="goes on decrypting with it")
def test_a_key_waiting_for_its_deletion_opens_nothing(cloud: Cloud) -> None:
    """The waiting period is for changing one's mind, not for reading."""
    kms = cloud.client("kms")
    key = str(kms.create_key()["KeyMetadata"]["KeyId"])
    made = wrapped(cloud, key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)


@differs(ministack="encrypts it")
def test_no_more_than_4096_bytes_are_encrypted_directly(cloud: Cloud) -> None:
    """Anything longer goes under a data key."""
    kms, key = cloud.client("kms"), cloud.key()
    with pytest.raises(ClientError) as caught:
        kms.encrypt(KeyId=key, Plaintext=b"x" * 4097)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@differs(moto="does not know the key spec")
def test_an_ed25519_signature_verifies_offline(cloud: Cloud) -> None:
    """A checkpoint's signature is 64 plain bytes that anyone with the public key can check."""
    kms = cloud.client("kms")
    key = cloud.key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    signature = kms.sign(KeyId=key, Message=b"checkpoint", **ED25519)["Signature"]
    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    public.verify(signature, b"checkpoint")
    assert len(signature) == 64
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"another checkpoint")


@differs(moto="does not know the key spec")
def test_ed25519_is_deterministic(cloud: Cloud) -> None:
    """Signing the same checkpoint again gives the same bytes, so that publishing can be repeated."""
    kms = cloud.client("kms")
    key = cloud.key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    signatures = {kms.sign(KeyId=key, Message=b"checkpoint", **ED25519)["Signature"] for _ in range(3)}
    assert len(signatures) == 1


@differs(moto="does not know the key spec")
def test_a_wrong_signature_is_an_error_not_an_answer(cloud: Cloud) -> None:
    """Verify raises; nobody can forget to look at a boolean."""
    kms = cloud.client("kms")
    key = cloud.key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    signature = kms.sign(KeyId=key, Message=b"checkpoint", **ED25519)["Signature"]
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(KeyId=key, Message=b"another", Signature=signature, **ED25519)


def test_a_keyed_hash_is_the_same_every_time_and_another_under_another_key(cloud: Cloud) -> None:
    """HMAC keys in KMS give stable pseudonyms."""
    kms, wanted = cloud.client("kms"), {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
    keys = [cloud.key(**wanted), cloud.key(**wanted)]
    macs = [kms.generate_mac(KeyId=key, Message=b"n", MacAlgorithm="HMAC_SHA_256")["Mac"] for key in [*keys, keys[0]]]
    assert (macs[0] == macs[2], macs[0] == macs[1], len(macs[0])) == (True, False, 32)


def test_an_alias_names_a_key(cloud: Cloud) -> None:
    """A key can be called by the name it was given."""
    kms, key, alias = cloud.client("kms"), cloud.key(), f"alias/{cloud.unique('alias')}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    cloud.afterwards(lambda: kms.delete_alias(AliasName=alias))
    made = wrapped(cloud, alias)
    assert made["KeyId"].endswith(key)
