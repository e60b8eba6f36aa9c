"""The end of work in a whole box: an unread event is announced, then goes, and the verifier accepts what is certified."""

from datetime import timedelta
from typing import Any

from box.promises import look
from box.scenarios.player import Box, Person
from box.world import World
from tests.least_privilege.stage import Stage

CANARY = "Quillfeatherstone"


def quarantined(box: Box) -> list[str]:
    """The ids of what waits in quarantine."""
    return [one["id"] for one in box.get("/box/quarantine")["quarantine"]]


def announced(box: Box) -> list[dict[str, Any]]:
    """The open tasks that say what is about to go."""
    return [
        one for one in box.get("/box/tasks")["tasks"] if one["kind"] == "quarantine_ending" and one["state"] == "open"
    ]


def work(world: World) -> list[tuple[str, str]]:
    """The keys of everything in the work table, and of all data keys of the quarantine."""
    told = world.runtime.built.functions[Stage(world, Box(world.address)).arn("retention")].environment
    database = world.runtime.client("dynamodb")
    tables = (told["WORK_TABLE"], told["KEYS_TABLE"])
    found = [item for table in tables for item in database.scan(TableName=table)["Items"]]
    return sorted((item["pk"]["S"], item["sk"]["S"]) for item in found)


def test_work_that_is_over_is_seen_once_more_and_then_gone(world: World, box: Box) -> None:
    """A body that names a patient and cannot be read: a task two weeks ahead, then event, key and closed task are gone."""
    stage = Stage(world, box)
    broken = {"type": "appointment.booked", "data": {"patient": {"family_name": CANARY, "phone": "+13125550187"}}}
    kept = box.webhook(broken).json()["quarantine_id"]
    day = box.now().date()
    key = (f"quarantine:{day}", str(day.year))
    assert key in work(world)
    box.text(Person("", "", "", "+17735550123", ""), "Can I bring my dog?")
    box.settle()
    (task,) = box.get("/box/tasks")["tasks"]
    assert box.api("POST", f"/v1/tasks/{task['id']}/close", {"outcome": "done"}).status_code == 200

    stage.night("retention", timedelta(days=70))
    assert announced(box) == []
    stage.night("retention", timedelta(days=10))
    (told,) = announced(box)
    assert str(day + timedelta(days=94)) in told["sentence"]
    assert quarantined(box) == [kept]
    stage.night("retention", timedelta(days=12))
    assert quarantined(box) == [kept]
    stage.night("retention", timedelta(days=3))
    assert quarantined(box) == announced(box) == []
    assert (f"Q#{kept}", "QUARANTINE") not in work(world)
    assert key not in work(world)

    assert (f"T#{task['id']}", "TASK") in work(world)
    stage.night("retention", timedelta(days=3653))
    assert (f"T#{task['id']}", "TASK") not in work(world)

    box.pass_time(minutes=2)
    seen = look(box)
    assert seen.accepted
    certified = {
        one["facts"]["record_class"]: one["facts"] for one in seen.entries if one["kind"] == "certificate.issued"
    }
    assert (certified["quarantined_events"]["count"], certified["quarantined_events"]["kept"]) == (1, 0)
    assert certified["quarantined_events"]["method"] == "keys_destroyed_and_items_deleted"
    assert certified["closed_tasks"]["kept"] == 0
    assert CANARY not in str(seen.sinks)
