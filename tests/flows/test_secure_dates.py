"""Birth dates as people type them into the portal, and what is none."""

import pytest
from texting.flows.open_secure import read_birth_date


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1990-05-17", "1990-05-17"),
        ("1990-5-7", "1990-05-07"),
        ("05/17/1990", "1990-05-17"),
        ("5/7/1990", "1990-05-07"),
        ("05-17-1990", "1990-05-17"),
        ("05.17.1990", "1990-05-17"),
        ("05 17 1990", "1990-05-17"),
        ("05171990", "1990-05-17"),
        ("02/29/2000", "2000-02-29"),
        ("02/29/2001", ""),  # no such day
        ("17/05/1990", ""),  # no seventeenth month: the form asks for the month first
        ("05/17/90", ""),  # 1990 or 1890: nothing is guessed
        ("0000-01-01", ""),
        ("1990-05-17T00:00", ""),
        ("May 17, 1990", ""),
        ("٠٥/١٧/١٩٩٠", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_dates_as_they_are_typed(typed, read):
    """Month first, as the form says, or as in a passport; whatever cannot be one date is none."""
    assert read_birth_date(typed) == read
