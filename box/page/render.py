"""The page as HTML: what the phones show, what the practice sees, and the clock with the ledger beside it.

Rendered here in full each time something changed; the script only asks again and puts in what is new. Whatever patients or
scheduling systems wrote is escaped by the template engine.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from box.control import ledger
from box.control.api import upcoming
from box.runtime.building import NOT_SIMULATED
from box.scenarios import STORIES

if TYPE_CHECKING:
    from box.world import World

STATES = {
    "planned": "planned",
    "held": "waits",
    "claimed": "going out",
    "handed": "sent",
    "accepted": "with the carrier",
    "delivered": "delivered",
    "refused": "not sent",
    "expired": "expired",
    "withdrawn": "withdrawn",
    "failed": "failed",
    "in_doubt": "in doubt",
}
TONES = {
    "delivered": "good",
    "refused": "stop",
    "failed": "stop",
    "in_doubt": "warn",
    "expired": "warn",
    "held": "warn",
}
WAITING = ("planned", "held")
TIERS = {"granted": "good", "revoked": "stop", "never": ""}


@cache
def environment() -> Environment:
    """The templates, with everything escaped and nothing forgiven."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def page(world: "World") -> bytes:
    """The whole page, or a word of patience while the box is starting."""
    if not world.ready:
        return environment().get_template("starting.html").render().encode()
    return environment().get_template("page.html").render(seen(world)).encode()


def version(world: "World") -> str:
    """Changes whenever the page may have changed."""
    counts = (world.wiring.changes.count, len(world.runtime.done), len(world.carrier.texts()))
    return "-".join([*map(str, counts), world.clock.now().isoformat()])


def seen(world: "World") -> dict[str, Any]:
    """All that the page shows."""
    zone = ZoneInfo(world.stage.told["locations"][0]["time_zone"])
    now = world.clock.now()
    told = world.view("threads")
    threads = [thread(row, zone, told["desk"]) for row in told["threads"]]
    return {
        "version": version(world),
        "practice": world.stage.told["practice"],
        "phones": phones(world, threads, zone),
        "desk": told["desk"],
        "threads": [row for row in threads if row["messages"] or row["planned"]],
        "tasks": [task(row, now, zone) for row in world.view("tasks")["tasks"]],
        "clock": clock(world, now, zone),
        "ledger": head(world, zone),
        "stories": [{"name": name, "about": story.about} for name, story in STORIES.items()],
        "left_out": sorted({NOT_SIMULATED[kind] for kind in world.runtime.built.left_out}),
        "relied_on": world.relied_on,
        "dead": sum(len(queue.letters) for queue in world.runtime.dead_letters()),
    }


def clock(world: "World", now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The box's time where the practice is, and what comes next."""
    told, local = upcoming(world), now.astimezone(zone)
    return {
        "day": local.strftime("%A, %B %-d, %Y"),
        "time": local.strftime("%-I:%M"),
        "half": local.strftime("%p"),
        "zone": zone.key.rsplit("/", 1)[-1].replace("_", " "),
        "zone_name": zone.key,
        "utc": now.strftime("%Y-%m-%d %H:%M UTC"),
        "live": world.clock.live,
        "next_at": told["at"] if told else None,
        "next": f"{told['what']} {when(told['at'], zone)}" if told else "nothing is waiting",
    }


def phones(world: "World", threads: list[dict[str, Any]], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Every phone that a patient holds or that has texted, the one that stirred last first."""
    owners: dict[str, dict[str, Any]] = {row["phone"]: row for row in reversed(threads) if row["patient"]}
    numbers = dict.fromkeys([*owners, *world.carrier.phones()])
    found = []
    for number in numbers:
        owner, texts = owners.get(number), world.carrier.texts_of(number)
        found.append(
            {
                "number": number,
                "shown": spoken(number),
                "name": owner["patient"] if owner else "Unknown caller",
                "given": owner["patient"].split(" ")[0] if owner else spoken(number),
                "language": (owner or {}).get("language") or "en",
                "texts": [
                    {"mine": text["direction"] == "in", "body": text["body"], "at": when(text["at"], zone)}
                    for text in texts
                ],
                "last": texts[-1]["at"] if texts else "",
            }
        )
    return sorted(found, key=lambda row: str(row["last"]), reverse=True)


def thread(row: dict[str, Any], zone: ZoneInfo, desk: dict[str, str]) -> dict[str, Any]:
    """A thread as staff see it: its lines with their states in words and their writers, and what still waits beneath."""
    lines = [line(message, zone) | {"desk": desk.get(message.get("author") or "")} for message in row["messages"]]
    said = [one for one in lines if not one["waits"]]
    standing = [
        {"category": name, "standing": how, "tone": TIERS[how]} for name, how in sorted(row["standing"].items())
    ]
    return row | {
        "shown": spoken(row["phone"]),
        "title": row["patient"] or spoken(row["phone"]),
        "messages": said,
        "planned": [one for one in lines if one["waits"]],
        "standing": standing,
    }


def line(message: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """One line of a thread."""
    state = str(message.get("state") or "")
    told = {"waits": state in WAITING, "state": STATES.get(state, state), "tone": TONES.get(state, "")}
    if message.get("secure"):
        told |= {"state": f"secure · {message['secure']}", "tone": "good"}
    quiet = state in ("handed", "accepted", "delivered", "")
    told |= {"at": when(message["at"], zone), "sentence": "" if quiet else message.get("sentence") or ""}
    return {"outcome": "", "purpose": "", "author": "", "secure": ""} | message | told


def task(row: dict[str, Any], now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """A task with its clock in words."""
    due = datetime.fromisoformat(row["due"])
    left = due - now
    clock_words = f"due {when(row['due'], zone)}" if left >= timedelta(0) else f"overdue since {when(row['due'], zone)}"
    return row | {"clock": clock_words, "tone": "stop" if row["overdue"] or row["kind"] == "emergency" else "warn"}


def head(world: "World", zone: ZoneInfo) -> dict[str, Any]:
    """The ledger's head and its newest entries, newest first."""
    told = ledger.head(world, newest=8)
    rows = [
        {"index": entry["index"], "kind": str(entry.get("kind", "")).replace(".", " · ").replace("_", " "),
         "at": when(str(entry.get("at", "")), zone)}
        for entry in reversed(told["entries"])
    ]  # fmt: skip
    return {"size": told["size"], "root": told["root"], "entries": rows}


def when(at: str, zone: ZoneInfo) -> str:
    """A moment on the practice's wall clock."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).strftime("%a %b %-d, %-I:%M %p")


def spoken(number: str) -> str:
    """A US number as people write it."""
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}" if len(number) == 12 and number.startswith("+1") else number
