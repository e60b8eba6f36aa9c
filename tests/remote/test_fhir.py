"""Reading appointments back, against a real HTTP server on this machine that behaves well, and badly."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from texting.errors import Misconfigured, Unavailable, Unknown, Unreadable
from texting.remote.fhir import MAX_BYTES, MAX_PAGES, FhirReader
from texting.sources.fhir import from_resources

from tests.sources.fhir_specimens import appointment, bundle, patient

SINCE = datetime(2026, 12, 1, 17, 0, 0, 900000, tzinfo=UTC)
PLACE = {"resourceType": "Location", "id": "main", "name": "Main Street"}
ALL = {"Appointment/ap-1": appointment(), "Patient/pt-1": patient(), "Location/main": PLACE}


class Ehr:
    """A FHIR server: `answers` by path below its base are resources, or a status, or a function that writes itself."""

    def __init__(self, answers):
        self.answers = dict(answers)
        self.asked = []
        ehr = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                ehr.asked.append((self.path, dict(self.headers)))
                answer = ehr.answers.get(self.path.removeprefix("/fhir/"), ehr.answers.get("*", 404))
                if callable(answer):
                    return answer(self)
                status, said = (200, answer) if isinstance(answer, dict | list | bytes) else (answer, {})
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if 300 <= status < 400:
                    self.send_header("Location", "https://elsewhere.example/fhir")
                self.end_headers()
                return self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a reader that hangs up early is part of the game
        self.base = f"http://127.0.0.1:{self.server.server_port}/fhir"

    def reader(self, seconds=5.0):
        return FhirReader(self.base, "s3cret", seconds)

    def paths(self):
        return [path.removeprefix("/fhir/") for path, _ in self.asked]


@contextmanager
def serving(answers):
    ehr = Ehr(answers)
    thread = threading.Thread(target=ehr.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield ehr
    finally:
        ehr.server.shutdown()
        ehr.server.server_close()
        thread.join()


def test_an_appointment_is_read_with_its_patient_and_place():
    """One call gives all that an event needs, asked with the token and as FHIR JSON."""
    with serving(ALL) as ehr:
        visit, others = ehr.reader().appointment("Appointment/ap-1")
    assert [other["id"] for other in others] == ["pt-1", "main"]
    assert from_resources(visit, others, source="ehr", received_at=SINCE).problems == ()
    headers = ehr.asked[0][1]
    assert (headers["Authorization"], headers["Accept"]) == ("Bearer s3cret", "application/fhir+json")


@pytest.mark.parametrize("base_end", ["", "/"])
@pytest.mark.parametrize("reference", ["Appointment/ap-1", "https://other.example/x/Appointment/ap-1/_history/2"])
def test_only_the_practices_own_server_is_ever_asked(base_end, reference):
    """Whatever host a reference names, the request goes below the configured base."""
    with serving(ALL) as ehr:
        FhirReader(ehr.base + base_end, "s3cret").appointment(reference)
    assert ehr.asked[0][0] == "/fhir/Appointment/ap-1"


@pytest.mark.parametrize(
    "reference", ["Patient/pt-1", "Appointment/../Patient/x", "Appointment", "", "Appointment/a b"]
)
def test_nothing_but_an_appointment_is_read(reference):
    """A reference to anything else is unknown here, and nothing is asked."""
    with serving(ALL) as ehr, pytest.raises(Unknown):
        ehr.reader().appointment(reference)
    assert ehr.asked == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Unknown),
        (410, Unknown),
        (401, Misconfigured),
        (403, Misconfigured),
        (302, Misconfigured),
        (307, Misconfigured),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
        (400, Unreadable),
        (204, Unreadable),
    ],
)
def test_each_refusal_says_who_can_help(status, error):
    """Gone, a wrong token, a moved server, a busy one and a strange one are five different things; none names anybody."""
    with serving({"Appointment/ap-1": status}) as ehr, pytest.raises(error) as caught:
        ehr.reader().appointment("Appointment/ap-1")
    assert "ap-1" not in caught.value.sentence
    assert len(ehr.asked) == 1


def test_a_place_or_provider_that_cannot_be_read_is_left_out():
    """A name on the door is no reason to forget the patient; a patient who may not be read is."""
    with serving(ALL | {"Location/main": 403}) as ehr:
        assert [other["id"] for other in ehr.reader().appointment("Appointment/ap-1")[1]] == ["pt-1"]
    with serving(ALL | {"Patient/pt-1": 410}) as ehr:
        assert [other["id"] for other in ehr.reader().appointment("Appointment/ap-1")[1]] == ["main"]
    with serving(ALL | {"Patient/pt-1": 403}) as ehr, pytest.raises(Misconfigured):
        ehr.reader().appointment("Appointment/ap-1")
    with serving(ALL | {"Location/main": 503}) as ehr, pytest.raises(Unavailable):
        ehr.reader().appointment("Appointment/ap-1")


def test_a_merged_patient_is_followed_once():
    """The record they were merged into is read as well, and a circle ends."""
    old = patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/pt-2"}}])
    new = patient(id="pt-2", link=[{"type": "replaced-by", "other": {"reference": "Patient/pt-1"}}])
    with serving(ALL | {"Patient/pt-1": old, "Patient/pt-2": new}) as ehr:
        others = ehr.reader().appointment("Appointment/ap-1")[1]
    assert [other["id"] for other in others] == ["pt-1", "main", "pt-2"]
    assert len(ehr.asked) == 4


@pytest.mark.parametrize(
    "answer",
    [b"<html>Sign in</html>", b"", b"[]", b'{"resourceType": "OperationOutcome"}', b"x" * (MAX_BYTES + 1), patient()],
)
def test_an_answer_that_is_no_appointment_is_unreadable(answer):
    """A login page, an outcome, another resource or a megabyte of anything is refused, not believed."""
    with serving({"Appointment/ap-1": answer}) as ehr, pytest.raises(Unreadable):
        ehr.reader().appointment("Appointment/ap-1")


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def say_nothing(handler):
    time.sleep(0.5)
    handler.close_connection = True


def break_off(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"resourceType":')
    handler.close_connection = True


def trickle(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.close_connection = True
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


@pytest.mark.parametrize("misbehave", [hang_up, say_nothing, break_off, trickle])
def test_a_server_that_fails_us_does_so_in_bounded_time(misbehave):
    """A dead line, silence, a half answer and a trickle all end as Unavailable, within the seconds allowed."""
    with serving({"*": misbehave}) as ehr:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            ehr.reader(0.3).appointment("Appointment/ap-1")
        assert time.monotonic() - began < 2


def chunked(handler):
    body = json.dumps(appointment(status="cancelled", participant=[])).encode()
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for part in (body[:7], body[7:]):
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def until_the_end(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(json.dumps(appointment(participant=[])).encode())
    handler.close_connection = True


@pytest.mark.parametrize("answer", [chunked, until_the_end])
def test_an_answer_may_come_without_its_length(answer):
    """In chunks, or ended by hanging up: the whole resource is read."""
    with serving({"*": answer}) as ehr:
        assert ehr.reader().appointment("Appointment/ap-1")[0]["id"] == "ap-1"


def test_a_server_that_is_not_there_is_unavailable():
    """A refused connection is worth another try."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Unavailable):
        FhirReader(f"http://127.0.0.1:{port}/fhir", "s3cret").appointment("Appointment/ap-1")


@pytest.mark.parametrize(
    "base",
    [
        "http://ehr.example/fhir",
        "http://127.0.0.1.ehr.example/fhir",
        "ftp://ehr.example/fhir",
        "https://user:word@ehr.example/fhir",
        "https://",
        "ehr.example",
        "",
    ],
)
def test_a_base_is_https_or_this_machine(base):
    """A token never travels in the clear, nor to a host that only looks like ours."""
    with pytest.raises(Misconfigured):
        FhirReader(base, "s3cret")


@pytest.mark.parametrize("token", ["", " ", "two words", "line\nbreak", "é"])
def test_a_token_is_one_visible_word(token):
    """A secret that cannot be a token is named as such before anything is sent."""
    with pytest.raises(Misconfigured):
        FhirReader("https://ehr.example/fhir", token)


def page(first, count, following=None):
    visits = [appointment(id=f"a{number}") for number in range(first, first + count)]
    return bundle(*visits, patient(), kind="searchset") | {"link": following or []}


def following(url):
    return [{"relation": "self", "url": "x"}, {"relation": "next", "url": url}]


def test_a_search_asks_for_what_changed_and_turns_the_pages():
    """All appointments changed since are named once, oldest change first, over relative and absolute next links."""
    with serving({}) as ehr:
        absolute = f"{ehr.base}/Appointment?page=3"
        ehr.answers["*"] = page(0, 3, following("Appointment?page=2"))
        ehr.answers["Appointment?page=2"] = page(2, 2, following(absolute))
        ehr.answers["Appointment?page=3"] = page(9, 1)
        found = ehr.reader().search_since(SINCE)
    assert found.references == (
        "Appointment/a0",
        "Appointment/a1",
        "Appointment/a2",
        "Appointment/a3",
        "Appointment/a9",
    )
    assert found.rest_since is None
    asked = parse_qs(urlsplit(ehr.asked[0][0]).query)
    assert asked == {"_lastUpdated": ["gt2026-12-01T17:00:00Z"], "_sort": ["_lastUpdated"], "_count": ["50"]}


def test_an_endless_search_ends_and_says_where_to_go_on():
    """A server whose next link never ends is left after ten pages, with the last change seen."""
    with serving({}) as ehr:
        ehr.answers["*"] = page(0, 1, following("Appointment?again"))
        found = ehr.reader().search_since(datetime(2026, 12, 1, tzinfo=UTC))
    assert len(ehr.asked) == MAX_PAGES
    assert (found.references, found.rest_since) == (("Appointment/a0",), datetime(2026, 12, 1, 17, tzinfo=UTC))


@pytest.mark.parametrize("url", ["https://elsewhere.example/fhir/x", "//elsewhere.example/fhir/", "/other/Appointment"])
def test_a_next_page_elsewhere_is_not_followed(url):
    """The token is not carried to another host or another part of this one."""
    with serving({"*": page(0, 1, following(url))}) as ehr, pytest.raises(Misconfigured):
        ehr.reader().search_since(SINCE)
    assert len(ehr.asked) == 1


def test_an_empty_search_is_no_fault():
    """Nothing changed, or a bundle of odd things: nothing to read."""
    odd = {"resourceType": "Bundle", "entry": [None, {"resource": {"resourceType": "Appointment"}}], "link": "x"}
    for answer in ({"resourceType": "Bundle"}, odd):
        with serving({"*": answer}) as ehr:
            assert ehr.reader().search_since(SINCE).references == ()
