"""docs/law.md shows the tables that the code obeys."""

from pathlib import Path

import pytest
from texting.rules.tables import compiled, law_page

PAGE = Path(__file__).parents[2] / "docs" / "law.md"


def test_the_page_equals_the_tables() -> None:
    """After a change of a table run python -m texting.rules.tables.law_page docs/law.md."""
    page = PAGE.read_text(encoding="utf-8")
    assert law_page.filled(page) == page


def test_every_row_is_on_the_page() -> None:
    """No row of law is hidden from the reader: its clause, its source's date and its note stand on the page."""
    page = PAGE.read_text(encoding="utf-8")
    for row in [
        *compiled("quiet_hours")["window"],
        *compiled("quiet_hours")["holiday"],
        *compiled("retention")["period"],
    ]:
        assert row["citation"] in page
        assert row["source_date"] in page
        assert row.get("note", "") in page


def test_every_generated_table_has_its_place() -> None:
    """A table that is generated and shown nowhere would be forgotten."""
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- table: {name} -->" in page for name in law_page.TABLES)


def test_rewrites_only_its_own_sections(tmp_path: Path) -> None:
    """What people wrote stays; what stood between the marks is replaced."""
    page = tmp_path / "law.md"
    page.write_text("before\n<!-- table: zones -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    assert law_page.main([str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("<!-- end -->\nafter\n")
    assert "| Texas | America/Chicago, America/Denver |" in text
    assert "old" not in text


def test_an_unknown_section_is_a_fault() -> None:
    """A mark that nothing fills would show a stale table for ever."""
    with pytest.raises(KeyError):
        law_page.filled("<!-- table: nothing -->\n<!-- end -->")
