"""Secrets, settings, the ledger's head and who one is."""

import json

import boto3
import pytest
from standardwebhooks import Webhook
from texting.aws import account
from texting.errors import Misconfigured
from texting.sources import signature

from tests.journeys.stories import NOON

KEPT = "quietline/connections/main"


def kept():
    """The secret of the connection `main` as it is kept."""
    return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=KEPT)["SecretString"])


def test_a_rotation_keeps_the_old_secret_good_until_it_is_ended(operator):
    """Current becomes previous, and goes only when the operator says so."""
    fresh = operator.json("connection", "secret", "main")["secret"]
    assert kept() == {"current": fresh, "previous": "whsec_b2xk", "outbound": ""}

    assert operator.json("connection", "secret", "main", "--end-rotation")["ended"] is True
    assert kept()["previous"] == ""
    assert kept()["current"] == fresh
    assert operator.json("connection", "secret", "main", "--end-rotation")["ended"] is False


def test_a_made_secret_is_one_that_our_door_takes(operator):
    """What we hand out verifies by Standard Webhooks' rules."""
    fresh = operator.json("connection", "secret", "main")["secret"]

    headers = {"webhook-id": "e-1", "webhook-timestamp": str(int(NOON.timestamp()))}
    headers["webhook-signature"] = Webhook(fresh).sign("e-1", NOON, "{}")
    assert signature.verify(b"{}", {name: [value] for name, value in headers.items()}, [fresh], NOON).event_id == "e-1"


def test_the_first_secret_of_a_connection_is_made(operator):
    """Where none is there yet, one is created."""
    boto3.client("secretsmanager").delete_secret(SecretId=KEPT, ForceDeleteWithoutRecovery=True)

    told = operator.json("connection", "secret", "main")
    assert told["rotated"] is False
    assert kept()["current"] == told["secret"]


def test_what_we_show_when_reading_back_is_typed_and_survives_rotations(operator):
    """The outbound token changes only when it is asked for, and is never printed."""
    told = operator.run("connection", "secret", "main", "--outbound", typed="token-of-theirs\n")
    assert "token-of-theirs" not in told.output
    operator.run("connection", "secret", "main")

    assert kept()["outbound"] == "token-of-theirs"


def test_a_connection_that_the_settings_do_not_name_gets_no_secret(operator):
    """A typing error does not make a secret nobody reads."""
    assert operator.run("connection", "secret", "mian").exit_code == 1


def test_a_foreign_secret_of_the_same_name_is_not_overwritten(operator):
    """What is not ours is left alone, with a sentence."""
    boto3.client("secretsmanager").put_secret_value(SecretId=KEPT, SecretString="not json")

    assert operator.run("connection", "secret", "main").exit_code == 1
    assert boto3.client("secretsmanager").get_secret_value(SecretId=KEPT)["SecretString"] == "not json"


def test_settings_check_names_line_and_remedy(operator, tmp_path):
    """A faulty file is exit code 1 with a sentence per fault; the example is fine."""
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(operator.settings.read_text().replace("per_day = 1 ", "per_dya = 1 "), encoding="utf-8")

    told = operator.run("settings", "check", str(faulty))
    assert told.exit_code == 1
    assert "faulty.toml, line" in told.output
    assert operator.run("settings", "check", str(operator.settings)).exit_code == 0


def test_settings_check_reads_the_practices_own_wordings(operator, tmp_path):
    """A wording that speaks of a treatment is refused before it is deployed."""
    worded = tmp_path / "worded.toml"
    own = '\n[templates.reminder]\nen = "{practice}: your Botox visit is {when}. Reply C to confirm. STOP to end."\n'
    worded.write_text(operator.settings.read_text() + own, encoding="utf-8")

    told = operator.json("settings", "check", str(worded))
    assert told["valid"] is False
    assert "reminder" in told["faults"][0]


def test_whoami_tells_the_id_that_the_ledger_knows(operator):
    """The id in the ledger is found from the identity, never the other way."""
    told = operator.json("whoami")
    operator.run("stop-everything", "--confirm", "STOP")

    assert operator.ledger()["sending.stopped"]["actor"] == f"operator:{told['operator']}"
    assert told["account"] == "123456789012"


def test_an_unpublished_ledger_has_an_anchor_and_no_key_yet(operator):
    """Size 0 and the root of nothing: an honest beginning."""
    told = operator.json("ledger", "head")

    assert told["anchor"].startswith("0:e3b0c442")
    assert told["vkey"] is None


def test_an_export_never_mixes_with_what_is_there(operator, tmp_path):
    """A folder with anything in it is refused before evidence is written."""
    (tmp_path / "old").write_text("x")

    assert operator.run("ledger", "export", str(tmp_path)).exit_code == 1
    assert "export.made" not in operator.ledger()


def test_no_deployment_is_a_sentence(monkeypatch, operator):
    """Where nothing is deployed the command says what to try, with exit code 1."""

    def nothing(prefix):
        raise Misconfigured("No stacks.")

    monkeypatch.setattr(account, "discover", nothing)
    told = operator.run("tasks", "list")
    assert (told.exit_code, told.output.strip()) == (1, "No stacks.")
    assert operator.json("tasks", "list") == {"error": "No stacks."}


@pytest.mark.parametrize(
    "words", [["tasks"], ["token", "new"], ["nonsense"], ["messages", "settle", "m_1", "--as", "x"]]
)
def test_a_wrong_command_line_is_exit_code_2(operator, words):
    """Usage errors are told apart from things that are not so."""
    assert operator.run(*words).exit_code == 2
