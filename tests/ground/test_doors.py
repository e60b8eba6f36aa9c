"""HTTP at the edge: exact bytes in, safe headers out, and errors that say what to do without telling anything."""

import base64
import json
from types import SimpleNamespace

import pytest
from texting import doors
from texting.doors import MOST_BYTES, SAFE, Answer, Request, door, request_of
from texting.errors import (
    BadField,
    BadSignature,
    Bug,
    Contended,
    Misconfigured,
    NotAllowed,
    TooLarge,
    Unavailable,
    Unknown,
)

CONTEXT = SimpleNamespace(aws_request_id="r")


def event(body="", **changed):
    """A REST proxy event of API Gateway."""
    return {
        "httpMethod": "POST",
        "resource": "/v1/things/{thing_id}",
        "path": "/v1/things/7",
        "pathParameters": {"thing_id": "7"},
        "multiValueHeaders": {"Content-Type": ["application/json"], "X-Two": ["a", "b"]},
        "queryStringParameters": None,
        "requestContext": {"identity": {"sourceIp": "192.0.2.7"}},
        "body": body,
        "isBase64Encoded": False,
    } | changed


def answered(route, body="{}", **changed):
    """What a door with one route answers: status, headers, body."""
    told = door({"POST /v1/things/{thing_id}": route})(event(body, **changed), CONTEXT)
    return told["statusCode"], told["headers"], told["body"]


def test_a_request_is_read_as_it_came():
    """Route as declared, path parameters, headers without their case, every value of a repeated one, exact bytes."""
    request = request_of(event('{"é":1}'))

    assert request.route == "POST /v1/things/{thing_id}"
    assert request.path == {"thing_id": "7"}
    assert request.header("CONTENT-TYPE") == "application/json"
    assert request.raw == '{"é":1}'.encode()
    assert request.address == "192.0.2.7"
    assert request.query == {}


def test_a_header_given_twice_is_no_header():
    """Two signatures are none: which one counted would be the attacker's choice."""
    request = request_of(event())

    assert request.header("x-two") == ""
    assert request.headers["x-two"] == ["a", "b"]


def test_header_names_that_differ_in_case_are_one_header():
    """A second value cannot hide behind another spelling."""
    assert request_of(event(multiValueHeaders={"Sig": ["a"], "sig": ["b"]})).header("sig") == ""


def test_single_value_headers_do_where_there_are_no_others():
    """Events of other origins carry one value per header."""
    assert request_of(event(multiValueHeaders=None, headers={"A": "1"})).header("a") == "1"


def test_binary_bodies_are_exact_bytes():
    """What the gateway encoded is decoded, and what it could not have encoded is refused."""
    raw = bytes(range(256))

    assert request_of(event(base64.b64encode(raw).decode(), isBase64Encoded=True)).raw == raw
    with pytest.raises(BadField):
        request_of(event("%%%", isBase64Encoded=True))


def test_a_request_prints_without_its_content():
    """Neither headers, body, address nor query appear when a request is printed."""
    request = request_of(event("Ana Ruiz", queryStringParameters={"q": "Botox"}))

    assert not [word for word in ("Ana", "Botox", "192.0.2.7", "application") if word in repr(request)]


BODIES = {
    "nothing": "",
    "a list": "[1]",
    "a number": "1",
    "no JSON": "{",
    "two objects": "{}{}",
    "a number that is none": '{"a": NaN}x',
    "deeper than anybody means": "[" * 50_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_object_is_refused(body):
    """The caller is told what is wanted, and nothing crashes on the way."""
    status, _, said = answered(lambda request: Answer(200, request.json()), body)

    assert (status, json.loads(said)) == (422, {"error": "The body must be one JSON object.", "field": "body"})


def test_a_body_is_taken_up_to_its_limit():
    """64 KiB fit, one byte more does not."""
    fits = '{"a":"' + "x" * (MOST_BYTES - 8) + '"}'

    assert answered(lambda request: Answer(200, {"n": len(request.json()["a"])}), fits)[0] == 200
    assert answered(lambda request: Answer(200, request.json()), fits.replace('"}', 'y"}'))[0] == 413


def test_a_form_is_its_fields():
    """Repeated fields keep every value, empty ones are kept, and neither size nor number is without end."""
    form = Request("POST /c", {}, {}, b"a=1&a=2&b=&c=%C3%A9").form()

    assert form == {"a": ["1", "2"], "b": [""], "c": ["é"]}
    with pytest.raises(BadField):
        Request("POST /c", {}, {}, b"&".join(b"a=1" for _ in range(51))).form()
    with pytest.raises(TooLarge):
        Request("POST /c", {}, {}, b"a" * (MOST_BYTES + 1)).form()


ERRORS = [
    (BadSignature("Send a token."), 401),
    (NotAllowed("This token does not reach it."), 403),
    (Unknown("There is no such thing."), 404),
    (TooLarge("Too much."), 413),
    (BadField("phone", "Give a number."), 422),
]


@pytest.mark.parametrize(("error", "status"), ERRORS, ids=[str(status) for _, status in ERRORS])
def test_a_refusal_is_its_status_and_its_sentence(error, status):
    """The caller can mend what they sent from the answer alone."""

    def route(request):
        raise error

    got, headers, body = answered(route)
    said = json.loads(body)
    assert (got, said["error"]) == (status, error.sentence)
    assert said.get("field") == getattr(error, "field", None)
    assert headers["Content-Type"] == "application/json"


INSIDE = [
    Contended("Number lost."),
    Unavailable("A table did not answer."),
    Bug("An impossible thing."),
    Misconfigured("PEOPLE_TABLE is missing."),
    ValueError("+13125550142"),
    ZeroDivisionError(),
]


@pytest.mark.parametrize("error", INSIDE, ids=lambda error: type(error).__name__)
def test_what_went_wrong_inside_stays_inside(error):
    """The caller is asked to try again, and learns neither the fault nor anything about anybody."""

    def route(request):
        raise error

    status, _, body = answered(route)
    assert status == 503
    assert "try again" in body
    assert not [word for word in ("Number", "table", "impossible", "5550142", "PEOPLE", "Traceback") if word in body]


def test_an_address_that_is_not_there():
    """A route nobody declared is 404, whatever the gateway was told."""
    assert answered(lambda request: Answer(200), resource="/elsewhere")[0] == 404


def test_every_answer_is_kept_by_nobody():
    """Safe headers stand on success, refusal and failure alike."""

    def refuse(request):
        raise Unknown("No.")

    def fail(request):
        raise ValueError

    for route in (lambda request: Answer(200, {"a": 1}), refuse, fail):
        headers = answered(route)[1]
        assert headers.items() >= SAFE.items()
        assert headers["Cache-Control"] == "no-store"


def test_a_page_is_html_and_an_object_is_json():
    """The content type says which; a route may add headers of its own, such as a stricter policy."""
    page = answered(lambda request: Answer(200, page="<p>Hola</p>", headers={"Content-Security-Policy": "x"}))

    assert page[1]["Content-Type"] == "text/html; charset=utf-8"
    assert page[1]["Content-Security-Policy"] == "x"
    assert page[2] == "<p>Hola</p>"


def test_a_door_may_refuse_in_its_own_words():
    """Patients' doors turn errors into pages."""
    refused = door({}, refused=lambda request, error: Answer(410, page=f"<p>{error.sentence}</p>"))(event(), CONTEXT)

    assert (refused["statusCode"], refused["body"]) == (410, "<p>There is no such address.</p>")


def test_a_body_the_gateway_could_not_have_sent_is_refused_not_crashed():
    """Even what goes wrong before the route is found is answered in the door's own way."""
    told = door({})(event("%%%", isBase64Encoded=True), CONTEXT)

    assert (told["statusCode"], json.loads(told["body"])["field"]) == (422, "body")


def test_the_names_that_doors_give():
    """Handlers build on these; renaming one is a change for every function."""
    assert {"Answer", "Request", "door", "request_of", "sorry"} <= set(vars(doors))
