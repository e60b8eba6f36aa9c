"""Reads a turn of phrase as the one thing it means, before any word of it can be taken for something else.

"Don't give my spot away" keeps a visit, "cancel the order" is about no visit, "baja la hinchazon" about no list. Each such
phrase of `tables/replies_phrases.toml` becomes one mark (`#keep`, `#aside`) in its clause. Of dangers only what is never
one (`#said`) is taken away: a bleeding that won't stop is no aside.
"""

from functools import cache

from texting.rules.replies_normalise import Clause, Plain
from texting.rules.replies_patterns import Book


@cache
def _book() -> Book:
    return Book("phrases")


def reworded(words: Plain, only: str = "#") -> Plain:
    """The same text with its turns of phrase read, or `only` those of one mark; its words as they were."""
    return Plain(words.words, tuple(_read(clause, only) for clause in words.clauses), words.thanks)


def _read(clause: Clause, only: str) -> Clause:
    out, past = list(clause.words), len(clause.words)
    matches = _book().matches(clause.words, every=True)
    found = [(place, rule.intent) for rule, place in matches if rule.intent.startswith(only)]
    # From the end, the longest first: what is read already is not read again.
    for (start, end), mark in sorted(found, key=lambda row: (-row[0][1], row[0][0])):
        if end <= past:
            out[start:end] = [mark]
            past = start
    return Clause(tuple(out), clause.asked) if past < len(clause.words) else clause
