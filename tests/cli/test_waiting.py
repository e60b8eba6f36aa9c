"""Quarantine, tasks and dead letters: shown by reason and age, moved back whole, and never opened."""

import json

import boto3
import pytest
from texting.flows import take_in
from texting.flows.take_in import Knock

from tests.journeys.stories import ANA, NOON

SECRET = "whsec_b2xk"


def knocked(operator):
    """An event that cannot be read, at the door that quarantines it; returns its id."""
    world = operator.practice.world
    raw = b'{"type": "appointment.booked", "data": {"patient": {"given_name": "Ana", "phone": "+13125550142"'
    headers = {"authorization": [f"Bearer {SECRET}"]}
    knock = Knock("ehr", raw, headers, NOON)
    answer = take_in.take_in(world, operator.practice.lists, lambda name: [SECRET], knock)
    return answer.body["quarantine_id"]


def queue(operator, name):
    """The URL of one queue."""
    return operator.deployed.one("AWS::SQS::Queue", name)


def bodies(url):
    """What a queue holds."""
    told = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return sorted(message["Body"] for message in told.get("Messages", []))


def test_quarantine_shows_reasons_and_keeps_contents_sealed(operator):
    """The list and the single view say what is wrong and what to do, and hold no word of the event."""
    quarantine_id = knocked(operator)

    (row,) = operator.json("quarantine", "list")["quarantine"]
    assert (row["id"], row["connection"], row["state"]) == (quarantine_id, "ehr", "quarantined")
    assert row["sentence"]
    assert row["goes_on"] == "2027-03-02"  # ninety days after it came, and a day
    assert operator.json("quarantine", "show", quarantine_id) == row


def test_a_replayed_event_goes_before_the_pipeline_whole(operator):
    """The exact bytes are queued, the list is empty, and the ledger knows who did it."""
    quarantine_id = knocked(operator)

    assert operator.json("quarantine", "replay", "--all")["replayed"] == {quarantine_id: "replayed"}
    (body,) = bodies(queue(operator, "ChannelsEventsQueue"))
    assert json.loads(body)["quarantine_id"] == quarantine_id
    assert operator.json("quarantine", "list")["quarantine"] == []
    assert operator.ledger()["event.replayed"]["actor"].startswith("operator:")


def test_replay_wants_one_id_or_all(operator):
    """Neither, both, or a strange id is refused with a sentence."""
    assert operator.run("quarantine", "replay").exit_code == 1
    assert operator.run("quarantine", "replay", "q_1", "--all").exit_code == 1
    assert "look at the list" in operator.run("quarantine", "replay", "q_1").output


def test_a_task_is_listed_with_its_clock_and_closed_once(operator):
    """Overdue is said; a closed task leaves the list, and closing it again changes nothing."""
    operator.practice.texts("Can I bring my dog?")
    (task,) = operator.json("tasks", "list")["tasks"]
    assert (task["kind"], task["overdue"]) == ("unknown_number", False)

    assert operator.json("tasks", "close", task["id"], "--as", "called")["state"] == "closed"
    assert operator.json("tasks", "list")["tasks"] == []
    assert operator.run("tasks", "close", task["id"]).exit_code == 0
    assert operator.ledger()["task.closed"]["outcome"] == "called"


def test_a_call_list_names_the_threads_to_open(operator):
    """What could not go is called instead: threads and reasons, no names and no numbers."""
    operator.practice.consents("P-1", ANA)
    operator.practice.hears()
    operator.practice.world.store.count("spend", "2026-12", 10**12)
    operator.practice.runs()

    kinds = {task["kind"]: task["id"] for task in operator.json("tasks", "list")["tasks"]}
    (call,) = operator.json("tasks", "calls", kinds["call_list"])["calls"]
    assert (call["purpose"], call["reason"]) == ("booking_confirmation", "spend_limit")
    assert call["thread"].startswith("t_")
    assert operator.run("tasks", "calls", "k_0").exit_code == 1


def test_dead_letters_are_counted_by_reason_and_never_shown(operator):
    """AWS's own code where there is one; else the function failed."""
    url = queue(operator, "ChannelsEventsDead")
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody='{"Message": "Ana Ruiz +13125550142"}')
    code = {"ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"}}
    sqs.send_message(QueueUrl=url, MessageBody='{"name": "Ana"}', MessageAttributes=code)

    told = operator.json("dead-letters", "list")["dead_letters"]
    assert told["events-dead"]["count"] == 2
    assert told["events-dead"]["reasons"] == {"function_failed": 1, "NO_PERMISSIONS": 1}
    assert told["outbox-dead"]["count"] == 0
    assert operator.run("dead-letters", "list").exit_code == 0


@pytest.mark.parametrize(
    ("name", "dead", "back"),
    [
        ("events-dead", "ChannelsEventsDead", "ChannelsEventsQueue"),
        ("inbound-dead", "ChannelsInboundDead", "ChannelsInboundQueue"),
        ("schedules-dead", "ChannelsSchedulesDead", "ChannelsOutboxQueue"),  # a schedule's letter is a message's id
    ],
)
def test_dead_letters_go_back_where_they_came_from(operator, name, dead, back):
    """Every body arrives unchanged, nothing stays behind, and the evidence was written first."""
    sent = [json.dumps({"n": n}) for n in range(12)]
    for body in sent:
        boto3.client("sqs").send_message(QueueUrl=queue(operator, dead), MessageBody=body)

    told = operator.json("dead-letters", "replay", name, "--confirm", "REPLAY")
    assert told["moved"] == 12
    assert bodies(queue(operator, dead)) == []
    assert len(bodies(queue(operator, back))) == 10
    assert operator.ledger()["event.replayed"]["count"] == 12


def test_an_unconfirmed_replay_moves_nothing(operator):
    """The word was not typed: exit code 2, and the letter is still there."""
    boto3.client("sqs").send_message(QueueUrl=queue(operator, "ChannelsOutboxDead"), MessageBody="{}")

    assert operator.run("dead-letters", "replay", "outbox-dead", typed="no\n").exit_code == 2
    assert bodies(queue(operator, "ChannelsOutboxDead")) == ["{}"]


def test_a_patients_letter_is_never_thrown_away_and_a_timetables_never_replayed(operator):
    """Only the starts of a timetable, which comes round again by itself, may be discarded."""
    boto3.client("sqs").send_message(QueueUrl=queue(operator, "ChannelsTimersDead"), MessageBody="{}")

    assert operator.run("dead-letters", "discard", "inbound-dead", "--confirm", "DISCARD").exit_code == 1
    assert operator.run("dead-letters", "replay", "timers-dead", "--confirm", "REPLAY").exit_code == 1
    assert operator.json("dead-letters", "discard", "timers-dead", "--confirm", "DISCARD")["discarded"] == 1
    assert "events-dead" in operator.run("dead-letters", "replay", "elsewhere").output


@pytest.mark.parametrize("width", [40, 80])
def test_an_id_can_be_copied_from_every_list(operator, width):
    """Each id that `--json` gives stands in one piece in the list for people, however narrow the terminal."""
    quarantine_id = knocked(operator)
    operator.practice.texts("Do you have parking?")
    operator.run("token", "new", "--name", "the-scheduling-system", "--scope", "tasks", width=width)
    hold = operator.json("hold", "place", "--everything")["hold"]
    [task] = operator.json("tasks", "list")["tasks"]
    [token] = operator.json("token", "list")["tokens"]

    def lines(*words):
        return operator.run(*words, width=width).stdout.splitlines()

    def stands(word, *words):
        return any(word in line for line in lines(*words))

    assert stands(quarantine_id, "quarantine", "list")
    assert stands(quarantine_id, "quarantine", "show", quarantine_id)
    assert stands(task["id"], "tasks", "list")
    assert stands(token["id"], "token", "list")
    assert stands("the-scheduling-system", "token", "list")
    assert stands(hold, "hold", "list", "--everything")
    assert stands("schedules-dead", "dead-letters", "list")
    assert stands(quarantine_id, "quarantine", "replay", quarantine_id)
