"""What waits for somebody: quarantined events, tasks, dead letters. Reasons and ages are shown, contents never."""

from collections import Counter
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal

import typer
from texting.aws import dead_letters, inspection
from texting.errors import Misconfigured, Reject, Unknown
from texting.flows import call_list, operate, pacing, take_in, tasks
from texting.records import Quarantined
from texting.rules.quarantine import goes_on

from cli.asking import Confirm, command, confirm
from cli.here import Here
from cli.showing import Answer, sentence, stamp, table

SOURCES = {f"{word}-dead": word for word in ("events", "outbox", "inbound", "receipts")} | {"schedules-dead": "outbox"}
"""Where each dead letter goes back to. What a timetable could not start needs no replay: it starts again by itself."""
TIMERS = "timers-dead"

QuarantineId = Annotated[str, typer.Argument(metavar="ID", help="An id from the list, q_….")]
SomeId = Annotated[str, typer.Argument(metavar="ID", help="An id from the list, q_….")]
All = Annotated[bool, typer.Option("--all", help="Everything in the list.")]
TaskId = Annotated[str, typer.Argument(metavar="TASK_ID", help="An id from the list, k_….")]
Outcome = Annotated[Literal["done", "called", "corrected", "not_needed"], typer.Option("--as", help="How it ended.")]
QueueName = Annotated[str, typer.Argument(metavar="QUEUE", help="A name from the list, for example events-dead.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    group = typer.Typer(help="Events that could not be read.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "list")(quarantine)
    command(group, "show")(quarantined)
    command(group, "replay")(replay)
    app.add_typer(group, name="quarantine")
    group = typer.Typer(help="Work that waits for a person.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "list")(open_tasks)
    command(group, "calls")(calls)
    command(group, "close")(close)
    app.add_typer(group, name="tasks")
    group = typer.Typer(help="What no function could handle.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "list")(letters)
    command(group, "replay")(replay_letters)
    command(group, "discard")(discard)
    app.add_typer(group, name="dead-letters")


def quarantine(here: Here) -> Answer:
    """List the events that could not be read, why, and on which day each is destroyed at the earliest."""
    found = here.store.in_quarantine()
    rows = [(one.quarantine_id, one.source, one.at, _goes_on(here, one), one.code, one.sentence) for one in found]
    heads = ("id", "connection", "since", "goes on", "reason", "what to do")
    shown = table(heads, rows) if rows else sentence("Nothing waits.")
    return Answer({"quarantine": [_kept(here, one) for one in found]}, (shown,))


def quarantined(here: Here, quarantine_id: QuarantineId) -> Answer:
    """Show why one event waits; its content stays sealed."""
    kept = here.store.quarantined(quarantine_id)
    if kept is None:
        raise Unknown("Nothing of this id is in quarantine; look at `quietline quarantine list`.")
    data = _kept(here, kept)
    return Answer(data, (table(("", ""), list(data.items())),))


def _goes_on(here: Here, one: Quarantined) -> date | None:
    """The first day on which retention may dispose of an event; None where the settings cannot be read."""
    with suppress(Misconfigured):
        return goes_on(one.at.date(), here.practice.retention.quarantine_days)
    return None


def _kept(here: Here, one: Quarantined) -> dict[str, Any]:
    day = _goes_on(here, one)
    about = {"id": one.quarantine_id, "connection": one.source, "kind": one.door, "since": stamp(one.at)}
    return about | {
        "reason": one.code,
        "sentence": one.sentence,
        "state": one.state,
        "goes_on": day.isoformat() if day else None,
    }


def replay(here: Here, quarantine_id: SomeId = "", everything: All = False) -> Answer:
    """Put quarantined events before the pipeline again.

    Once their cause is mended. What still cannot be read comes back with its reason.
    """
    if bool(quarantine_id) == everything:
        raise Reject("Name one id, or --all.")
    ids = [one.quarantine_id for one in here.store.in_quarantine()] if everything else [quarantine_id]
    done = {one: take_in.replay(here.world, here.events, one, here.actor, here.now) for one in ids}
    shown = table(("id", "now"), list(done.items())) if done else sentence("Nothing waits.")
    return Answer({"replayed": done}, (shown,))


def open_tasks(here: Here) -> Answer:
    """List what waits for a person, soonest first."""
    found, now = here.store.open_tasks(), here.now
    data = [
        {"id": one.task_id, "kind": one.kind, "queue": one.queue, "due": stamp(one.due), "overdue": one.due < now,
         "sentence": one.sentence, "owner": one.owner or None, "message": one.message_id or None}
        for one in found
    ]  # fmt: skip
    rows = [(one.task_id, one.kind, one.queue, "overdue" if one.due < now else one.due, one.sentence) for one in found]
    shown = table(("id", "kind", "for", "due", "what"), rows) if rows else sentence("Nothing waits for anybody.")
    return Answer({"tasks": data}, (shown,))


def calls(here: Here, task_id: TaskId) -> Answer:
    """Show whom a call list is about: threads to open in the inbox, earliest first.

    What could not go in time or for lack of money, and why. No names and no numbers.
    """
    found = pacing.on_call_list(here.world, call_list.task_of(here.world, task_id))
    reasons = [call_list.why(one)[0] for one in found]
    rows = [(one.thread_id, one.purpose, one.deadline, why) for one, why in zip(found, reasons, strict=True)]
    data = [
        {"thread": one.thread_id, "message": one.message_id, "purpose": one.purpose, "deadline": stamp(one.deadline),
         "reason": why}
        for one, why in zip(found, reasons, strict=True)
    ]  # fmt: skip
    shown = table(("thread", "text", "was due by", "why"), rows) if rows else sentence("Nobody is left to call.")
    return Answer({"calls": data}, (shown,))


def close(here: Here, task_id: TaskId, outcome: Outcome = "done") -> Answer:
    """Mark a task as done.

    Staff do this in their inbox; here it is for what they cannot reach.
    """
    closed = tasks.close_task(here.world, task_id, outcome, here.actor, here.now)
    return Answer({"id": closed.task_id, "state": closed.state, "outcome": outcome}, (sentence("Closed."),))


def letters(here: Here) -> Answer:
    """List how many wait, since when and why.

    Why, as far as AWS says; never what is in them.
    """
    depths = inspection.depths(here.dead_letters)
    found = {word: dead_letters.peek(here.dead_letters[word]) for word, count in depths.items() if count}
    data: dict[str, Any] = {
        word: {
            "count": count,
            "oldest": stamp(found[word][0].sent_at) if found.get(word) else None,
            "reasons": _reasons(found.get(word, ())),
        }
        for word, count in depths.items()
    }
    rows = [
        (word, told["count"], told["oldest"], ", ".join(f"{why} ×{n}" for why, n in told["reasons"].items()))
        for word, told in data.items()
    ]
    return Answer({"dead_letters": data}, (table(("queue", "waiting", "oldest", "reasons"), rows),))


def _reasons(found: tuple[dead_letters.Letter, ...]) -> dict[str, int]:
    return dict(Counter(letter.reason or "function_failed" for letter in found).most_common())


def replay_letters(here: Here, queue: QueueName, confirm_word: Confirm = "") -> Answer:
    """Put a queue's messages back where they came from.

    Everything behind takes a second delivery as one.
    """
    url, count = _queue(here, queue)
    if queue not in SOURCES:
        raise Reject(
            f"What a timetable could not start runs again by itself: `quietline dead-letters discard {queue}`."
        )
    if not count:
        return Answer({"queue": queue, "moved": 0}, (sentence("Nothing waits there."),))
    typer.echo(f"{queue}: {count} waiting; reasons: {_reasons(dead_letters.peek(url))}", err=True)
    confirm("REPLAY", confirm_word, f"They go back to {SOURCES[queue]}.")
    operate.note_replay(here.store, queue, count, here.actor, here.now)
    moved = dead_letters.move(url, here.work_queues[SOURCES[queue]], count)
    return Answer({"queue": queue, "to": SOURCES[queue], "moved": moved}, (sentence(f"Moved {moved}."),))


def discard(here: Here, queue: QueueName, confirm_word: Confirm = "") -> Answer:
    """Throw away what a timetable could not start.

    Once its cause is mended; the timetable itself goes on.
    """
    url, count = _queue(here, queue)
    if queue != TIMERS:
        raise Reject(f"Nothing of a patient's is thrown away: `quietline dead-letters replay {queue}`.")
    confirm("DISCARD", confirm_word, f"{count} starts that failed are forgotten.")
    operate.note_replay(here.store, queue, count, here.actor, here.now)
    gone = dead_letters.discard(url, count)
    return Answer({"queue": queue, "discarded": gone}, (sentence(f"Discarded {gone}."),))


def _queue(here: Here, queue: str) -> tuple[str, int]:
    url = here.dead_letters.get(queue)
    if url is None:
        raise Unknown(f"There is no dead letter queue of this name; choose from {', '.join(here.dead_letters)}.")
    return url, inspection.depths({queue: url})[queue]
