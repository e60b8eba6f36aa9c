"""The carrier's own list and ours, brought together: STOPs of a day go there, the carrier's come here, never back."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from texting.errors import Unavailable
from texting.flows.reconcile import reconcile
from texting.values import PhoneNumber

from tests.journeys.stories import ANA, BEN


@dataclass(frozen=True)
class Listed:
    phone: PhoneNumber
    at: object


@dataclass
class CarrierList:
    """The carrier's list as a dictionary; a number leaves it only once, and `down` loses every call."""

    practice: object
    numbers: dict = field(default_factory=dict)
    left: set = field(default_factory=set)
    down: bool = False
    calls: list = field(default_factory=list)

    def put(self, phone):
        self._called("put", phone)
        self.numbers.setdefault(phone.reveal(), self.practice.now)

    def take_off(self, phone):
        self._called("take_off", phone)
        if phone.reveal() not in self.numbers:
            return True
        if phone.reveal() in self.left:
            return False
        self.left.add(phone.reveal())
        del self.numbers[phone.reveal()]
        return True

    def pages(self):
        rows = [Listed(PhoneNumber(number), at) for number, at in sorted(self.numbers.items())]
        for at in range(0, len(rows), 2):
            yield rows[at : at + 2]

    def _called(self, name, phone):
        self.calls.append((name, phone.reveal()))
        if self.down:
            raise Unavailable("The carrier is away.")


@pytest.fixture
def fence(practice):
    """The practice with the carrier's list behind it."""
    listed = CarrierList(practice)
    object.__setattr__(practice.world, "_fence", listed)
    return listed


def night(practice, **later):
    """A pass, a while later."""
    practice.now += timedelta(**later)
    return reconcile(practice.world, practice.now, lambda: True)


def number(practice, phone=ANA):
    return practice.world.store.number(practice.world.ids.number_id(PhoneNumber(phone)))


def test_a_stop_of_a_day_goes_to_the_carriers_list_once(practice, fence):
    """Younger than a day it stays with us; then it is written there, told to the ledger, and not again."""
    practice.texts("STOP")
    assert night(practice, hours=23).listed == 0
    assert night(practice, hours=2).listed == 1
    assert list(fence.numbers) == [ANA]
    assert night(practice, days=1).listed == 0
    assert [name for name, _ in fence.calls] == ["put"]


def test_a_stop_taken_back_within_the_day_never_gets_there(practice, fence):
    """STOP and START before the night: nothing is asked of the carrier."""
    practice.texts("STOP")
    practice.now += timedelta(minutes=5)
    practice.texts("START")
    night(practice, days=2)
    assert fence.calls == []


def test_start_leaves_the_carriers_list_at_once(practice, fence):
    """Before its confirmation is handed over, because nothing reaches a number on the list."""
    practice.texts("STOP")
    night(practice, days=2)
    practice.texts("START")
    assert fence.numbers == {}
    assert practice.world.store.listing(number(practice).number_id).state == "off"
    assert practice.tasks() == []


def test_where_the_carrier_still_blocks_people_are_told_once_and_it_is_tried_each_night(practice, fence):
    """Once in thirty days: the second START within them is shown to staff, and its number leaves when it may."""
    for word in ("STOP", "START", "STOP"):
        practice.texts(word)
        night(practice, days=2)
    practice.texts("START")
    assert practice.tasks() == ["still_listed"]
    assert night(practice, days=1).blocked == 1
    assert practice.tasks() == ["still_listed"]
    assert not number(practice).stopped, "the carrier's list is no reason to stop a number that said START"
    fence.left.clear()
    assert night(practice, days=30).let_go == 1
    assert fence.numbers == {}


def test_what_the_carrier_stopped_is_stopped_here(practice, fence):
    """A carrier's own STOP never reaches us: the list tells, the consents end, and somebody knows."""
    practice.consents("P-1", ANA)
    practice.hears()
    fence.numbers[ANA] = practice.now + timedelta(minutes=1)
    assert night(practice, hours=1).stopped == 1
    assert number(practice).stopped
    assert practice.runs() == []
    assert practice.why() == ["stopped"]
    assert practice.tasks() == ["listed_by_carrier"]
    history = practice.world.store.history(practice.world.ids.patient_id("main", "P-1"))
    assert (history[-1].channel, history[-1].standing) == ("carrier", "revoked")
    assert night(practice, days=1).stopped == 0
    assert [name for name, _ in fence.calls] == [], "it is there already"


def test_a_number_nobody_knows_is_stopped_before_it_is_ever_texted(practice, fence):
    """Listed at the carrier and never seen here: whoever it will belong to, it has said STOP."""
    fence.numbers |= {ANA: practice.now, BEN: practice.now, "+13125550199": practice.now}
    assert night(practice, hours=1).stopped == 3
    assert number(practice, "+13125550199").stopped


def test_a_missing_entry_frees_nobody(practice, fence):
    """Somebody clears the carrier's list: our STOP stands."""
    practice.texts("STOP")
    night(practice, days=2)
    fence.numbers.clear()
    night(practice, days=1)
    assert number(practice).stopped


def test_a_stop_during_the_leaving_wins(practice, fence):
    """START could not leave the list, then STOP again: the number is due there as before."""
    practice.texts("STOP")
    night(practice, days=2)
    fence.down = True
    with pytest.raises(Unavailable):
        practice.texts("START")
    practice.texts("STOP")
    fence.down = False
    assert night(practice, days=2).listed == 1
    assert list(fence.numbers) == [ANA]


def test_without_time_the_rest_waits(practice, fence):
    """A night that is too short leaves the rest to the next one, and says so."""
    practice.texts("STOP")
    fence.numbers = dict.fromkeys((BEN, "+13125550198", "+13125550199"), practice.now)
    practice.now += timedelta(days=2)
    done = reconcile(practice.world, practice.now, lambda: False)
    assert (done.listed, done.stopped, done.complete) == (0, 2, False)
    assert night(practice, days=1).complete
    assert ANA in fence.numbers
