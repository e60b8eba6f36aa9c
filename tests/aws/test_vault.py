"""The vault: what is sealed opens only where it was sealed, with a key that can be destroyed."""

import dataclasses

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texting.aws.vault import Vault
from texting.errors import Bug, Unavailable, Unknown

PLACE = "M#m_1|MESSAGE|body"


def fresh(vault):
    """The same vault in another process: no key in memory."""
    return Vault(vault.table, vault.kms_key)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(plain=st.binary(max_size=2000), year=st.integers(2026, 2027), place=st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(vault, plain, year, place):
    """Any bytes, at any place, for any year come back as they were."""
    assert vault.open(vault.seal("p_1", year, place, plain), place) == plain


def test_another_process_opens_it_too(vault):
    """The key is kept wrapped, not only in memory."""
    sealed = vault.seal("p_1", 2026, PLACE, b"Ana")

    assert fresh(vault).open(sealed, PLACE) == b"Ana"


def test_sealing_twice_gives_other_bytes(vault):
    """Equal words cannot be told by equal ciphertexts."""
    one, other = (vault.seal("p_1", 2026, PLACE, b"Ana") for _ in range(2))

    assert one.ciphertext != other.ciphertext
    assert one.nonce != other.nonce


MOVED = {
    "another place": ({}, "M#m_2|MESSAGE|body"),
    "another field": ({}, "M#m_1|MESSAGE|fields"),
    "no place": ({}, ""),
    "another owner": ({"owner": "p_2"}, PLACE),
    "another year": ({"year": 2027}, PLACE),
    "another nonce": ({"nonce": bytes(12)}, PLACE),
    "one bit": ({"ciphertext": None}, PLACE),
}


@pytest.mark.parametrize("change", MOVED)
def test_what_was_moved_or_changed_does_not_open(vault, change):
    """A value put under another key, field, owner or year is a promise about to be broken, and stops everything."""
    sealed = vault.seal("p_1", 2026, PLACE, b"Ana")
    vault.key("p_2", 2026)
    vault.key("p_1", 2027)
    fields, place = MOVED[change]
    if "ciphertext" in fields:
        fields = {"ciphertext": bytes([sealed.ciphertext[0] ^ 1]) + sealed.ciphertext[1:]}

    with pytest.raises(Bug, match="changed or moved"):
        vault.open(dataclasses.replace(sealed, **fields), place)


def test_a_destroyed_key_is_the_end_of_what_it_sealed(vault, raw):
    """Without its wrapped key nothing of that owner and year can be read again, and opening makes no new key."""
    sealed, kept = vault.seal("p_1", 2026, PLACE, b"Ana"), vault.seal("p_1", 2027, PLACE, b"Ruiz")
    raw.delete_item(TableName="keys", Key={"pk": {"S": "p_1"}, "sk": {"S": "2026"}})

    with pytest.raises(Unknown, match="was destroyed"):
        fresh(vault).open(sealed, PLACE)
    assert fresh(vault).open(kept, PLACE) == b"Ruiz"
    assert raw.scan(TableName="keys")["Count"] == 1


def test_keys_lie_wrapped_under_opaque_names(vault, raw):
    """The table holds the owner's id, the year and KMS's ciphertext; the data key itself is nowhere in it."""
    vault.seal("p_1", 2026, PLACE, b"Ana")

    [item] = raw.scan(TableName="keys")["Items"]
    assert set(item) == {"pk", "sk", "wrapped"}
    assert (item["pk"]["S"], item["sk"]["S"]) == ("p_1", "2026")
    assert vault.key("p_1", 2026) not in item["wrapped"]["B"]
    assert len(vault.key("p_1", 2026)) == 32


def test_a_wrapped_key_put_under_another_name_does_not_unwrap(vault, raw):
    """KMS holds it to the context it was made for."""
    vault.key("p_1", 2026)
    [item] = raw.scan(TableName="keys")["Items"]
    raw.put_item(TableName="keys", Item=item | {"pk": {"S": "p_9"}})

    with pytest.raises(Unavailable) as refused:
        fresh(vault).key("p_9", 2026)
    assert "p_9" not in str(refused.value)


def test_two_processes_that_make_the_same_key_end_with_one(vault, monkeypatch):
    """The second to write takes the first one's key, so that what both sealed opens for both."""
    first, second = fresh(vault), fresh(vault)
    looked = []
    fetch = Vault._fetch

    def late(self, owner, year):
        found = fetch(self, owner, year)
        if self is second and not looked:
            looked.append(True)
            first.key(owner, year)
        return found

    monkeypatch.setattr(Vault, "_fetch", late)

    assert second.key("p_1", 2026) == first.key("p_1", 2026)


def test_keys_are_unwrapped_once_per_process(vault, monkeypatch):
    """KMS is asked for a key the first time, and never again."""
    asked = []
    fetch = Vault._fetch
    monkeypatch.setattr(Vault, "_fetch", lambda self, owner, year: asked.append(owner) or fetch(self, owner, year))
    process = fresh(vault)

    for _ in range(5):
        process.seal("p_1", 2026, PLACE, b"x")
    assert asked == ["p_1"]


@pytest.mark.parametrize("service", ["kms", "dynamodb"])
def test_a_key_that_cannot_be_had_is_a_reason_to_try_again(vault, service, monkeypatch):
    """An outage of KMS or of the table is ours, told without what AWS said."""
    from texting.aws import vault as room

    real = room.client

    class Down:
        exceptions = real("dynamodb").exceptions

        def __getattr__(self, name):
            def refuse(**given):
                raise ClientError({"Error": {"Code": "InternalError", "Message": "+13125550142"}}, name)

            return refuse

    monkeypatch.setattr(room, "client", lambda name: Down() if name == service else real(name))

    with pytest.raises(Unavailable) as refused:
        fresh(vault).key("p_5", 2026)
    assert "5550142" not in str(refused.value)


def test_a_vault_prints_without_its_keys(vault):
    """Keys in memory stay there."""
    key = vault.key("p_1", 2026)

    assert repr(key) not in repr(vault)
    assert "keys=" not in repr(vault)


def test_the_key_of_another_account_is_no_use(vault):
    """What one KMS key wrapped, another does not unwrap."""
    vault.key("p_1", 2026)
    other = boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["Arn"]

    with pytest.raises(Unavailable):
        Vault("keys", other).key("p_1", 2026)
