"""The tables that functions load say what the tables that people read say."""

import pytest
from texting.rules.tables import compile as compiling
from texting.rules.tables import compiled


def test_compiled_tables_are_fresh() -> None:
    """Each JSON equals its TOML; after a change run python -m texting.rules.tables.compile."""
    assert compiling.stale() == []


def test_check_reports_what_is_stale(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With --check a stale table is named with the remedy, and the answer is 1."""
    monkeypatch.setattr(compiling, "stale", lambda: ["retention"])
    assert compiling.main(["--check"]) == 1
    assert "python -m texting.rules.tables.compile" in capsys.readouterr().out


BAD = [
    ("quiet_hours", {"window": [{"state": "ZZ"}], "holiday": []}, "lacks citation"),
    ("retention", {"period": [{"state": "ZZ", "entity": "x", "citation": "c", "source": "s"}]}, "lacks source_date"),
    (
        "retention",
        {
            "period": [
                {"state": "ZZ", "entity": "x", "citation": "c", "source": "s", "source_date": "d", "confidence": "sure"}
            ]
        },
        "confidence must be",
    ),
]


@pytest.mark.parametrize(("table", "rows", "says"), BAD)
def test_rows_without_a_source_stop_the_build(table: str, rows: dict[str, object], says: str) -> None:
    """A row of law that does not say where it comes from never reaches a function."""
    with pytest.raises(compiling.BadRow, match=says):
        compiling.CHECKS[table](rows)


def test_windows_must_open_before_they_close() -> None:
    """Hours typed the wrong way round are a fault of the table, not a closed day."""
    row = {**compiled("quiet_hours")["window"][0], "weekday": ["21:00", "08:00"]}
    with pytest.raises(compiling.BadRow, match="must open before"):
        compiling.CHECKS["quiet_hours"]({"window": [row], "holiday": []})
