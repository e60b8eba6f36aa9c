"""Contacts come over with their opt-outs or not at all, and the report tells rows, never cells."""

import json

import pytest
from texting.values import PhoneNumber

from tests.journeys.stories import ANA, BEN

IMPORT, SHOW = "/v1/consents/import", "/v1/consents/{patient_id}"
FILE = """ref,phone,opted_out,categories,signed_at,medium
P-1,(312) 555-0142,no,appointments care,2026-10-01T09:00:00-05:00,paper
P-2,+13125550143,yes,,,
P-3,312-555-0144,,,,
P-4,12,no,,,
"""


@pytest.fixture
def api(speak):
    """A system that brings contacts over."""
    return speak("consent", "consents")


def take(api, csv, commit=True, connection="main"):
    """The answer to an import."""
    return api.post(IMPORT, {"csv": csv, "connection": connection, "commit": commit})


def number(practice, phone):
    """The number as it is stored, or None."""
    return practice.world.store.number(practice.world.ids.number_id(PhoneNumber(phone)))


def standing(api, practice, ref):
    """Where a patient's consent stands."""
    return api.get(SHOW, patient_id=practice.world.ids.patient_id("main", ref)).json["standing"]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(api, practice):
    """The default: outcomes by row number, counts, and how to do it for real."""
    said = api.post(IMPORT, {"csv": FILE, "connection": "main"}).json

    assert said["commit"] is False
    assert [(one["row"], one["outcome"]) for one in said["report"]] == [
        (2, "consented"), (3, "opted_out"), (4, "contact"), (5, "refused"),
    ]  # fmt: skip
    assert "Nothing was changed" in said["next"]
    assert number(practice, ANA) is None


def test_for_real_opt_outs_stop_numbers_and_evidence_grants(api, practice, ledger):
    """The opted-out are stopped, the signed are granted with their evidence, the rest are contacts and nothing more."""
    said = take(api, FILE).json

    assert said["counts"] == {"consented": 1, "opted_out": 1, "contact": 1, "refused": 1}
    assert number(practice, BEN).stopped
    assert standing(api, practice, "P-1")["care"] == "granted"
    assert set(standing(api, practice, "P-3").values()) == {"never"}
    assert [entry.facts["channel"] for entry in ledger("number.stopped")] == ["import"]


def test_the_same_file_twice_changes_nothing_more(api, practice, ledger):
    """Resumed after a fault, sent again by mistake: what stands is left alone."""
    take(api, FILE)
    before = (ledger("number.stopped"), ledger("consent.granted"), number(practice, BEN))

    take(api, FILE)

    assert (ledger("number.stopped"), ledger("consent.granted"), number(practice, BEN)) == before


def test_a_file_never_overrules_what_a_patient_said(api, practice):
    """Revoked by text last week, granted in an old file: it stays revoked."""
    practice.consents("P-1", ANA)
    practice.texts("STOP")

    assert take(api, FILE).json["report"][0]["outcome"] == "contact"
    assert standing(api, practice, "P-1")["care"] == "revoked"
    assert number(practice, ANA).stopped


def test_an_opt_out_counts_for_everybody_on_the_phone(api, practice):
    """One row says out, another row of the same phone says consented: the number is stopped."""
    take(api, FILE.replace("+13125550143", "312.555.0142"))

    assert number(practice, ANA).stopped


def test_csv_as_it_is_and_in_base64(api, practice):
    """text/csv with the rest in the query, as a spreadsheet's upload sends it, byte order mark and all."""
    query, kind = {"connection": "main", "commit": "true"}, {"Content-Type": "text/csv; charset=utf-8"}

    said = api.call("POST", IMPORT, None, "\ufeff" + FILE, kind, query, base64_body=True)

    assert (said.status, said.json["commit"]) == (200, True)
    assert number(practice, BEN).stopped


@pytest.mark.parametrize(
    "header",
    [
        "Patient ID;Mobile Phone;Unsubscribed",
        "external_id;Cell;Opt-Out",
        "MRN;Teléfono;Baja",
        "id\tSMS Number\tDo Not Text",
    ],
)
def test_headings_as_other_systems_write_them(api, header):
    """Aliases, accents, semicolons and tabs."""
    cut = "\t" if "\t" in header else ";"
    said = take(api, f"{header}\nP-1{cut}{ANA}{cut}Yes\n", commit=False)

    assert [one["outcome"] for one in said.json["report"]] == ["opted_out"]


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("ref,phone\nP-1,+13125550142\n", "who opted out"),
        ("", "empty"),
        ("ref,opted_out\nP-1,no\n", "phone numbers"),
        ("phone,opted_out\n+13125550142,no\n", "patient ids"),
        ("ref,phone,mobile,opted_out\nP-1,1,2,no\n", "Two columns"),
        ('ref,phone,opted_out\n"P-1,+1,no', "not CSV"),
        ("ref,phone,opted_out\n" + "P-1,+13125550142,no\n" * 501, "more than 500 rows"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_whole(api, csv, said):
    """422 names csv and what to do; contacts without their opt-outs are never taken."""
    reply = take(api, csv)

    assert (reply.status, reply.json["field"]) == (422, "csv")
    assert said in reply.json["error"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P-1,,no,,,", "no phone number"),
        (",+13125550142,no,,,", "patient id"),
        ("P-1,+13125550142,perhaps,,,", "yes nor no"),
        ("P-1,+13125550142", "fewer cells"),
        ("=HYPERLINK(1),+13125550142,no,,,", "formula"),
        ("@SUM(1),+13125550142,no,,,", "formula"),
        ("-2+3,+13125550142,no,,,", "formula"),
        ("P-1,=+13125550142,no,,,", "formula"),
        ("P-1,+13125550142,no,care,,", "evidence"),
        ("P-1,+13125550142,no,care,2099-01-01T00:00:00Z,paper", "evidence"),
        ("P-1,+13125550142,no,gossip,2026-01-01,paper", "category"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_nothing_else(api, row, said):
    """By its number, with a reason; what stood in it is not repeated."""
    reply = take(api, FILE.split("\n")[0] + "\n" + row + "\n")

    [line] = reply.json["report"]
    assert (line["row"], line["outcome"]) == (2, "refused")
    assert said in line["reason"]
    assert not any(mark in reply.text for mark in ("P-1", "3125550142", "HYPERLINK", "perhaps", "gossip"))


def test_a_file_in_which_nobody_opted_out_is_wondered_at(api):
    """An opt-out column that is empty throughout may be a wrong export."""
    assert "Nobody" in take(api, f"ref,phone,opted_out\nP-1,{ANA},no\n", commit=False).json["warning"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 422),
        (json.dumps({"csv": 3, "connection": "main"}), 422),
        (json.dumps({"csv": FILE}), 422),
        (json.dumps({"csv": FILE, "connection": "nobody"}), 422),
        (json.dumps({"csv": "x" * 300_000, "connection": "main"}), 413),
        ("x" * 600_000, 413),
    ],
)
def test_a_request_that_is_none(api, body, status):
    """No file, no connection, too many bytes."""
    assert api.call("POST", IMPORT, body=body).status == status


def test_only_the_word_true_commits(api, practice):
    """ "commit": "yes" is a dry run: nothing is written by mistake."""
    api.post(IMPORT, {"csv": FILE, "connection": "main", "commit": "yes"})

    assert number(practice, BEN) is None


def test_no_row_reaches_logs_or_ledger(api, capsys, ledger):
    """P9: five hundred patients' numbers pass through, and none stays outside its sealed place."""
    take(api, FILE)

    printed = capsys.readouterr()
    told = json.dumps([[one.subject, one.actor, dict(one.facts)] for kind in set(ledger()) for one in ledger(kind)])
    for mark in ("P-1", "P-2", "3125550142", "3125550143"):
        assert mark not in printed.out + printed.err + told
