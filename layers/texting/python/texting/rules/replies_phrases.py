"""Reads a turn of phrase as the one thing it means, before any word of it can be taken for something else.

"Don't give my spot away" keeps a visit, "cancel the order" is about no visit, "baja la hinchazon" about no list. Each such
phrase of `tables/replies_phrases.toml` becomes one mark (`#keep`, `#aside`) in its clause. Of dangers only what is never
one (`#said`) is taken away: a bleeding that won't stop is no aside.
"""

from functools import cache

from texting.rules.replies_book import Book
from texting.rules.replies_normalise import Clause, Plain

_NEVER_A_DANGER = "#said"


@cache
def _book() -> Book:
    return Book("phrases")


def reworded(words: Plain) -> tuple[Plain, tuple[Clause, ...]]:
    """The same text with its turns of phrase read; and its clauses as a danger is looked for in them."""
    book = _book()
    if not [clause for clause in words.clauses if book.calls(clause.words)]:
        return words, words.clauses
    read = [_read(clause) for clause in words.clauses]
    return Plain(words.words, tuple(said for said, _ in read), words.thanks), tuple(plain for _, plain in read)


def _read(clause: Clause) -> tuple[Clause, Clause]:
    found = [(place, rule.intent) for rule, place in _book().matches(clause.words, every=True)]
    if not found:
        return clause, clause
    ways = [row for row in found if row[1].startswith(_NEVER_A_DANGER)]
    return _marked(clause, found), _marked(clause, ways) if ways else clause


def _marked(clause: Clause, found: list[tuple[tuple[int, int], str]]) -> Clause:
    out, past = list(clause.words), len(clause.words)
    # From the end, the longest first: what is read already is not read again.
    for (start, end), mark in sorted(found, key=lambda row: (-row[0][1], row[0][0])):
        if end <= past:
            out[start:end] = [mark]
            past = start
    return Clause(tuple(out), clause.asked)
