"""Where a text holds the practice's own name, which may sound clinical and yet tells nothing.

The name is told by its shape and by its place, never by capitals, so that a text reads the same in any case. A shape
that can only be a business (a word for one, "by Anna", "Institute of") needs a place where a name can begin; a weaker
shape needs a place where only a business can stand ("welcome to", "will be closed", "call … at 555").
"""

from collections.abc import Iterable, Sequence

from texting.rules.normalise import fold
from texting.rules.phi_addresses import address_words
from texting.rules.phi_shapes import (
    FIRMS,
    LED_BY_FOR,
    PARTS,
    ROOMS,
    by_someone,
    department,
    for_what,
    housed,
    is_proper,
    last_house,
    made_up,
    of_a_place,
    shape_of,
    tells_a_name,
)
from texting.rules.phi_slots import ASKED_FOR, INTRODUCING, KEPT, TEAMS, around, owner, parted, slot, we_are
from texting.rules.phi_tables import GIVEN, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

_BUSINESS = WORDS["business"]
_SOFT_BUSINESS = WORDS["soft_business"]
_LEADING = WORDS["leading"]
_JOINERS = WORDS["joiners"]
_BEFORE_NAME = WORDS["before_name"]
_BUSINESS_VERBS = WORDS["business_verbs"]
_NEVER_IN_NAME = WORDS["never_in_name"] | _BUSINESS_VERBS | ((_BEFORE_NAME | WORDS["leads_straight"]) - _JOINERS)
_VISIT = WORDS["visit"]
_WHEN = WORDS["when"]
_ARTICLES = WORDS["articles"]
_HOUSES = WORDS["houses"]
_LEADS_STRAIGHT = WORDS["leads_straight"]
_SENDING = WORDS["sending"]
_LEADS_TO = WORDS["leads_to"]
_SENTENCE_WORDS = frozenset(
    "your su tu at with w for from @ in con en para desde . , ! ? hi hello hola see you ready reminder go come new free"
    " our".split()
)
_UNLIKE_A_NAME = (_VISIT | WORDS["when"] | WORDS["offer"] | _SENTENCE_WORDS) - {"special"}
# These never stand before "here" in a practice's name; nor do most of the words that no name holds.
_UNSPOKEN = (WORDS["roles"], _UNLIKE_A_NAME, PARTS)
_SPOKEN = frozenset(("on", "be", "me", "up", "out"))
_CANNOT_BEGIN = _JOINERS - {"the", "dr", "la", "el"}
_NOT_AFTER = _VISIT - _WHEN
# Before "here", or a colon, all that comes first may be the practice's name.
_HEADS = frozenset((":", "here"))
# A name may begin after these, if more speaks for it.
_MAY_LEAD = _ARTICLES | frozenset(("are", "were", "de", "for"))
# Words that make a name wherever it stands, and all that make one at all.
_ANYWHERE = _LEADING | LED_BY_FOR | {"of"}
_TELLING = _ANYWHERE | _BUSINESS | ROOMS | {"by"}
_MOST_NAME_WORDS = 9
_FEWEST_WORDS = 2
_MOST_AFTER_FOR = 4
_MOST_REMEMBERED = 16_384
# What part a word can have in a name: it makes one, stands in one, only links its words, or is passed over in a few.
_MAKES, _WITHIN, _LINKS, _PASSED = 1, 2, 3, 4
_BEGINS = (_MAKES, _WITHIN, _LINKS)


class _Parts(dict[str, int]):
    """What part each word can have in a name (0: it ends every one), remembered, since words repeat."""

    def __missing__(self, text: str) -> int:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        if text in _JOINERS:
            part = _LINKS
        elif text in _BUSINESS or (text.isalpha() and text not in _NEVER_IN_NAME):
            part = _MAKES if tells_a_name(text) else _WITHIN
        else:
            part = _PASSED if text in ROOMS or text in ("for", "mas") else 0
        self[text] = part
        return part


_PART = _Parts()


def practice_words(row: Row, there: frozenset[str], practice: str, asked: set[int]) -> set[int]:
    """Indices of the words of an address or of the practice's name, given or, for the places `asked` about, inferred."""
    inside = set(_inferred(row, asked))
    if practice:
        inside.update(_given(row, practice))
    if not _HEADS.isdisjoint(there):
        inside.update(_headed(row))
    inside.update(address_words(row, there))
    return inside


def _given(row: Row, practice: str) -> Iterable[int]:
    name = [text for text in Row(fold(practice).text).texts if text.isalnum()]
    places = [place for place, text in enumerate(row.texts) if text.isalnum()]
    texts = [row.texts[place] for place in places]
    for first in range(len(texts) - len(name) + 1):
        if name and texts[first : first + len(name)] == name:
            yield from range(places[first], places[first + len(name) - 1] + 1)


def _headed(row: Row) -> Iterable[int]:
    """The words before the message's colon, where they end in a word for a business ("Eyes on Main Clinic:")."""
    texts = row.texts
    end = texts.index(":") if ":" in texts[:_MOST_NAME_WORDS] else 0
    if "here" in texts[2:_MOST_NAME_WORDS]:
        yield from _speaking(texts[: texts.index("here", 2)])
    sender = next(
        (place for place in range(1, end) if texts[place] in ("from", "de") and texts[place - 1] in _SENDING), 0
    )
    if sender and _UNLIKE_A_NAME.isdisjoint(texts[sender + 1 : end]):
        yield from range(sender + 1, end)
    named = end > 1 and last_house(texts[:end]) == end - 1 and texts[0] not in _ARTICLES
    if named and _UNLIKE_A_NAME.isdisjoint(texts[:end]):
        yield from range(end)


def _speaking(texts: Sequence[str]) -> Iterable[int]:
    """All words from the start to "here" ("Botox on the Bayou here"), where one of them is no clinical one."""
    told = any(text not in LEXICON and text not in _SOFT_BUSINESS and text.isalpha() for text in texts)
    if not told or not all(text.isalpha() and (text not in _NEVER_IN_NAME or text in _SPOKEN) for text in texts):
        return ()
    return range(len(texts)) if all(words.isdisjoint(texts) for words in _UNSPOKEN) else ()


def _inferred(row: Row, asked: set[int]) -> Iterable[int]:
    texts, first = row.texts, 0
    for place in sorted(asked):
        if place < first or not _PART[texts[place]]:
            continue
        first = _reach(texts, first, place)
        if first == place and _alone(row, place):
            continue
        while first <= place:
            if _PART[texts[first]] not in _BEGINS or texts[first] in _CANNOT_BEGIN:
                first += 1
                continue
            end = _end_of_run(row, first)
            called = texts[first] in GIVEN or (first and texts[first - 1] in INTRODUCING)
            if called and first + 2 < end and texts[first + 1] == "de":
                first += 2
            if end > place and not asked.isdisjoint(range(first, end)):
                yield from _name_in_run(row, first, end)
            first = max(end, first + 1)


def _reach(texts: Sequence[str], first: int, place: int) -> int:
    """The place, from `first` on, after the last word before here that ends every name: it has no say in what follows."""
    while place > first and _PART[texts[place - 1]]:
        place -= 1
    return place


def _alone(row: Row, place: int) -> bool:
    """Whether a run ends right after the word it begins with, and that is no brand: half of all are so."""
    ended = place + 1 == len(row.texts) or not _PART[row.texts[place + 1]]
    return ended and not made_up(row, place)


def _end_of_run(row: Row, first: int) -> int:
    """Where the words that may all be of one name end; "Center for" and the like take what they are for."""
    texts, end = row.texts, first + 1
    stop = len(texts)
    while end < stop:
        part = _PART[texts[end]]
        if not part or (row.partable and parted(row, end)):
            break
        if texts[end] == "for" and texts[end - 1] in LED_BY_FOR:
            stop = min(stop, end + 1 + _MOST_AFTER_FOR)
        elif (part == _PASSED and not _passed(texts, first, end)) or _owned(row, first, end):
            break
        end += 1
    while end > first and texts[end - 1] in _JOINERS:
        end -= 1
    return end


def _passed(texts: Sequence[str], first: int, place: int) -> bool:
    """Whether a name goes on over a word that few hold: "y más", "The Laser Room"."""
    return (texts[place] == "mas" and texts[place - 1] == "y") or (texts[place] in ROOMS and texts[first] == "the")


def _owned(row: Row, first: int, end: int) -> bool:
    """Whether the words so far are a business that owns what follows ("Glow Laser's …")."""
    return owner(row, end - 1) and any(text in LEXICON or text in _SOFT_BUSINESS for text in row.texts[first:end])


def _name_in_run(row: Row, first: int, end: int) -> Sequence[int]:
    if end - first > _MOST_NAME_WORDS:
        return ()
    texts = row.texts[first:end]
    if not _may_be_one(row, first, texts):
        return ()
    before, after = around(row, first, end)
    begins = _begins(row, first, before, texts)
    name: Sequence[int] = ()
    if not _ANYWHERE.isdisjoint(texts):
        name = _anywhere(first, texts, before, after, begins=begins)
    if begins and not name:
        name = _begun(row, first, end, before, after)
    return () if not name or department(row, first, end) else name


def _may_be_one(row: Row, first: int, texts: Sequence[str]) -> bool:
    """Whether a word makes the run a name at all, wherever it stands; in three runs of four none does."""
    if made_up(row, first):
        return True
    if len(texts) < _FEWEST_WORDS:
        return False
    telling = not _TELLING.isdisjoint(texts) or _MAKES in [_PART[text] for text in texts]
    return telling or made_up(row, first + len(texts) - 1)


def _anywhere(first: int, texts: Sequence[str], before: str, after: str, *, begins: bool) -> Sequence[int]:
    """A name that is one by its own words, wherever it stands."""
    end = first + len(texts)
    leading = next(
        (n for n, text in enumerate(texts[:-1]) if text in _LEADING and (not n or texts[n - 1] in _JOINERS)), -1
    )
    if (
        leading >= 0
        and (begins or leading or after in _BUSINESS_VERBS)
        and after not in _NOT_AFTER
        and before not in _ARTICLES
    ):
        return range(first + leading, end)
    if of_a_place(texts) and before not in _ARTICLES:
        return range(first, end)
    return for_what(first, texts)


def _begun(row: Row, first: int, end: int, before: str, after: str) -> Sequence[int]:
    """A name that stands where one can begin."""
    texts = row.texts[first:end]
    signed = by_someone(texts, after)
    if signed:
        return range(first, first + signed)
    kept = housed(row, first, texts, before)
    if kept < len(texts) and _stands_alone(row, first, end):
        return range(first, end)
    return range(first, first + kept)


def _stands_alone(row: Row, first: int, end: int) -> bool:
    """Whether words with no word for a business are a name all the same: the weaker the shape, the surer the place."""
    shape = shape_of(row, first, end)
    return bool(shape) and shape + slot(row, first, end, shape) > 2


def _begins(row: Row, first: int, before: str, texts: Sequence[str]) -> bool:
    """Whether a name can begin here: at the start, after a mark or dash, or after a word that leads to one."""
    earlier = row.texts[first - 2] if first > 1 else ""
    firm = not FIRMS.isdisjoint(texts)
    if before == "to" and not firm:
        return earlier in _LEADS_TO
    if first == 0 or firm or before in _BEFORE_NAME or (row.partable and parted(row, first)):
        return True
    if before not in _MAY_LEAD:
        return False
    if we_are(row, first, before):
        return True
    if before == "de":
        return (
            earlier in TEAMS
            or earlier in ASKED_FOR
            or not INTRODUCING.isdisjoint(row.texts[max(0, first - 4) : first - 1])
        )
    own = is_proper(texts[0]) and texts[0] not in GIVEN and not _HOUSES.isdisjoint(texts)
    if before == "for":
        return earlier in ASKED_FOR or (own and texts[0] not in KNOWN)
    after = row.texts[first + len(texts)] if first + len(texts) < len(row.texts) else ""
    return before in _ARTICLES and (
        (own and len(texts) > 2) or (after in KEPT and (is_proper(texts[0]) or last_house(texts) > 0))
    )
