"""The main story: from a booking to a verified ledger, with a patient who confirms, one who stops, and a guard that
guards.
"""

import re
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from box.scenarios.people import ANA, BEN, CARMEN, CLINICAL, SERVICE
from box.scenarios.player import CHICAGO, Box, Person, Story, Telling, local, quoted

VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "verify.py"


def tell(box: Box, telling: Telling) -> None:
    """Play it."""
    ana, ben, carmen = (box.cast(person) for person in (ANA, BEN, CARMEN))
    visit = box.day(6, 15)
    agree(box, telling, ana, ben, carmen)
    book_through_the_signed_door(box, telling, ana, visit)
    book_through_fhir(box, telling, carmen, visit)
    stop_means_stop(box, telling, ben, visit)
    remind_and_confirm(box, telling, ana, visit)
    keep_clinical_words_in(box, telling, carmen)
    verify_the_ledger(box, telling)
    search_the_sinks(box, telling, ana, ben, carmen)


def agree(box: Box, telling: Telling, *people: Person) -> None:
    """Three patients sign the consent form."""
    for person in people:
        connection = "ehr" if person.family == CARMEN.family else "main"
        answer = box.consent(person, connection=connection)
        telling.expect(answer.status_code == 201, f"consent answered {answer.status_code}: {answer.text}")
        standing = answer.json()["standing"]
        telling.expect(standing["appointments"] == "granted", f"{person.given}'s consent did not take")
    names = ", ".join(person.given for person in people)
    telling.step(f"{names} sign the consent form at the front desk", "POST /v1/consents → 201, appointments: granted")


def book_through_the_signed_door(box: Box, telling: Telling, ana: Person, start: datetime) -> None:
    """A webhook books Ana's visit; a forged one and a repeated one do nothing."""
    appointment = box.appointment("A-1001")
    told, event = box.visit("booked", appointment, ana, start), f"msg_{appointment}"
    answer = box.webhook(told, event_id=event)
    telling.expect(answer.status_code == 202 and answer.json()["accepted"], f"the door answered {answer.text}")
    again = box.webhook(told, event_id=event)
    telling.expect(again.json().get("duplicate"), "the door did not know the event again")
    forged = box.http.post("/v1/scheduling/main", json=told, headers={"webhook-id": "x", "webhook-signature": "v1,x"})
    telling.expect(forged.status_code == 401, f"a forged event was answered {forged.status_code}")
    box.settle()
    texts = box.phone(ana)
    telling.expect(len(texts) == 1, f"Ana has {len(texts)} texts after booking, not one")
    quiet(telling, ana, texts)
    telling.step(
        f"{ana.given}'s scheduling system books {local(start)} through the signed door",
        f"202 {answer.text}", "the same event again: a duplicate", "a forged signature: 401", *quoted(texts),
    )  # fmt: skip


def book_through_fhir(box: Box, telling: Telling, carmen: Person, start: datetime) -> None:
    """A FHIR R4 Appointment books Carmen's visit."""
    answer = box.fhir(fhir_bundle(box, carmen, start + timedelta(hours=1)))
    telling.expect(answer.status_code == 202 and answer.json()["accepted"], f"FHIR answered {answer.text}")
    box.settle()
    texts = box.phone(carmen)
    telling.expect(len(texts) == 1, f"Carmen has {len(texts)} texts after her FHIR booking, not one")
    quiet(telling, carmen, texts)
    telling.step(f"{carmen.given}'s record system sends a FHIR R4 Appointment", f"202 {answer.text}", *quoted(texts))


def fhir_bundle(box: Box, person: Person, start: datetime) -> dict[str, Any]:
    """An Appointment with its Patient, as an R4 Bundle."""
    appointment = box.appointment("fhir-1").lower()
    patient = {
        "resourceType": "Patient", "id": person.ref, "birthDate": person.born,
        "name": [{"family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "use": "mobile", "value": person.phone}],
        "address": [{"state": person.state}],
    }  # fmt: skip
    booked = {
        "resourceType": "Appointment", "id": appointment, "status": "booked", "start": start.isoformat(),
        "end": (start + timedelta(minutes=30)).isoformat(), "serviceType": [{"text": SERVICE}],
        "meta": {"versionId": "1", "lastUpdated": box.now().isoformat()},
        "participant": [{"actor": {"reference": f"Patient/{person.ref}"}, "status": "accepted"}],
    }  # fmt: skip
    entries = [{"resource": booked}, {"resource": patient}]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def stop_means_stop(box: Box, telling: Telling, ben: Person, start: datetime) -> None:
    """Ben books, then texts STOP: one confirmation, and from then on every text is refused with its reason."""
    appointment = box.appointment("A-1002")
    box.webhook(box.visit("booked", appointment, ben, start))
    box.settle()
    before = len(box.phone(ben))
    telling.expect(before == 1, f"Ben has {before} texts after booking, not one")
    box.text(ben, "stop texting me please")
    after = box.phone(ben)
    telling.expect(len(after) == before + 1, "STOP was not answered with exactly one confirmation")
    box.go_to((start - timedelta(days=3)).astimezone(CHICAGO).replace(hour=10, minute=1))
    telling.expect(len(box.phone(ben)) == before + 1, "a text followed the STOP confirmation")
    reminder = next(message for message in box.messages(appointment) if message["slot"] == "d3")
    newest = reminder["verdicts"][-1] if reminder["verdicts"] else {}
    telling.expect(reminder["state"] == "refused", f"Ben's reminder is {reminder['state']}, not refused")
    telling.expect(newest.get("reason") == "stopped", f"Ben's reminder was refused for {newest.get('reason')}")
    telling.step(
        f"{ben.given} texts “stop texting me please”", "one confirmation, then silence", *quoted(after[-1:]),
        f"why did {ben.given} get no reminder? {newest['sentence']}",
    )  # fmt: skip


def remind_and_confirm(box: Box, telling: Telling, ana: Person, start: datetime) -> None:
    """Three days before, at ten in the morning where Ana lives, a reminder; she confirms, and it stays quiet."""
    texts = box.phone(ana)
    telling.expect(len(texts) == 2, f"Ana has {len(texts)} texts three days before, not two")
    at = datetime.fromisoformat(texts[-1]["at"]).astimezone(CHICAGO)
    right = (start.astimezone(CHICAGO) - timedelta(days=3)).replace(hour=10, minute=0)
    telling.expect(abs(at - right) < timedelta(minutes=1), f"Ana's reminder came at {local(at)}")
    quiet(telling, ana, texts)
    telling.step("Three days before, at 10:00 where she lives, a reminder asks her to confirm", *quoted(texts[-1:]))
    box.text(ana, "Sí, ahí estaré 👍")
    heard = box.get("/box/inbound")["inbound"][-1]
    telling.expect(heard["intent"] == "confirm", f"Ana's answer was read as {heard['intent']}")
    answered = box.phone(ana)
    box.go_to(start - timedelta(hours=1))
    telling.expect(len(box.phone(ana)) == len(answered), "Ana was reminded again although she had confirmed")
    telling.step(
        f"{ana.given} answers “Sí, ahí estaré 👍”",
        f"read as: {heard['intent']}; {heard['outcome']}", *quoted(answered[2:]),
        "the day before: nothing more was sent",
    )  # fmt: skip


def keep_clinical_words_in(box: Box, telling: Telling, carmen: Person) -> None:
    """Staff type a result; the guard refuses the text, and the secure message reaches her without a clinical word."""
    thread = box.thread(carmen)["thread_id"]
    refused = box.api("POST", f"/v1/threads/{thread}/texts", {"body": CLINICAL, "author": "front-desk-1"})
    telling.expect(refused.status_code == 422, f"clinical words were answered {refused.status_code}: {refused.text}")
    telling.expect(refused.json().get("secure_offer"), "no secure message was offered in their place")
    before = len(box.phone(carmen))
    sent = box.api("POST", f"/v1/threads/{thread}/secure", {"body": CLINICAL, "author": "front-desk-1"})
    telling.expect(sent.status_code in (201, 202), f"the secure message was answered {sent.status_code}: {sent.text}")
    box.settle()
    notices = box.phone(carmen)[before:]
    telling.expect(len(notices) == 1, f"{len(notices)} notices announced the secure message, not one")
    quiet(telling, carmen, notices, "biopsy", "melanoma", "results")
    read = open_link(box, telling, carmen, notices[0]["body"])
    telling.expect("melanoma" in read.text, "behind the link, with her birth date, the message cannot be read")
    telling.step(
        "Staff type a test result; the guard does not let it out as a text",
        f"422 {', '.join(refused.json()['refused'])}", "sent behind a link instead:", *quoted(notices),
        "opened with her birth date, the message is there; GET alone shows nothing",
    )  # fmt: skip


def open_link(box: Box, telling: Telling, person: Person, notice: str) -> httpx.Response:
    """Open the link of a notice as the patient would."""
    found = re.search(r"https?://\S+(/m/[\w-]+)", notice)
    telling.expect(found, "the notice carries no link")
    assert found
    inert = box.http.get(found[1])
    telling.expect("melanoma" not in inert.text, "the link shows the message without asking who is there")
    wrong = box.http.post(found[1], data={"birth_date": "1901-01-01"})
    telling.expect("melanoma" not in wrong.text, "the link opened with a wrong birth date")
    return box.http.post(found[1], data={"birth_date": person.born})


def verify_the_ledger(box: Box, telling: Telling) -> None:
    """Export the ledger and have the independent verifier read it; then flip one byte."""
    box.pass_time(minutes=2)
    with tempfile.TemporaryDirectory(prefix="quietline-ledger-") as scratch:
        head = box.post("/box/ledger/export", {"to": f"{scratch}/ledger"})
        telling.expect(head["size"] > 0, "the ledger is empty")
        command = [sys.executable, str(VERIFIER), f"{scratch}/ledger", "--vkey", head["vkey"],
                   "--anchor", f"{head['size']}:{head['root']}"]  # fmt: skip
        good = subprocess.run(command, capture_output=True, text=True, check=False)
        telling.expect(good.returncode == 0, f"the verifier says no: {good.stdout}{good.stderr}")
        victim = next(path for path in sorted(Path(scratch).rglob("tile/entries/**/*")) if path.is_file())
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
        bad = subprocess.run(command, capture_output=True, text=True, check=False)
        telling.expect(bad.returncode == 1, "the verifier did not notice a flipped bit")
    telling.step(
        "The ledger is exported and read by a verifier that shares no code with us",
        f"{head['size']} entries, root {head['root']}", *good.stdout.strip().splitlines()[-2:],
        "with one bit flipped:", *(bad.stdout + bad.stderr).strip().splitlines()[:2],
    )  # fmt: skip


def search_the_sinks(box: Box, telling: Telling, *people: Person) -> None:
    """Search everything that is logged, measured, named or keyed for these patients."""
    sinks = box.get("/box/sinks")
    marks = [mark for person in people for mark in (person.family, person.phone[2:], person.born)]
    found = search(sinks, [*marks, SERVICE, "melanoma", "biopsy"])
    telling.expect(not found, f"a patient is named in {', '.join(found)}")
    telling.step(
        "Every sink is searched for the patients", f"{len(sinks)} sinks, {size(sinks)} characters, no mark found"
    )


def search(sinks: dict[str, Any], marks: list[str]) -> list[str]:
    """The sinks in which a mark was found, with the mark's place in the list and not the mark."""
    said = {sink: str(told).lower() for sink, told in sinks.items()}  # once: a load has a thousand marks to look for
    return [
        f"{sink} (mark {at})" for sink, text in said.items() for at, mark in enumerate(marks) if mark.lower() in text
    ]


def size(sinks: dict[str, Any]) -> int:
    """How much was searched."""
    return sum(len(str(told)) for told in sinks.values())


def quiet(telling: Telling, person: Person, texts: list[dict[str, Any]], *words: str) -> None:
    """No text may name the patient or what the visit is for."""
    for text in texts:
        for word in (person.family, person.born, SERVICE, *words):
            telling.expect(word.lower() not in text["body"].lower(), "a text says more than it may")


MAIN = Story(
    "From a booking to a verified ledger: confirm, STOP, the guard, the verifier, the search of every sink", tell
)
