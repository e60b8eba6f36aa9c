"""The incident of two people who answer one patient (C32): every order in which they and the patient can write."""

import threading

from texting.flows.overtaking import Overtaken
from texting.flows.staff_requests import TextAsked, staff
from texting.flows.threads import show
from texting.flows.write_to_patient import Accepted, write_text
from texting.values import PhoneNumber

from tests.journeys.stories import ANA
from tests.journeys.test_interleavings import Actor, schedules
from tests.journeys.watched import WatchedPractice


def two_staff_and_the_patient(says):
    """Maria and Jo have read the same thread and answer at once, while the patient texts again."""
    p = WatchedPractice()
    patient_id = p.consents("P-1", ANA)
    p.texts("Is there parking near you?")
    thread = p.world.ids.thread_id(patient_id, p.world.ids.number_id(PhoneNumber(ANA)))
    seen = {"seen": show(p.world, thread, staff(p.world, "maria"), p.now)["seen"]} if says else {}
    p.answers = {}

    def pausing(point):
        current = threading.current_thread()
        if isinstance(current, Actor) and point == "before commit":
            current.pause()

    p.world.store.interrupt = pausing

    def answers(author):
        asked = TextAsked(body=f"Behind the house, says {author}.", author=author, **seen)
        p.answers[author] = write_text(p.world, thread, asked, p.now)

    actors = [
        Actor("maria", lambda: answers("maria")),
        Actor("jo", lambda: answers("jo")),
        Actor("patient", lambda: p.texts("Never mind")),
    ]
    return p, actors


def in_order(p):
    """What was said after the question, by whom, as the ledger has it."""
    told = [entry for entry, _ in p.world.store.entries.values()]
    by_people = [one for one in told if one.kind == "inbound.received" or one.facts.get("purpose") == "staff_text"]
    return [one.kind for one in by_people][1:]


def test_c32_of_two_who_saw_the_same_only_one_gets_through():
    """C32: in every order of three transactions and their retries, no answer follows what its writer had not seen."""
    seen = set()
    for schedule, p in schedules(lambda: two_staff_and_the_patient(says=True)):
        said = in_order(p)
        assert said in (["message.planned", "inbound.received"], ["inbound.received"]), schedule
        accepted = [one for one in p.answers.values() if isinstance(one, Accepted)]
        assert len(accepted) == len(said) - 1, schedule
        assert sum(isinstance(one, Overtaken) for one in p.answers.values()) == 2 - len(accepted), schedule
        seen.add((tuple(said), tuple(sorted(who for who, one in p.answers.items() if isinstance(one, Accepted)))))
    assert len(seen) == 3  # the first answer was Maria's, or Jo's, or the patient was quicker than both


def test_c32_who_does_not_say_what_they_saw_is_never_stopped():
    """C32: without `seen` both answers go, each under its author, in every order."""
    for schedule, p in schedules(lambda: two_staff_and_the_patient(says=False)):
        assert all(isinstance(one, Accepted) for one in p.answers.values()), schedule
        assert sorted(in_order(p)) == ["inbound.received", "message.planned", "message.planned"], schedule
