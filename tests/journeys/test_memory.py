"""The tables in memory behave as the real adapter does: random transactions, the same answers."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from texting.aws.store import Store
from texting.errors import Contended
from texting.records import Consent, Switch, Token
from texting.values import Category, Standing
from texting.writes import Change, New, Same

from tests.journeys.memory import MemoryStore, PlainVault
from tests.journeys.world import tables

AT = datetime(2026, 12, 1, tzinfo=UTC)
records = st.one_of(
    st.builds(Switch, stopped=st.booleans(), rev=st.integers(0, 3)),
    st.builds(Token, token_hash=st.sampled_from("ab"), name=st.just("n"), scopes=st.just(("tasks",)),
              created_at=st.just(AT), rev=st.integers(0, 3)),
    st.builds(Consent, patient_id=st.sampled_from(["p_1", "p_2"]), number_id=st.just("n_1"),
              category=st.sampled_from([Category.CARE, Category.BILLING]), standing=st.sampled_from(list(Standing)),
              rev=st.integers(0, 3)),
)  # fmt: skip
writes = st.builds(lambda kind, record: kind(record), st.sampled_from([New, Change, Change, Same]), records)


def keyed(write):
    return (type(write.record).__name__, getattr(write.record, "token_hash", ""), getattr(write.record, "patient_id", ""),
            str(getattr(write.record, "category", "")))  # fmt: skip


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
        for patient in ("p_1", "p_2"):
            assert sorted(map(repr, real.consents(patient))) == sorted(map(repr, memory.consents(patient)))
