"""How fast texts may leave a sending number, and who goes first: arithmetic only, the time is passed in.

A number's pace is a bucket that gains one part every `interval` and holds what one second brings, one part at least: the
generic cell rate algorithm of ATM (ITU-T I.371), kept as the one time `next_at`. What a person waits for may borrow a few
parts ahead; everything else pays them back by waiting. What cannot go at once lines up by deadline, and is let in only
while everybody in line can still be on time. Rates: End User Messaging SMS, message parts per second of one origination
identity, and one text per second to one recipient (`facts/aws.md` §2.4).
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from texting.records import Message, Pace

RECIPIENT = timedelta(seconds=1)
"""The carrier takes one text a second to one phone, and does not raise that for anybody."""
RESERVE = 4
"""Parts that what a person waits for may take ahead of time: two answers of two parts at the same moment."""
HOLDS = timedelta(seconds=1)
"""What the bucket holds: the carrier counts parts per second, and ticks come on whole seconds."""
SPARE = 20
"""The line is planned as if each twentieth turn went to somebody else: answers take some, and no queue is punctual."""
SLOWER, SLOWED = 2, timedelta(minutes=1)
"""After a throttle the interval is this many times as long, for this long."""
MARGIN = timedelta(seconds=10)
"""What must be left when a text's turn comes: the carrier's shortest life of 5 s, and as much again for our own steps."""
PERSON = "0"
"""Where the parts are counted that a person waits for: before every minute."""
ZERO = timedelta(0)


def waits_for_person(message: Message) -> bool:
    """Whether somebody sits and waits for it: an answer to a patient's own text, or what staff just wrote."""
    return message.permit_until is not None or bool(message.author)


def interval(rate: float, pace: Pace, now: datetime) -> timedelta:
    """The time from one part to the next at `rate` parts per second, in whole milliseconds, never too short."""
    normal = timedelta(milliseconds=math.ceil(1000 / rate))
    return normal * SLOWER if pace.slowed_until and now < pace.slowed_until else normal


def planned(step: timedelta) -> timedelta:
    """The interval at which a line can be relied on to move."""
    return step * SPARE / (SPARE - 1)


def wait(pace: Pace, step: timedelta, now: datetime, *, person: bool) -> timedelta:
    """How long until the next text may go."""
    ahead = (pace.next_at or now) - now - max(HOLDS - step, ZERO) - (step * RESERVE if person else ZERO)
    return max(ahead, ZERO)


def taken(pace: Pace, parts: int, step: timedelta, at: datetime) -> Pace:
    """The pace after `parts` were let go at `at`."""
    begins = max(pace.next_at or at, at)
    return replace(pace, next_at=_whole(begins + step * max(parts, 1)))


def slot(pace: Pace, step: timedelta, now: datetime) -> datetime:
    """When the end of the line will be reached."""
    return max(pace.next_at or now, now) + planned(step) * lined_up(pace)


def lined_up(pace: Pace) -> int:
    """The parts in line."""
    return sum(int(parts) for parts in pace.waiting.values())


def has_room(pace: Pace, order: str, parts: int, step: timedelta, now: datetime) -> bool:
    """Whether a text can go in time, and everybody already in line still can.

    Texts in line are of about one length, so letting in whoever fits, in whatever order they come, sends as many in time
    as any other choice (unit jobs with deadlines are a matroid).
    """
    mine = place(order)
    load = _with(pace.waiting, mine, parts)
    begins, before = max(pace.next_at or now, now), 0
    for minute in sorted(load, key=int):
        before += load[minute]
        last = begins + planned(step) * (before - parts)
        if minute != PERSON and int(minute) >= int(mine) and last + MARGIN > _time(minute):
            return False
    return True


def joined(pace: Pace, order: str, parts: int) -> Pace:
    """The pace with one more text in line."""
    return replace(pace, waiting=_with(pace.waiting, place(order), max(parts, 1)), texts=pace.texts + 1)


def left(pace: Pace, order: str, parts: int) -> Pace:
    """The pace without a text that was in line."""
    return replace(pace, waiting=_with(pace.waiting, place(order), -max(parts, 1)), texts=max(pace.texts - 1, 0))


def emptied(pace: Pace) -> Pace:
    """The pace of a line in which nobody stands."""
    return replace(pace, waiting={}, texts=0, ticks=0)


def wants_tick(pace: Pace, step: timedelta, reach: timedelta) -> bool:
    """Whether one more tick is of use: a tick for each text, and no more than there are turns within `reach`."""
    return pace.ticks < min(pace.texts, max(reach // planned(step), 1))


def ticked(pace: Pace, ticks: int) -> Pace:
    """The pace with so many more ticks on their way."""
    return replace(pace, ticks=max(pace.ticks + ticks, 0))


def slowed(pace: Pace, now: datetime) -> Pace:
    """The pace after the carrier asked to slow down."""
    return replace(pace, slowed_until=now + SLOWED)


def order_of(message: Message, deadline: datetime) -> str:
    """Where a text stands in line, as text whose order is the line's: what a person waits for, then by deadline."""
    group = "0" if waits_for_person(message) else "1"
    return f"{group}#{deadline.astimezone(UTC):%Y-%m-%dT%H:%M:%S}#{message.message_id}"


def place(order: str) -> str:
    """The minute (since 1970) under which a text in line is counted: its deadline's, or that of what a person waits for."""
    group, deadline, _ = order.split("#", 2)
    if group == "0":
        return PERSON
    return str(int(datetime.fromisoformat(deadline + "+00:00").timestamp()) // 60)


def until_next(texted_at: datetime | None, now: datetime) -> timedelta:
    """How long one recipient must be left alone: a second at most, whatever the clocks of two machines say."""
    if texted_at is None:
        return ZERO
    return min(max(texted_at + RECIPIENT - now, ZERO), RECIPIENT)


def _with(waiting: Mapping[str, int], minute: str, parts: int) -> dict[str, int]:
    counted = {name: int(count) for name, count in waiting.items()}
    counted[minute] = counted.get(minute, 0) + parts
    return {name: count for name, count in counted.items() if count > 0}


def _time(minute: str) -> datetime:
    return datetime.fromtimestamp(int(minute) * 60, UTC)


def _whole(at: datetime) -> datetime:
    """Rounded up to the millisecond: tables keep no more, and rounding down would let the pace creep up."""
    spare = at.microsecond % 1000
    return at + timedelta(microseconds=1000 - spare) if spare else at
