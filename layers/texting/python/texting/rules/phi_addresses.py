"""Which words only stand in an address: a web or mail host, a handle, a street, a place on the map."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from texting.rules.phi_tables import LEXICON, WORDS
from texting.rules.phi_words import Row

_HOUSES = WORDS["houses"]
_STREET_AFTER = WORDS["street_after"]
_STREET_BEFORE = WORDS["street_before"]
_PLACE_AFTER = WORDS["place_after"]
_STREET_WORDS = _STREET_AFTER | _STREET_BEFORE | _PLACE_AFTER
_WEAK = WORDS["weak"]
_ARTICLES = frozenset(("el", "la", "los", "las", "del", "de"))
_HOST = (
    r"(?:https?://|www\.|[a-z0-9._%+-]+@)?((?:[a-z0-9-]+\.)+(?:com|net|org|co|io|health|clinic|me|ly|us|app|care|spa|link"
    r"|page|site|example|test|biz|info|mx|es|online|beauty|center|shop|store|md|tv|gl|st|to))(?![a-z0-9])"
)
_HANDLE = r"(?<![a-z0-9.])@([a-z0-9_.]*[a-z0-9_])"
_SOCIAL = (
    r"\b(?:facebook|instagram|tiktok|yelp|youtube|threads|twitter|linktr|linkedin|fb|ig|x)\.[a-z.]+/([a-z0-9_.-]+)"
)
_PLAIN = (
    r"forms?|book(?:ing|now)?|confirm|appointments?|appts?|consent|after|care|pre|post|portal|my|your|www|info|get|the"
    r"|prep|schedule|online|visit|touchup|tips|promo|special|offer|sale|refill|results|treatment|session|[^a-z]"
)
_FEWEST_OWN_LETTERS = 4


def address_words(row: Row, there: frozenset[str]) -> Iterable[int]:
    """Indices of the words (`there`: all of them) that name a host, a handle, a street or a place."""
    if not _STREET_WORDS.isdisjoint(there):
        yield from _streets(row.texts)
    if _dotted(row.folded):
        for host in re.finditer(_HOST, row.folded):
            yield from _labels(row, host.start(1), host[1])
        for page in re.finditer(_SOCIAL, row.folded):
            yield from _owned(row, page.start(1), page[1])
    if "@" in row.folded:
        for handle in re.finditer(_HANDLE, row.folded):
            yield from _owned(row, handle.start(1), handle[1])


def _dotted(folded: str) -> bool:
    """Whether a full stop stands within a word, as in every host: so in about one text of twenty."""
    return "." in folded and folded.count(".") > folded.count(". ") + folded.endswith(".")


def _labels(row: Row, start: int, host: str) -> Iterable[int]:
    """The words in each label of a host that is a name and not a bare term; never what stands before the host."""
    for label in host.split(".")[:-1]:
        yield from _owned(row, start, label)
        start += len(label) + 1


def _owned(row: Row, start: int, name: str) -> Iterable[int]:
    """The words inside a name that has letters of its own beside them, or a word for a kind of business."""
    end = start + len(name)
    first = bisect_left(row.spans, (start, start))
    inside = [n for n in range(first, bisect_left(row.spans, (end, end))) if row.spans[n][1] <= end]
    bare = name
    for place in inside:
        if row.texts[place] in LEXICON:
            bare = bare.replace(row.texts[place], " ")
    own = len(re.sub(r"[^a-z]", "", re.sub(_PLAIN, " ", bare)))
    if own >= _FEWEST_OWN_LETTERS or any(word in name for word in _HOUSES):
        yield from inside


def _streets(texts: Sequence[str]) -> Iterable[int]:
    """Words that name a street ("Chin Street", "calle Labio") or a place ("Lip Mountain"), by the kind beside them."""
    for place, text in enumerate(texts):
        if text.isalpha() and (_street_led(texts, place) or _street_follows(texts, place)):
            yield place


def _street_led(texts: Sequence[str], place: int) -> bool:
    before = texts[place - 1] if place else ""
    if before in _ARTICLES and place > 1:
        before = texts[place - 2]
    return before in _STREET_BEFORE


def _street_follows(texts: Sequence[str], place: int) -> bool:
    after = texts[place + 1 : place + 3]
    kind = after[1:] if after[:1] == ["+"] else after[:1]
    if not _STREET_AFTER.isdisjoint(kind):
        return True
    return texts[place] in _WEAK and not _PLACE_AFTER.isdisjoint(kind)
