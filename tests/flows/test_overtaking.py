"""What is kept of who wrote last: ids and times, in a record that goes when the words go."""

from texting.aws.clients import client
from texting.flows.staff_requests import SecureAsked, TextAsked
from texting.flows.write_to_patient import write_secure, write_text
from texting.records import Latest

from tests.flows.test_dispose import DUE, items, night, visited

WORDS = "The door on Main Street is open, Ana."


def answered(practice):
    """Staff have written to Ana, by text and behind a link. Returns the thread's id."""
    patient_id = visited(practice)
    number_id = practice.world.store.patient(patient_id).number_id
    thread = practice.world.ids.thread_id(patient_id, number_id)
    write_text(practice.world, thread, TextAsked(body="The door is open.", author="maria"), practice.now)
    write_secure(practice.world, thread, SecureAsked(body=WORDS, author="jo"), practice.now)
    return thread


def test_it_holds_ids_and_times_and_no_words(practice):
    """P9: not the texts, not the writers' names; nothing in it is sealed, because nothing needs to be."""
    thread = answered(practice)

    latest = practice.world.store.latest(thread)
    assert [sorted(one) for one in latest.words] == [["at", "by", "id"]] * 2
    assert [one["id"][:2] for one in latest.words] == ["m_", "s_"]
    assert all(one["by"].startswith("u_") for one in latest.words)
    item = client("dynamodb").get_item(TableName="secure", Key={"pk": {"S": f"T#{thread}"}, "sk": {"S": "LATEST"}})[
        "Item"
    ]
    assert not any("B" in value for value in item.values())
    assert not any(mark in str(item) for mark in ("maria", "jo'", "Main Street", "3125550142"))


def test_it_is_no_secure_message_of_the_thread(practice):
    """It lies beside the secure messages, and is not listed among them."""
    thread = answered(practice)

    assert [one.author[:2] for one in practice.world.store.secures_of(thread)] == ["u_"]


def test_it_goes_with_the_words_of_its_year(practice):
    """P8: erased in the same night as the words it tells of, and not a day earlier."""
    thread = answered(practice)

    night(practice, DUE.replace(month=1))
    assert isinstance(practice.world.store.latest(thread), Latest)
    night(practice, DUE)
    assert practice.world.store.latest(thread) is None
    assert practice.world.store.timeline(thread) == ()
    assert [key for key in items("secure") if key[1] in ("LATEST", "SECURE")] == []
