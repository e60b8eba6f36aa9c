"""The box's clock and timer: time passes only when asked, in order, and for every process alike."""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from box.clock import DEFAULT_START, BoxClock, UnreadableTime, WentBackwards, install, parse_time, written
from box.timer import MovedWhileMoving, NeverIdle, Timer

ROOT = Path(__file__).parents[2]
HOUR = timedelta(hours=1)


@pytest.fixture
def timer() -> Timer:
    return Timer(BoxClock())


def test_it_starts_on_a_tuesday_and_stands_still() -> None:
    """Nobody's demonstration depends on the hour of day at which it is given."""
    clock = BoxClock.from_environment({})
    time.sleep(0.01)
    assert clock.now() == DEFAULT_START == datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert DEFAULT_START.strftime("%A") == "Tuesday"


def test_the_environment_chooses_start_and_liveness() -> None:
    """BOX_START sets the date and CLOCK=live lets it run."""
    clock = BoxClock.from_environment({"BOX_START": "2027-03-14T01:59:00-05:00", "CLOCK": "live"})
    first = clock.now()
    time.sleep(0.02)
    assert first - datetime(2027, 3, 14, 6, 59, tzinfo=UTC) < timedelta(seconds=5)
    assert clock.now() > first


def test_it_never_goes_back() -> None:
    """A moment that has passed is refused with a type of its own, and the clock stays where it is."""
    clock = BoxClock()
    with pytest.raises(WentBackwards):
        clock.set(DEFAULT_START - timedelta(microseconds=1))
    assert clock.now() == DEFAULT_START


@pytest.mark.parametrize("text", ["tomorrow", "2026-12-01T15:00:00", "", None])
def test_a_time_that_cannot_be_placed_is_refused(text: str) -> None:
    """A time without a zone is as useless as no time."""
    with pytest.raises(UnreadableTime):
        parse_time(text)


def test_times_are_written_in_utc_with_a_z() -> None:
    """What the control surface writes is what it reads."""
    assert written(parse_time("2026-12-01T09:00:00-06:00")) == "2026-12-01T15:00:00Z"


def test_moving_runs_what_falls_due_each_at_its_own_time_and_in_order(timer: Timer) -> None:
    """Two things due at different times see different times, whatever order they were asked for in."""
    seen: list[tuple[str, datetime]] = []
    for name, hours in (("second", 2), ("first", 1), ("beyond", 9)):
        timer.at(DEFAULT_START + hours * HOUR, name, lambda name=name: seen.append((name, timer.clock.now())))
    assert timer.move_to(DEFAULT_START + 3 * HOUR) == DEFAULT_START + 3 * HOUR
    assert seen == [("first", DEFAULT_START + HOUR), ("second", DEFAULT_START + 2 * HOUR)]
    assert timer.pending() == [(DEFAULT_START + 9 * HOUR, "beyond")]


def test_what_an_effect_sets_in_motion_inside_the_span_runs_too(timer: Timer) -> None:
    """A reminder's receipt, and what the receipt schedules, all happen in one jump."""
    seen: list[str] = []
    timer.after(
        3600, "send", lambda: timer.after(60, "receipt", lambda: timer.after(0, "answer", lambda: seen.append("x")))
    )
    timer.advance(2 * HOUR)
    assert seen == ["x"]
    assert timer.pending() == []


def test_the_queues_are_drained_between_two_instants(timer: Timer) -> None:
    """What settles after the first instant happens at the first instant, not at the end of the span."""
    drained: list[datetime] = []
    queue: list[str] = []

    def settle() -> None:
        while queue:
            queue.pop()
            drained.append(timer.clock.now())

    timer.settle = settle
    timer.at(DEFAULT_START + HOUR, "one", lambda: queue.append("a"))
    timer.at(DEFAULT_START + 5 * HOUR, "two", lambda: queue.append("b"))
    timer.move_to(DEFAULT_START + 6 * HOUR)
    assert drained == [DEFAULT_START + HOUR, DEFAULT_START + 5 * HOUR]


def test_things_due_at_once_settle_once(timer: Timer) -> None:
    """A thousand reminders at ten o'clock do not cost a thousand drainings."""
    settled: list[datetime] = []
    timer.settle = lambda: settled.append(timer.clock.now())
    for _ in range(1000):
        timer.at(DEFAULT_START + HOUR, "reminder", lambda: None)
    timer.move_to(DEFAULT_START + HOUR)
    assert settled == [DEFAULT_START, DEFAULT_START + HOUR]


def test_repeating_work_runs_at_each_interval_and_can_be_ended(timer: Timer) -> None:
    """A nightly job runs once for every night that passes, until it is cancelled."""
    nights: list[datetime] = []
    ticket = timer.every(timedelta(days=1), "nightly", lambda: nights.append(timer.clock.now()))
    timer.advance(timedelta(days=3))
    timer.cancel(ticket)
    timer.advance(timedelta(days=3))
    assert nights == [DEFAULT_START + timedelta(days=day) for day in (1, 2, 3)]


def test_a_cancelled_ticket_of_the_same_instant_does_not_run(timer: Timer) -> None:
    """Cancelling works even when both fall due together."""
    ran: list[str] = []
    first = timer.after(1, "first", lambda: timer.cancel(second))
    second = timer.after(1, "second", lambda: ran.append("second"))
    timer.advance(HOUR)
    assert ran == []
    assert first.when == second.when


def test_a_failing_callback_is_kept_and_stops_nobody_else(timer: Timer) -> None:
    """One broken part neither stops the clock nor goes unseen."""
    ran: list[str] = []
    timer.after(1, "broken", lambda: 1 / 0)
    timer.after(1, "sound", lambda: ran.append("sound"))
    timer.advance(HOUR)
    assert ran == ["sound"]
    assert [(failure.name, type(failure.error)) for failure in timer.failures] == [("broken", ZeroDivisionError)]


def test_going_back_is_refused_and_nothing_runs(timer: Timer) -> None:
    """A refused move changes nothing."""
    timer.after(0, "due", lambda: pytest.fail("it ran"))
    with pytest.raises(WentBackwards):
        timer.move_to(DEFAULT_START - HOUR)
    with pytest.raises(WentBackwards):
        timer.advance(-HOUR)


def test_a_loop_at_one_instant_is_found(timer: Timer) -> None:
    """A part that reschedules itself for now ends in an error with its name, not in a hung box."""

    def again() -> None:
        timer.after(0, "restless", again)

    again()
    with pytest.raises(NeverIdle, match="restless"):
        timer.pump()


def test_a_callback_cannot_move_the_clock(timer: Timer) -> None:
    """Time is moved from outside only."""
    timer.after(0, "meddler", lambda: timer.advance(HOUR))
    timer.pump()
    assert [type(failure.error) for failure in timer.failures] == [MovedWhileMoving]
    assert timer.clock.now() == DEFAULT_START


def test_two_moves_at_once_take_turns(timer: Timer) -> None:
    """Eight people pressing "an hour on" together get eight hours."""
    presses = [threading.Thread(target=timer.advance, args=(HOUR,)) for _ in range(8)]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    assert timer.clock.now() == DEFAULT_START + 8 * HOUR


@pytest.mark.parametrize("live", [False, True])
def test_a_serving_timer_runs_what_falls_due_by_itself(live: bool) -> None:
    """Nobody has to press anything for a text that is due now, or for one due shortly on a running clock."""
    timer, ran = Timer(BoxClock(live=live)), threading.Event()
    timer.serve()
    timer.after(0.05 if live else 0, "due", ran.set)
    assert ran.wait(5)
    timer.stop()


def test_a_standing_clock_runs_nothing_early() -> None:
    """A serving timer on a standing clock leaves the future alone."""
    timer, ran = Timer(BoxClock()), threading.Event()
    timer.serve()
    timer.after(0.01, "later", ran.set)
    assert not ran.wait(0.1)
    timer.stop()


WORKER = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from box.clock import install
box_time = install(Path(sys.argv[1]))
for line in sys.stdin:
    with box_time():
        now = datetime.now(UTC).timestamp()
        print(json.dumps([now, time.time(), time.time_ns() / 1e9, box_time.now().timestamp()]), flush=True)
"""


def test_another_process_sees_the_same_time(tmp_path: Path) -> None:
    """Handler code in a worker reads box time from the ordinary clocks, and follows every move."""
    clock = BoxClock()
    arguments = [sys.executable, "-c", WORKER, str(clock.share(tmp_path / "clock"))]
    with subprocess.Popen(arguments, stdin=-1, stdout=-1, text=True, cwd=ROOT) as worker:
        assert worker.stdin
        assert worker.stdout
        for hours in (0, 5, 800):
            moment = DEFAULT_START + hours * HOUR
            clock.set(moment)
            worker.stdin.write("now\n")
            worker.stdin.flush()
            assert json.loads(worker.stdout.readline()) == [moment.timestamp()] * 4
        worker.stdin.close()


def test_a_live_clock_runs_inside_an_invocation(tmp_path: Path) -> None:
    """On a live clock a handler that waits sees time pass."""
    clock = BoxClock(live=True)
    with install(clock.share(tmp_path / "clock"))():
        before = time.time()
        time.sleep(0.02)
        assert 0.01 < time.time() - before < 5
        assert abs(before - DEFAULT_START.timestamp()) < 5


def test_a_reader_never_takes_half_a_time(tmp_path: Path) -> None:
    """However fast the clock moves, a reader sees only moments that were set."""
    clock = BoxClock()
    box_time = install(clock.share(tmp_path / "clock"))
    step = timedelta(days=7, seconds=1)
    done = threading.Event()

    def race() -> None:
        for turn in range(1, 3000):
            clock.set(DEFAULT_START + turn * step)
        done.set()

    writer = threading.Thread(target=race)
    writer.start()
    while not done.is_set():
        assert (box_time.now() - DEFAULT_START) % step == timedelta(0)
    writer.join()
