"""Incidents of words, links and evidence, played on a box: C14, C18, C23, C25, C33–C35, C38 and C39."""

import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from box.scenarios.incidents_stage import booked, from_area, incident, silent
from box.scenarios.main import VERIFIER, search
from box.scenarios.people import ANA, BEN, CARMEN, DAVID, SERVICE
from box.scenarios.player import Box, Person, Telling, quoted

PREVIEWS = (
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0", "WhatsApp/2.24", "Slackbot-LinkExpanding 1.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1)", "Microsoft Office/16.0 SafeLinks",
)  # fmt: skip
WORDS = "Your biopsy results are back and they show melanoma"


def cut_tail(box: Box, telling: Telling) -> None:
    """C14: the newest entries are cut off the ledger, and what is left is sound in itself."""
    box.pass_time(minutes=2)
    with tempfile.TemporaryDirectory(prefix="quietline-ledger-") as scratch:
        box.post("/box/ledger/export", {"to": f"{scratch}/short"})
        booked(box, telling, ANA)
        box.pass_time(minutes=2)
        head = box.post("/box/ledger/export", {"to": f"{scratch}/whole"})
        (Path(scratch) / "empty").mkdir()
        ends = {name: verified(Path(scratch) / name, head) for name in ("whole", "short", "empty")}
    telling.expect(ends["whole"] == 0, "the whole ledger is not accepted")
    telling.expect(ends["short"] == 1, "a ledger without its tail is accepted")
    telling.expect(ends["empty"] == 1, "an empty ledger is accepted")
    telling.step(f"A ledger of {head['size']} entries is held to its anchor", "whole: accepted",
                 "without its newest entries: refused", "empty: refused")  # fmt: skip


def verified(folder: Path, head: dict[str, object]) -> int:
    """The independent verifier's answer on exported files."""
    anchor = f"{head['size']}:{head['root']}"
    command = [sys.executable, str(VERIFIER), str(folder), "--vkey", str(head["vkey"]), "--anchor", anchor]
    return subprocess.run(command, capture_output=True, check=False).returncode


def secure_link(box: Box, telling: Telling, person: Person) -> str:
    """The path of a fresh secure message's link, as the patient's phone has it."""
    thread = box.thread(person)["thread_id"]
    sent = box.api("POST", f"/v1/threads/{thread}/secure", {"body": WORDS, "author": "front-desk-1"})
    telling.expect(sent.status_code in (201, 202), f"the secure message was answered {sent.status_code}: {sent.text}")
    box.settle()
    found = re.search(r"https?://\S+(/m/[\w-]+)", box.phone(person)[-1]["body"])
    telling.expect(found, "the notice carries no link")
    assert found
    return found[1]


def link_preview(box: Box, telling: Telling) -> None:
    """C18: previews and scanners open the link before the patient does."""
    person, _ = booked(box, telling, CARMEN)
    link = secure_link(box, telling, person)
    for agent in PREVIEWS * 2:
        for method in ("GET", "HEAD"):
            page = box.http.request(method, link, headers={"user-agent": agent})
            telling.expect("melanoma" not in page.text, f"{method} shows the message")
    opened = box.http.post(link, data={"birth_date": person.born})
    telling.expect("melanoma" in opened.text, "the link was spent before the patient came")
    telling.step(f"{len(PREVIEWS) * 4} previews open the link first", "each sees the same empty form",
                 "the patient opens it with her birth date")  # fmt: skip


def costly_characters(box: Box, telling: Telling) -> None:
    """C23: a curly quote in a text would more than double its price."""
    person, _ = booked(box, telling, BEN)
    box.text(person, "Anything I should bring?")
    typed = "Please bring your card – we’ll make a copy “for the file” when you’re here. See you then, park behind."
    text = written(box, telling, person, typed)
    telling.expect(text["parts"] == 1, f"it took {text['parts']} parts")
    telling.expect("’" not in text["body"] and "we'll" in text["body"], "the typography was not made plain")
    telling.step("Staff paste typographic quotes", *quoted([text]), f"parts: {text['parts']}")


def one_number_typed_apart(box: Box, telling: Telling) -> None:
    """C25: the scheduling system writes the same number in four ways."""
    person, _ = booked(box, telling, ANA)
    digits = person.phone.removeprefix("+1")
    ways = (f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", f"{digits[:3]}.{digits[3:6]}.{digits[6:]}", f"1-{digits}")
    for way in ways:
        other = box.appointment("A-2250")
        box.webhook(box.visit("booked", other, replace(person, phone=way), box.day(4, 10)))
    box.settle()
    threads = [
        one for one in box.get("/box/threads")["threads"] if one["patient_id"] == box.thread(person)["patient_id"]
    ]
    telling.expect(len(threads) == 1, f"one patient on one number has {len(threads)} threads")
    before = len(box.phone(person))
    box.text(person, "STOP")
    box.go_to(box.day(1, 10, 30))
    silent(box, telling, person, before + 1, "after STOP, through another way to write the number")
    telling.step(f"The number is written in {len(ways) + 1} ways", "one thread; STOP holds for all of them")


def telemetry(box: Box, telling: Telling) -> None:
    """C33: what we log, measure, name and hand to the carrier as context is searched for the patient."""
    person, _ = booked(box, telling, CARMEN)
    words = f"This is {person.given} {person.family}, born {person.born}: is the laser painful?"
    box.text(person, words)
    box.pass_time(minutes=2)
    sinks = box.get("/box/sinks")
    found = search(sinks, [person.family, person.phone[2:], person.born, SERVICE, "painful"])
    telling.expect(not found, f"the patient is named in {', '.join(found)}")
    telling.step("Everything written down is searched for the patient", f"{len(sinks)} kinds of sinks, no mark found")


def doubted_link(box: Box, telling: Telling) -> None:
    """C34: the patient does not believe that a text is from the practice."""
    person, _ = booked(box, telling, DAVID)
    before = len(box.phone(person))
    box.text(person, "is this really you?")
    replies = box.phone(person)[before:]
    name, office = box.practice["name"], box.practice["contact"].removeprefix("+1")
    telling.expect(len(replies) == 1, f"the doubt was answered with {len(replies)} texts")
    telling.expect(office[-4:] in replies[0]["body"], "the answer has no office phone to check with")
    texts = box.phone(person)
    telling.expect(
        all(text["body"].startswith(name) for text in texts), "a text does not begin with the practice's name"
    )
    telling.step("“is this really you?”", *quoted(replies), "every text begins with the practice's name")


def wrong_birth_date(box: Box, telling: Telling) -> None:
    """C35: the birth date on file is wrong, and the patient cannot open her message."""
    wrong = replace(box.cast(CARMEN), born="1972-03-28")
    person, appointment = booked(box, telling, wrong)
    right, link = CARMEN.born, secure_link(box, telling, wrong)
    for _ in range(5):
        page = box.http.post(link, data={"birth_date": right})
        telling.expect("melanoma" not in page.text, "a birth date that is not on file opened the message")
    corrected = replace(person, born=right)
    box.webhook(box.visit("updated", appointment, corrected, box.day(6, 11), version=2, status="booked"))
    box.pass_time(minutes=61)
    page = box.http.post(link, data={"birth_date": right})
    telling.expect("melanoma" in page.text, "the corrected birth date does not open the message")
    telling.step("Five tries with the true birth date fail, because the file is wrong", "the link is locked for an hour",
                 "the practice corrects its record; an hour later the link opens")  # fmt: skip


def nothing_replaced_silently(box: Box, telling: Telling) -> None:
    """C38: characters that say something reach the phone as they were typed."""
    person, _ = booked(box, telling, ANA)
    box.text(person, "Is there parking near you?")
    typed = "Ask for Žofia at the café, floor 1½ → left 👍"
    text = written(box, telling, person, typed)
    telling.expect(typed in text["body"], "a character was replaced")
    telling.step("Staff type letters and signs that cost more", *quoted([text]), f"parts: {text['parts']}")


def import_resumed(box: Box, telling: Telling) -> None:
    """C39: an import of contacts is interrupted and sent again."""
    first, second = box.cast(BEN), from_area(box, DAVID, 872, "IL")
    rows = (
        "ref,phone,opted_out,categories,signed_at,medium\n"
        f"{first.ref}-i,{first.phone},no,appointments,2026-10-01T09:00:00Z,paper\n"
        f"{second.ref}-j,{second.phone},yes,,,\n"
    )
    half = rows.rsplit("\n", 2)[0] + "\n"
    told = {"connection": "main", "commit": True}
    answers = [box.api("POST", "/v1/consents/import", told | {"csv": csv}) for csv in (half, rows, rows)]
    telling.expect(all(answer.status_code == 200 for answer in answers), "a file was refused")
    counts = [answer.json()["counts"] for answer in answers]
    found = box.api("POST", "/v1/threads/find", {"phone": first.phone}).json()["threads"]
    history = box.api("GET", f"/v1/consents/{found[0]['patient_id']}").json()["history"]
    telling.expect(len(history) == 1, f"one signature stands {len(history)} times in the history")
    telling.step("Half a file, then all of it, twice", *[str(count) for count in counts], "one line of history")


def written(box: Box, telling: Telling, person: Person, words: str) -> dict[str, Any]:
    """What staff typed, as it is on the phone."""
    thread, before = box.thread(person)["thread_id"], len(box.phone(person))
    sent = box.api("POST", f"/v1/threads/{thread}/texts", {"body": words, "author": "front-desk-1"})
    telling.expect(sent.status_code == 202, f"the text was answered {sent.status_code}: {sent.text}")
    box.settle()
    texts = box.phone(person)[before:]
    telling.expect(texts, "the text did not arrive")
    return dict(texts[-1])


WORDS_AND_LINKS = {
    "c14-cut-tail": incident("The ledger's tail is cut off: the verifier refuses it", cut_tail),
    "c18-link-preview": incident("Previews open the link first, and spend nothing", link_preview),
    "c23-costly-characters": incident("A curly quote does not double the price", costly_characters),
    "c25-one-number": incident("One number typed in four ways", one_number_typed_apart),
    "c33-telemetry": incident("Every sink is searched for a patient", telemetry),
    "c34-doubted-link": incident("“Is this really you?”", doubted_link),
    "c35-wrong-birth-date": incident("The birth date on file is wrong", wrong_birth_date),
    "c38-nothing-replaced": incident("No character that says something is replaced", nothing_replaced_silently),
    "c39-import-resumed": incident("An import is interrupted and sent again", import_resumed),
}
