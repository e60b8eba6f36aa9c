"""The control surface: every call of `/box/*`, by method and path. docs/box.md tells it to people."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from box.carrier import FaultRejected, ServiceError
from box.clock import UnreadableTime, WentBackwards, parse_time, written
from box.control import ledger, sinks
from box.control.answers import Asked, Refused, Told
from box.runtime.queues import QueueRefused
from box.timer import MovedWhileMoving, NeverIdle

if TYPE_CHECKING:
    from box.world import World

Call = Callable[["World", Asked, dict[str, str]], Told]
DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
E164 = re.compile(r"\+[1-9]\d{6,14}")


def answer(world: "World", asked: Asked) -> Told:
    """Carry out one call; whatever is wrong with it is answered as a sentence."""
    try:
        return _answer(world, asked)
    except Refused as error:
        return Told(error.status, {"error": error.sentence})
    except (FaultRejected, UnreadableTime) as error:
        return Told(422, {"error": str(error)})
    except WentBackwards as error:
        return Told(409, {"error": str(error)})
    except (ServiceError, QueueRefused) as error:
        return Told(404, {"error": getattr(error, "sentence", "") or "The carrier has no such number."})
    except (NeverIdle, MovedWhileMoving) as error:
        return Told(500, {"error": str(error)})


def _answer(world: "World", asked: Asked) -> Told:
    if asked.path == "/box/health":
        return health(world, asked, {})
    if not world.ready:
        raise Refused(503, "The box is still starting; ask /box/health until it answers 200.")
    methods: list[str] = []
    for method, pattern, call in CALLS:
        found = pattern.fullmatch(asked.path)
        if found and method == asked.method:
            return call(world, asked, found.groupdict())
        methods += [method] if found else []
    if methods:
        raise Refused(405, f"{asked.path} takes {', '.join(methods)}.")
    raise Refused(404, "There is no such call; docs/box.md lists them.")


def health(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """200 once everything is ready, patients on stage included."""
    if not (world.ready and world.on_stage):
        return Told(503, {"ready": False})
    troubles = [f"{failure.name}: {type(failure.error).__name__}" for failure in world.timer.failures[-5:]]
    left_out = sorted(world.runtime.built.left_out)
    told = {"ready": True, "now": written(world.clock.now()), "relied_on": world.relied_on, "not_simulated": left_out}
    return Told(200, told | {"troubles": troubles, "lost": world.runtime.lost})


def practice(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Who the practice is, and what opens its doors."""
    told = world.stage.told
    places = [{"id": p["id"], "state": p["state"], "time_zone": p["time_zone"]} for p in told["locations"]]
    identity = {"name": told["practice"]["name"], "numbers": told["sending"]["numbers"], "locations": places}
    identity |= {"contact": told["practice"]["phone"], "connections": world.stage.connections(), "token": world.token}
    return Told(200, identity | {"staff": told["practice"]["staff"], "address": world.address})


def clock(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """The time, and what falls due next that is not a mere timetable."""
    return Told(200, {"now": written(world.clock.now()), "live": world.clock.live, "next": upcoming(world)})


def upcoming(world: "World") -> dict[str, str] | None:
    """The next thing to happen that something in the box is waiting for."""
    now = world.clock.now()
    waiting = [(schedule.when, "a text falls due") for schedule in world.wiring.schedules.all()]
    for queue in world.wiring.queues.by_arn.values():
        words = {True: "something is tried again", False: "the next text takes its turn"}
        waiting += [(letter.visible, words[letter.received > 0]) for letter in queue.letters if queue.wake]
    named = ("rule ", "queue ", "schedule ")
    waiting += [(when, name) for when, name in world.timer.pending() if not name.startswith(named)]
    later = sorted(pair for pair in waiting if pair[0] > now)
    return {"at": written(later[0][0]), "what": later[0][1]} if later else None


def move_clock(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Move the clock, running everything that falls due in order."""
    told = asked.json()
    if ("set" in told) == ("advance" in told):
        raise Refused(422, 'Send {"set": time} or {"advance": duration}, for example {"advance": "PT36H"}.')
    now = world.move_to(moment(told["set"])) if "set" in told else world.advance(duration(told["advance"]))
    return Told(200, {"now": written(now), "idle": True})


def moment(told: Any) -> datetime:
    """A time of the body; raises UnreadableTime."""
    return parse_time(told)


def duration(told: Any) -> timedelta:
    """An ISO 8601 duration in weeks, days, hours, minutes and seconds; raises Refused."""
    found = DURATION.fullmatch(told) if isinstance(told, str) else None
    if not found or not any(found.groups()):
        raise Refused(422, "Write the duration as ISO 8601, for example PT36H or P3D; PT0S waits until idle.")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def phones(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Every text on every phone."""
    return Told(200, {"texts": world.carrier.texts(), "phones": world.carrier.phones()})


def phone(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """The texts on one phone."""
    return Told(200, {"texts": world.carrier.texts_of(number(path["phone"]))})


def text(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """A patient texts the practice; answered when the box is idle again."""
    told = world.carrier.receive(
        number(path["phone"]),
        asked.text("to", required=False),
        asked.text("body") or "",
        asked.text("inbound_id", required=False),
    )
    return Told(202, {"inbound_id": told, "now": written(world.advance(timedelta(0))), "idle": True})


def number(told: str) -> str:
    """A phone number of the path; raises Refused."""
    if not E164.fullmatch(told):
        raise Refused(422, "Write the phone number as + and digits, for example +13125550142.")
    return told


def faults(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """The faults in force."""
    return Told(200, {"faults": world.carrier.faults.listing()})


def add_faults(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Put faults in force; `phones` says how single phones take texts."""
    told = asked.json()
    wanted, behaviours = told.get("faults", []), told.get("phones", {})
    if not isinstance(wanted, list) or not all(isinstance(fault, dict) for fault in wanted):
        raise Refused(422, 'Send {"faults": [{"on": …, "kind": …}]}.')
    world.carrier.add_faults(wanted)
    for phone_number, behaviour in behaviours.items():
        world.carrier.set_phone(number(phone_number), behaviour)
    return faults(world, asked, path)


def end_faults(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """End all faults."""
    world.carrier.clear_faults()
    return faults(world, asked, path)


def bus(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Put the generic event on the practice's bus; one that names no connection is the first one's."""
    told = asked.json()
    if not isinstance(told.get("detail"), dict):
        raise Refused(422, 'Send {"detail": {…}} with the generic event.')
    name = next(name for name in world.wiring.bus.names if name != "default")
    first = next(one["name"] for one in world.stage.connections() if one["kind"] == "standard-webhooks")
    entry = {"Source": told.get("source", "practice"), "DetailType": told.get("detail_type", "appointment"),
             "Detail": json.dumps({"connection": first} | told["detail"]), "EventBusName": name}  # fmt: skip
    return Told(202, {"event_id": world.wiring.bus.put(entry)})


def fhir(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Fill the box's FHIR server."""
    kept = world.fhir.shelf.put(path["type"], path["id"], asked.json())
    return Told(200, {"type": path["type"], "id": path["id"], "version": kept["meta"]["versionId"]})


def inbound(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Every text from a patient, and what became of it."""
    known = [text["message_id"] for text in world.carrier.texts() if text["direction"] == "in"]
    return Told(200, world.view("inbound", known=known))


def view(name: str, *, one: str = "") -> Call:
    """A call that shows records, or one of them by its id."""

    def shown(world: "World", asked: Asked, path: dict[str, str]) -> Told:
        from box.world import ViewRefused

        try:
            told = world.view(name, **asked.query, **path)
        except ViewRefused as error:
            raise Refused(error.status, error.sentence) from None
        if one and not told[one]:
            raise Refused(404, "There is nothing of this id.")
        return Told(200, told[one][0] if one else told)

    return shown


def dead_letters(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """What could not be handled, without its words."""
    return Told(200, {"dead_letters": sinks.dead_letters(world)})


def replay_dead(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Send every dead letter back where it came from."""
    moved = 0
    for queue in world.runtime.dead_letters():
        for letter in [letter for letter in queue.letters if letter.source_arn]:
            world.wiring.queues.move_back(queue, letter)
            moved += 1
    return Told(200, {"moved": moved, "now": written(world.advance(timedelta(0))), "idle": True})


def head(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """The ledger's head, with everything written so far in it."""
    ledger.publish(world)
    return Told(200, ledger.head(world))


def export(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """The ledger's bucket as files, with everything written so far in it."""
    ledger.publish(world)
    return Told(200, ledger.export(world, asked.text("to") or ""))


def everything(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Every place where no patient may be named."""
    return Told(200, sinks.everything(world))


def scenarios(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """The named stories."""
    from box.scenarios import STORIES

    return Told(200, {"scenarios": [{"name": name, "about": story.about} for name, story in STORIES.items()]})


def play(world: "World", asked: Asked, path: dict[str, str]) -> Told:
    """Play one story from start to end."""
    from box.scenarios import STORIES
    from box.scenarios.player import play as played

    if path["name"] not in STORIES:
        raise Refused(404, f"There is no such story; choose {', '.join(STORIES)}.")
    return Told(200, played(STORIES[path["name"]], world.address))


CALLS: list[tuple[str, re.Pattern[str], Call]] = [
    (method, re.compile(pattern), call)
    for method, pattern, call in (
        ("GET", "/box/practice", practice),
        ("GET", "/box/clock", clock),
        ("POST", "/box/clock", move_clock),
        ("GET", "/box/phones", phones),
        ("GET", "/box/phones/(?P<phone>[^/]+)", phone),
        ("POST", "/box/phones/(?P<phone>[^/]+)/texts", text),
        ("GET", "/box/carrier", faults),
        ("POST", "/box/carrier", add_faults),
        ("DELETE", "/box/carrier", end_faults),
        ("GET", "/box/messages", view("messages")),
        ("GET", "/box/messages/(?P<id>[^/]+)", view("messages", one="messages")),
        ("GET", "/box/tasks", view("tasks")),
        ("GET", "/box/threads", view("threads")),
        ("GET", "/box/inbound", inbound),
        ("GET", "/box/quarantine", view("quarantine")),
        ("POST", "/box/quarantine/(?P<id>[^/]+)/replay", view("replay")),
        ("GET", "/box/dead-letters", dead_letters),
        ("POST", "/box/dead-letters/replay", replay_dead),
        ("POST", "/box/bus", bus),
        ("PUT", "/box/fhir/(?P<type>[A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})", fhir),
        ("GET", "/box/ledger", head),
        ("POST", "/box/ledger/export", export),
        ("GET", "/box/sinks", everything),
        ("GET", "/box/scenario", scenarios),
        ("POST", "/box/scenario/(?P<name>[^/]+)", play),
    )
]
