"""The carrier adapter against the carrier's own wire protocol: one attempt each, and every answer one of three.

The other side is the box's simulator, which holds requests and answers to the published service model; what no
simulator can do on purpose (silence, half an answer, nobody there) is done by a bare socket.
"""

import socket
import threading
import time
from decimal import Decimal

import pytest
from botocore.config import Config
from botocore.session import get_session
from texting.aws import clients
from texting.aws.carrier import Carrier
from texting.errors import Bug, CarrierBusy, CarrierRefused, InDoubt
from texting.values import PhoneNumber

from box.carrier import Carrier as Simulator
from box.carrier import api
from box.carrier.errors import ServiceError
from box.clock import BoxClock
from box.timer import Timer

ANA = PhoneNumber("+13125550142")
OURS = "+18335550100"
WHERE = "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2"


@pytest.fixture
def adapter_at(monkeypatch):
    """Makes an adapter that speaks to the endpoint it is given."""

    def at(endpoint, origination=OURS, price="0.05", **config):
        monkeypatch.setenv(WHERE, endpoint)
        monkeypatch.setattr(clients, "ONCE", clients.ONCE.merge(Config(**config)))
        clients.client.cache_clear()
        return Carrier(origination, "quietline", Decimal(price))

    yield at
    clients.client.cache_clear()


@pytest.fixture
def simulator():
    """A carrier with one number of ours and a configuration set, served on loopback."""
    made = Simulator(Timer(BoxClock()), lambda topic, body: None)
    made.add_number(OURS)
    made.add_configuration_set("quietline")
    made.serve()
    yield made
    made.stop()


@pytest.fixture
def adapter(simulator, adapter_at):
    """The adapter, on that carrier."""
    return adapter_at(simulator.endpoint)


def send(adapter, body="See you on Friday.", to=ANA, seconds=3600):
    return adapter.send(to, body, seconds_to_live=seconds, message_id="m_1")


def asked(simulator):
    """The one request that was made."""
    [call] = simulator.calls("SendTextMessage")
    return call.params


def test_a_text_that_is_taken_has_the_carrier_s_id(simulator, adapter):
    """The id is the one its receipts will carry, and the text is on the phone."""
    carrier_id = send(adapter)

    assert simulator.network.texts[carrier_id].body == "See you on Friday."
    assert [text["body"] for text in simulator.texts_of(ANA.reveal())] == ["See you on Friday."]


def test_a_request_says_exactly_this(simulator, adapter):
    """Every parameter, so that a new one is a decision: our opaque id is the only context."""
    send(adapter, seconds=3599)

    assert asked(simulator) == {
        "DestinationPhoneNumber": "+13125550142",
        "OriginationIdentity": OURS,
        "MessageBody": "See you on Friday.",
        "MessageType": "TRANSACTIONAL",
        "ConfigurationSetName": "quietline",
        "MaxPrice": "0.05",
        "TimeToLive": 3599,
        "Context": {"message_id": "m_1"},
    }


@pytest.mark.parametrize(
    ("seconds", "ttl"), [(5, 5), (300, 300), (259_200, 259_200), (259_201, 259_200), (10**6, 259_200)]
)
def test_time_to_live_is_the_deadline(simulator, adapter, seconds, ttl):
    """P4's fence at the carrier: what is left to live, and never more than it takes."""
    send(adapter, seconds=seconds)

    assert asked(simulator)["TimeToLive"] == ttl


@pytest.mark.parametrize("seconds", [4, 0, -1])
def test_a_text_too_late_to_live_is_never_handed_over(simulator, adapter, seconds):
    """Without a life the carrier would give it three days; it is stopped before the wire."""
    with pytest.raises(Bug, match="time to live"):
        send(adapter, seconds=seconds)
    assert simulator.calls() == []


PRICES = [("0.05", "0.05"), ("0.01002", "0.01002"), ("0.5", "0.5"), ("1", "1.0"), ("99", "99.0"), ("0.10000", "0.1")]


@pytest.mark.parametrize(("price", "written"), PRICES)
def test_a_price_is_written_as_the_api_takes_it(simulator, adapter_at, price, written):
    """Up to two digits, a point, up to five digits: the service model itself checks the pattern here."""
    send(adapter_at(simulator.endpoint, price=price))

    assert asked(simulator)["MaxPrice"] == written


def test_a_price_of_nothing_lets_nothing_out(simulator, adapter_at):
    """A cap of 0 is a cap: the carrier refuses what costs more."""
    with pytest.raises(CarrierRefused) as refused:
        send(adapter_at(simulator.endpoint, price="0"))
    assert refused.value.reason == "PRICE_OVER_THRESHOLD"


def refused_by(simulator, adapter, **given):
    with pytest.raises(CarrierRefused) as refused:
        send(adapter, **given)
    assert len(simulator.calls("SendTextMessage")) == 1
    assert simulator.texts() == []
    return refused.value.reason


def test_what_the_simulated_carrier_refuses_by_itself(simulator, adapter, adapter_at):
    """Refusals that arise from the account's state keep the carrier's own word for them."""
    number = next(iter(simulator.network.numbers.values()))

    simulator.network.lists["Default"].numbers[ANA.reveal()] = object()
    assert refused_by(simulator, adapter) == "DESTINATION_PHONE_NUMBER_OPTED_OUT"

    simulator.network.lists["Default"].numbers.clear()
    simulator.network.calls.clear()
    number.status = "PENDING"
    assert refused_by(simulator, adapter) == "RESOURCE_NOT_ACTIVE"

    number.status = "ACTIVE"
    simulator.network.calls.clear()
    simulator.network.tier = "SANDBOX"
    assert refused_by(simulator, adapter) == "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"

    simulator.network.tier = "PRODUCTION"
    simulator.network.calls.clear()
    assert refused_by(simulator, adapter, body="x" * 1531) == "MAXIMUM_SIZE_EXCEEDED"

    simulator.network.calls.clear()
    assert refused_by(simulator, adapter, to=PhoneNumber("+447700900123")) == "INTERNATIONAL_SENDING_NOT_SUPPORTED"

    simulator.network.calls.clear()
    simulator.network.spend_limit = 0
    assert refused_by(simulator, adapter) == "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"

    simulator.network.calls.clear()
    assert refused_by(simulator, adapter_at(simulator.endpoint, "+18885550999")) == "ResourceNotFoundException"


def reasons():
    """Every reason the service model knows, with the error it comes in."""
    model = get_session().get_service_model("pinpoint-sms-voice-v2")
    for code in ("ConflictException", "ServiceQuotaExceededException", "ValidationException", "AccessDeniedException"):
        for reason in model.shape_for(code).members["Reason"].enum:
            yield code, reason


def answering(monkeypatch, error):
    """Let the carrier answer every text with this error."""

    def refuse(network, request):
        raise error

    monkeypatch.setitem(api.OPERATIONS, "SendTextMessage", refuse)


def members(code, reason):
    """The members that an error of this code has besides its message."""
    return {"Reason": reason} | ({"ResourceType": "phone-number"} if code == "ConflictException" else {})


@pytest.fixture(scope="module")
def everlasting():
    """One carrier for the long list of reasons."""
    made = Simulator(Timer(BoxClock()), lambda topic, body: None)
    made.add_number(OURS)
    made.add_configuration_set("quietline")
    made.serve()
    yield made
    made.stop()


@pytest.mark.parametrize(("code", "reason"), list(reasons()), ids=lambda value: str(value))
def test_every_reason_of_the_service_model_is_refused_or_busy(everlasting, adapter_at, monkeypatch, code, reason):
    """A modelled refusal is never doubt: it names itself, in one attempt, and only a daily cap is worth another try."""
    answering(monkeypatch, ServiceError(code, "no", **members(code, reason)))
    adapter, before = adapter_at(everlasting.endpoint), len(everlasting.calls())

    with pytest.raises((CarrierRefused, CarrierBusy)) as said:
        send(adapter)

    assert len(everlasting.calls()) == before + 1
    assert said.type is (CarrierBusy if reason == "DAILY_DESTINATION_CALL_LIMIT" else CarrierRefused)
    assert said.value.reason == ("ACCESS_DENIED" if code == "AccessDeniedException" else reason)
    assert ANA.reveal() not in str(said.value)


def test_a_throttle_is_worth_another_try(simulator, adapter):
    """Throttling happens before anything is taken; it is said at once and tried by nobody but us."""
    simulator.add_faults([{"on": "send", "kind": "throttle"}])

    with pytest.raises(CarrierBusy) as busy:
        send(adapter)

    assert busy.value.reason == "THROTTLED"
    assert len(simulator.calls()) == 1
    assert simulator.texts() == []


@pytest.mark.parametrize(("fault", "taken"), [("error_before", 0), ("timeout_after", 1)])
def test_a_failure_of_the_carrier_is_doubt(simulator, adapter, fault, taken):
    """A 500 and a lost answer look alike from here: one of them took the text, and neither is tried again."""
    simulator.add_faults([{"on": "send", "kind": fault, "count": 9}])

    with pytest.raises(InDoubt) as doubt:
        send(adapter)

    assert len(simulator.calls()) == 1
    assert len(simulator.texts()) == taken
    assert ANA.reveal() not in str(doubt.value)
    assert "Friday" not in str(doubt.value)


def test_errors_do_not_drag_the_library_s_words_along(simulator, adapter):
    """No cause and no context hang on what is raised: a traceback shows our sentence only."""
    simulator.add_faults([{"on": "send", "kind": "opted_out"}])
    with pytest.raises(CarrierRefused) as refused:
        send(adapter)

    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


class Bare:
    """A server that counts who connects and answers with the bytes it was given, or not at all."""

    def __init__(self, answer):
        self.answer, self.requests = answer, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.requests += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection:
            connection.recv(65_536)
            if self.answer is None:
                time.sleep(2)
            else:
                connection.sendall(self.answer)


@pytest.fixture
def bare():
    """Makes bare servers and ends them."""
    made = []

    def make(answer):
        made.append(Bare(answer))
        return made[-1]

    yield make
    for one in made:
        one.listener.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: "
DOUBTFUL = {
    "silence": None,
    "a hang-up": b"",
    "half an answer": HEAD + b'99\r\n\r\n{"Mess',
    "no JSON": HEAD + b"5\r\n\r\nHello",
    "no id": HEAD + b"2\r\n\r\n{}",
    "not HTTP": b"SMTP ready\r\n\r\n",
    "a gateway's 502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "a gateway's 503 page": b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>",
    "a gateway's 504": b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("answer", DOUBTFUL)
def test_whatever_is_not_an_answer_is_doubt(bare, adapter_at, answer):
    """Once the request is out, anything but a whole answer of the service may hide a text that was taken."""
    server = bare(DOUBTFUL[answer])

    with pytest.raises(InDoubt):
        send(adapter_at(server.endpoint, read_timeout=0.4))
    assert server.requests == 1


def test_nobody_there_is_no_doubt(adapter_at):
    """Where no connection was made nothing was handed over, and it is worth another try."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(CarrierBusy) as busy:
        send(adapter_at(f"http://127.0.0.1:{port}", connect_timeout=1))
    assert busy.value.reason == "UNREACHABLE"


def test_the_client_tries_once_and_waits_within_a_sender_s_time():
    """P3 as configuration: one attempt in all, and time-outs well under the sender's own."""
    clients.client.cache_clear()
    config = clients.client("pinpoint-sms-voice-v2").meta.config
    clients.client.cache_clear()

    assert config.retries == {"total_max_attempts": 1, "mode": "standard"}
    assert config.connect_timeout + config.read_timeout < 30


@pytest.mark.parametrize("service", ["dynamodb", "kms", "sqs", "scheduler", "events", "secretsmanager"])
def test_every_other_client_may_try_again(service):
    """Their calls are conditional or harmless when repeated."""
    clients.client.cache_clear()
    config = clients.client(service).meta.config
    clients.client.cache_clear()

    assert config.retries["total_max_attempts"] == 3
