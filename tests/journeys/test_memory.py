"""The tables in memory behave as the real adapter does: random transactions, the same answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from texting.aws.store import Store
from texting.aws.vault import Vault
from texting.errors import Contended
from texting.records import Consent, Latest, Listing, Message, Pace, Switch, Token
from texting.values import Category, Standing, State
from texting.writes import Change, New, Same

from tests.journeys.memory import MemoryStore, PlainVault
from tests.journeys.world import tables

AT = datetime(2026, 12, 1, tzinfo=UTC)
records = st.one_of(
    st.builds(Switch, stopped=st.booleans(), rev=st.integers(0, 3)),
    st.builds(Pace, line=st.sampled_from(["a", "b"]), next_at=st.sampled_from([None, AT]),
              waiting=st.dictionaries(st.sampled_from(["0", "29935680"]), st.integers(1, 9)),
              texts=st.integers(0, 9), ticks=st.integers(0, 9), rev=st.integers(0, 3)),
    st.builds(Listing, number_id=st.sampled_from(["n_1", "n_2"]), since=st.sampled_from([AT, AT + timedelta(days=1)]),
              state=st.sampled_from(["due", "listed", "leaving", "off"]), rev=st.integers(0, 3)),
    st.builds(Token, token_hash=st.sampled_from("ab"), name=st.just("n"), scopes=st.just(("tasks",)),
              created_at=st.just(AT), rev=st.integers(0, 3)),
    st.builds(Consent, patient_id=st.sampled_from(["p_1", "p_2"]), number_id=st.just("n_1"),
              category=st.sampled_from([Category.CARE, Category.BILLING]), standing=st.sampled_from(list(Standing)),
              rev=st.integers(0, 3)),
    st.builds(Latest, thread=st.sampled_from(["t_1", "t_2"]), patient_id=st.sampled_from(["p_1", None]),
              number_id=st.just("n_1"), at=st.just(AT), rev=st.integers(0, 3),
              words=st.lists(st.sampled_from([{"id": "m_1", "by": "u_1", "at": "-"}, {"id": "s_1", "by": "patient"}]),
                             max_size=2).map(tuple)),
)  # fmt: skip
writes = st.builds(lambda kind, record: kind(record), st.sampled_from([New, Change, Change, Same]), records)


def keyed(write):
    if isinstance(write.record, Latest):
        return ("Latest", write.record.thread)
    names = ("token_hash", "patient_id", "category", "line", "number_id")
    return (type(write.record).__name__, *(str(getattr(write.record, name, "")) for name in names))


transactions = st.lists(st.lists(writes, min_size=1, max_size=3, unique_by=keyed), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transactions)
def test_memory_and_tables_agree(rounds):
    """Whatever is committed or refused on the one is committed or refused on the other, and reads the same."""
    with mock_aws():
        real, memory = Store(tables(), PlainVault()), MemoryStore()
        for chosen in rounds:
            answers = []
            for store in (real, memory):
                try:
                    store.commit(*chosen)
                    answers.append("written")
                except Contended:
                    answers.append("lost")
            assert answers[0] == answers[1], chosen
        assert real.switch() == memory.switch()
        assert [real.token(name) for name in "ab"] == [memory.token(name) for name in "ab"]
        assert [real.pace(line) for line in "ab"] == [memory.pace(line) for line in "ab"]
        assert [real.latest(f"t_{one}") for one in "12"] == [memory.latest(f"t_{one}") for one in "12"]
        for state, days in product(("due", "leaving"), (0, 1, 2)):
            found = [set(store.listings(state, AT + timedelta(days=days))) for store in (real, memory)]
            assert found[0] == found[1]
        for patient in ("p_1", "p_2"):
            assert sorted(map(repr, real.consents(patient))) == sorted(map(repr, memory.consents(patient)))


places = st.tuples(st.sampled_from(["line_1", "calls#2026-12-01", None]), st.integers(0, 9))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 4), places), max_size=15))
def test_lines_stand_alike(moves):
    """Whoever joins, changes and leaves a line: both tables tell the same texts in the same order."""
    with mock_aws():
        real, memory = Store(tables(), Vault("keys", "unused", {("p", 2026): b"k" * 32})), MemoryStore()
        for which, (line, place) in moves:
            for store in (real, memory):
                one = store.message(f"m_{which}") or Message(
                    f"m_{which}", "reminder", Category.CARE, State.HELD, "p", "n", "t", AT, AT, AT
                )
                at = f"1#{place}#{one.message_id}"
                store.commit(Change(replace(one, line=line, line_at=at if line else one.line_at)))
        for line in ("line_1", "calls#2026-12-01"):
            told = [[one.message_id for one in store.in_line(line, 3)] for store in (real, memory)]
            assert told[0] == told[1]
