"""Weighs what a text says by halves: an opt-out that no phrase of the tables holds, but that its words add up to.

A reasonable person hears a refusal, our texts and "me" in "nobody at your office has my permission to message me", whatever
their order (47 CFR 64.1200(a)(10)). Words stand for ideas (`tables/replies_evidence.toml`); an idea, or one idea followed
by another a few words later, is worth whole points for or against; enough of them make an opt-out. Asked only where
no rule found a stronger request, so that it can add a revocation and never take anything away.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from texting.rules.replies_normalise import Clause
from texting.rules.replies_tables import tables

TYPE_CHECKING = False  # typing would be a tenth of the start-up
if TYPE_CHECKING:
    from typing import Any

# How many words on two ideas still belong together, and how far into a breathless clause anybody looks.
_WITHIN, _LONGEST = 7, 60
# From so many words on, what is said by halves is more likely said of something else.
_LONG, _VERY_LONG = 13, 26
_NOTHING: frozenset[str] = frozenset()
_NO_PAIRS: dict[str, str] = {}


def revokes(clauses: Sequence[Clause], otherwise: bool) -> str | None:
    """Why the words of a text add up to an opt-out; None where they do not.

    `otherwise` says that a rule read it as something weaker already: then they must weigh more.
    """
    table = _table()
    words = [word for clause in clauses for word in clause.words]
    # Most texts end here: two of three name nothing of ours.
    if table["ours"].isdisjoint(words) or table["whose"].isdisjoint(words):
        return None
    heard = _heard(clauses)
    ideas = _NOTHING.union(*[here for _, said in heard for here in said])
    if ideas.isdisjoint(table["about_us"]) or ideas.isdisjoint(table["for_whom"]):
        return None
    found = _pieces(clauses, heard)
    if found.isdisjoint(table["links"]):
        return None
    points = table["points"]
    worth = sum([points.get(piece, 0) for piece in found])
    if worth < table["enough"] + (table["enough_more"] if otherwise else 0):
        return None
    return f"Adds up to a wish for no texts: {_told(found)}."


def evidence(clauses: Sequence[Clause]) -> set[str]:
    """The ideas of a text, and each two of one clause ("refusal > wish") of which the second follows the first closely.

    Of such pairs, those that the table lists.
    """
    return _pieces(clauses, _heard(clauses))


def _heard(clauses: Sequence[Clause]) -> list[tuple[list[str], list[frozenset[str]]]]:
    """The words of each clause, and what each of them stands for."""
    said = [[word for word in clause.words if word != ","][:_LONGEST] for clause in clauses]
    return [(words, _ideas(words)) for words in said]


def _pieces(clauses: Sequence[Clause], heard: list[tuple[list[str], list[frozenset[str]]]]) -> set[str]:
    found = {"#asked"} if [clause for clause in clauses if clause.asked] else set()
    for words, ideas in heard:
        found.update(*ideas)
        _follow(words, ideas, found)
    size = sum([len(clause.words) for clause in clauses])
    if size >= _LONG:
        found.add("#very_long" if size >= _VERY_LONG else "#long")
    return found


def _follow(words: list[str], ideas: list[frozenset[str]], found: set[str]) -> None:
    """Adds the listed pairs of which both halves stand in one clause."""
    pairs = _table()["pairs"]
    places = [place for place, here in enumerate(ideas) if here]
    for number, at in enumerate(places, 1):
        near = [then for then in places[number : number + _WITHIN] if then - at < _WITHIN]
        for first in ideas[at] if near else ():
            seconds = pairs.get(first, _NO_PAIRS)
            for then in near if seconds else ():
                for second in ideas[then]:
                    if second in seconds and (first != second or words[at] != words[then]):
                        found.add(seconds[second])


def _ideas(words: Sequence[str]) -> list[frozenset[str]]:
    """What each word stands for; a mark of a turn of phrase ("#aside") stands for itself."""
    table = _table()
    alone, runs = table["words"], table["runs"]
    heard: list[frozenset[str]] = []
    for at, word in enumerate(words):
        ideas = alone.get(word, _NOTHING)
        if word in runs:
            ideas = ideas.union([idea for run, idea in runs[word] if tuple(words[at + 1 : at + 1 + len(run)]) == run])
        heard.append(ideas.union((word,)) if word[0] == "#" else ideas)
    return heard


def _told(found: set[str]) -> str:
    """The three weightiest pieces, in words for staff; none of them is the patient's."""
    table = _table()
    says, points = table["says"], table["points"]
    weighty = sorted((piece for piece in found if points.get(piece, 0) > 0), key=lambda piece: (-points[piece], piece))
    return ", ".join(" with ".join(says[idea] for idea in piece.split(" > ")) for piece in weighty[:3])


@cache
def _table() -> dict[str, Any]:
    """The compiled table, its words as sets that can be asked.

    `links` are the pairs that join an act to what is ours; `ours` and `whose` are the words that can stand for an idea of
    `about_us` and of `for_whom`.
    """
    table: dict[str, Any] = tables()["evidence"]
    ours = {*table["about_us"], *table["joined"]}
    pairs = (piece for piece, worth in table["points"].items() if worth > 0 and " > " in piece)
    links = frozenset(pair for pair in pairs if not ours.isdisjoint(pair.split(" > ")))
    words, runs = _spelt(table["idea"])
    listed: dict[str, dict[str, str]] = {}
    for piece in (*table["may_speak_for"], *table["may_speak_against"]):
        first, _, second = piece.partition(" > ")
        if second:
            listed.setdefault(first, {})[second] = piece
    return table | {
        "links": links,
        "pairs": listed,
        "words": {word: frozenset(ideas) for word, ideas in words.items()},
        "runs": runs,
        "ours": _leading(table, "about_us"),
        "whose": _leading(table, "for_whom"),
    }


def _spelt(ideas: dict[str, str]) -> tuple[dict[str, set[str]], dict[str, list[tuple[tuple[str, ...], str]]]]:
    """The ideas that each word stands for alone, and those it stands for where the rest of a run follows it."""
    words: dict[str, set[str]] = {}
    runs: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for idea, spellings in ideas.items():
        for spelling in spellings.split():
            first, *rest = spelling.split("_")
            if rest:
                runs.setdefault(first, []).append((tuple(rest), idea))
            else:
                words.setdefault(first, set()).add(idea)
    return words, runs


def _leading(table: dict[str, Any], ideas: str) -> frozenset[str]:
    """The words without which none of these ideas can be heard: of a run, the first."""
    spellings = [spelling for idea in table[ideas] for spelling in table["idea"][idea].split()]
    return frozenset([spelling.partition("_")[0] for spelling in spellings])
