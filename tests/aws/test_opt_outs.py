"""The adapter of the carrier's opt-out list against the carrier's own wire protocol, and its rule of thirty days."""

from datetime import timedelta

import pytest
from texting.aws import clients
from texting.aws.opt_outs import OptOutList
from texting.errors import Unavailable
from texting.values import PhoneNumber

from box.carrier import Carrier as Simulator
from box.clock import DEFAULT_START, BoxClock
from box.timer import Timer

ANA = PhoneNumber("+13125550142")
LIST = "glow-opt-outs"


@pytest.fixture
def carrier(monkeypatch):
    """The carrier's API behind a socket, with our list on it."""
    simulator = Simulator(Timer(BoxClock()), lambda topic, told: None, region="us-east-1", account="111111111111")
    simulator.serve()
    simulator.network.add_list(LIST)
    monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", simulator.endpoint)
    clients.client.cache_clear()
    yield simulator
    simulator.stop()
    clients.client.cache_clear()


def listed():
    """The pages of the list as (number, since)."""
    return [[(one.phone.reveal(), one.at) for one in page] for page in OptOutList(LIST).pages()]


def test_a_number_goes_on_the_list_and_is_told_with_its_date(carrier):
    """Put twice it stands there once, since the first time, in UTC."""
    for _ in range(2):
        OptOutList(LIST).put(ANA)
    assert listed() == [[(ANA.reveal(), DEFAULT_START)]]


def test_the_list_is_read_page_by_page(carrier):
    """Two hundred and fifty numbers are told in three pages of at most a hundred."""
    for n in range(250):
        OptOutList(LIST).put(PhoneNumber(f"+1312555{n:04d}"))
    assert [len(page) for page in listed()] == [100, 100, 50]


def test_a_number_leaves_once_in_thirty_days(carrier):
    """The first time it goes; within thirty days the carrier says no; after them it goes again."""
    fence = OptOutList(LIST)
    fence.put(ANA)
    assert fence.take_off(ANA)
    assert fence.take_off(ANA), "who is not there is off"
    fence.put(ANA)
    assert not fence.take_off(ANA)
    carrier.network.timer.clock.set(DEFAULT_START + timedelta(days=31))
    assert fence.take_off(ANA)
    assert listed() == [[]]


@pytest.mark.parametrize(
    "call", [lambda fence: fence.put(ANA), lambda fence: fence.take_off(ANA), lambda fence: list(fence.pages())]
)
def test_trouble_tells_no_number(carrier, call):
    """A list that is not there is trouble for another time, told without the number, in sentence and chain alike."""
    with pytest.raises(Unavailable) as trouble:
        call(OptOutList("gone"))
    assert ANA.reveal() not in f"{trouble.value!r} {trouble.value.__cause__!r}"
