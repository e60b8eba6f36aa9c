"""The practice's name where a text leaves room for nothing else: "Text from …:", "welcome to …", "… will be closed".

The name runs to a mark or to a word that no name holds. It needs a word that tells no treatment: one of its own, one for
a kind of business or, in the surest places, one that makers of names play with ("Ink Be Gone").
"""

from collections.abc import Iterable, Sequence

from texting.rules.phi_patterns import Hit
from texting.rules.phi_slots import KEPT, owner, parted
from texting.rules.phi_tables import GIVEN, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

_FROM = WORDS["frame_from"]
_SENT = WORDS["frame_sent"]
_STRAIGHT = WORDS["frame_straight"]
_SPEAKS = WORDS["frame_speaks"]
_DOES = WORDS["frame_does"]
_DOING = WORDS["frame_doing"] | WORDS["business_states"]
_ENDS = WORDS["frame_ends"]
_PLAYFUL = WORDS["frame_playful"]
_HOUSES = WORDS["frame_houses"] | (
    WORDS["business"] - frozenset(("surgery", "medical", "med", "md", "vascular", "works"))
)
_BUSINESS = _HOUSES - WORDS["soft_business"] - WORDS["leading"]
_INDOORS = frozenset("center centre clinic institute lab room hospital clinica centro suites".split())
_PLAIN = WORDS["frame_plain"]
# Words that rules know, and names of businesses hold.
_NAMEY = WORDS["namey"] | WORDS["places"] | WORDS["trades"] | GIVEN
_NEVER = WORDS["never_in_name"] - _PLAYFUL - _PLAIN - _HOUSES - WORDS["joiners"] - {"for"}
_PARTS = WORDS["frame_parts"]
_JOINERS = WORDS["joiners"]
_STREET_AFTER = WORDS["street_after"]
_STREET_BEFORE = WORDS["street_before"] | {"ave", "suite"}
_SPOKEN = WORDS["opens_message"] | WORDS["frame_spoken"]
_MOTION = WORDS["frame_motion"]
_SORRY = WORDS["frame_sorry"]
_LED: dict[str, frozenset[str]] = {
    "to": WORDS["frame_to"],
    "a": WORDS["frame_a"],
    "for": WORDS["frame_for"],
    **dict.fromkeys(("of", "de"), WORDS["frame_of"]),
    **dict.fromkeys(("with", "con"), WORDS["frame_with"]),
    **dict.fromkeys(("at", "@", "en"), WORDS["frame_at"]),
}
_SENTENCE_ENDS = frozenset(".!?")
_MARKS = frozenset(".,:;!?|/")
_ARTICLES = frozenset(("the", "la", "el", "our", "to", "back"))
_LEADS_ON = frozenset(("for", "of"))
_BEFORE_FOR = frozenset(("center", "centers", "centre", "institute"))
_CALLS = frozenset(("call", "text", "llame", "reach"))
_OWNERS = frozenset(("your", "su", "tu"))
_TELLS = frozenset(("that", "que", "forget", "hi", "hello", "hola", "hey"))
_SIGNED = WORDS["sign_off"]
_WRITES = frozenset(("escribimos", "escribe", "hablamos", "llamamos", "saludamos", "comunicamos", "saluda"))
_CHOSEN = frozenset(("reached", "calling", "called", "choosing", "chose"))
_AT = frozenset(("at", "@", "en"))
_BESIDE = frozenset(("with", "at", "en", "con", "w"))
# A name begins after one of these, or where nothing stands before it ("") or a mark parts it.
_LEADERS = frozenset((*".!?:;|,", "", "are", "is", "es", "its", *_LED)).union(
    _TELLS, _STRAIGHT, _FROM, _BESIDE, _AT, _CALLS, _OWNERS
)
_SAID = frozenset(("is", "will", "has", "have", "are", "ya", "le", "esta"))
_DASHES = ("-", "|", "~", "\n")
_MOST_WORDS = 8
_MOST_CLOSING = 6
_MOST_REMEMBERED = 16_384
# How surely a place holds a name, and how surely words are one.
_SURE, _LIKELY = 2, 1


class _Ended(dict[str, bool]):
    """Whether a name ends before each word (a mark, a number or a word that no name holds), remembered."""

    def __missing__(self, text: str) -> bool:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        self[text] = ends = text in _MARKS or text in _ENDS or text[0].isdigit()
        return ends


_ENDED = _Ended()


def framed_words(row: Row, asked: set[int], named: Iterable[Hit]) -> Iterable[int]:
    """Indices of the words of names that stand where only a business's can and hold one of the places `asked` about.

    `named` are the terms found, each with its places.
    """
    told = {place for _, covered in named for place in covered}
    done = 0
    for place in sorted(asked):
        starts = _starts(row, place) if place >= done else ()
        if not starts:
            continue
        end = _end(row, place)
        for first in starts:
            if end - first > 1 and _is_name(row, first, end, asked, told):
                # With what it does or has, which patterns may hold as well.
                done = end + (end < len(row.texts) and row.texts[end] in _DOES)
                yield from range(first, done)
                break


def _end(row: Row, place: int) -> int:
    """Where a name that holds this place ends: at a mark, a number or a word that no name holds."""
    texts, partable, end = row.texts, row.partable, place + 1
    limit = min(len(texts), place + _MOST_WORDS)
    while end < limit and not (partable and parted(row, end)):
        if _ENDED[texts[end]] and not _leads_on(texts, end):
            break
        end += 1
    while end > place + 1 and (texts[end - 1] in _JOINERS or texts[end - 1] == "on"):
        end -= 1
    return end


def _leads_on(texts: Sequence[str], place: int) -> bool:
    return texts[place] in _LEADS_ON and place > 0 and texts[place - 1] in _BEFORE_FOR


def _starts(row: Row, place: int) -> Sequence[int]:
    """Where a name that holds this place may begin, the earliest first: only after what may lead to one."""
    texts, partable, first = row.texts, row.partable, place
    starts = []
    while True:
        before = texts[first - 1] if first else ""
        if partable or before in _LEADERS:
            starts.append(first)
        if not first or place - first >= _MOST_WORDS or (partable and parted(row, first)):
            break
        if _ENDED[before] and not _leads_on(texts, first - 1):
            break
        first -= 1
    return starts[::-1]


def _is_name(row: Row, first: int, end: int, asked: set[int], told: set[int]) -> bool:
    led = _led(row, first)
    if not led or ("#" in row.folded and any("#" in row.gap(place) for place in range(first, end))):
        return False
    if led == _SURE:
        inside = row.texts[first:end]
        given = not GIVEN.isdisjoint(inside) and _PARTS.isdisjoint(inside) and _NEVER.isdisjoint(inside)
        return given or _shape(row, first, end, asked, told, led) > 0
    before = row.texts[first - 1] if first else ""
    followed = _followed(row, first, end)
    if before == "," and followed < _SURE:
        return False
    # Not one place in thirty is followed so; its shape is not worth a look.
    if not followed and before not in _AT:
        return False
    shape = _shape(row, first, end, asked, told, led)
    described = row.texts[first] in _ARTICLES
    if followed == _SURE:
        return shape == _SURE or (shape > 0 and not described)
    if followed:
        return shape == _SURE
    if described:
        return shape == _SURE and _housed(row, first, end)
    return shape > 0 and (before != "en" or _housed(row, first, end))


def _shape(row: Row, first: int, end: int, asked: set[int], told: set[int], led: int) -> int:
    """How surely words are a business's name: by a word of its own or for a business, or only by a playful one."""
    words = range(first, end)
    inside = row.texts[first:end]
    if not _PARTS.isdisjoint(inside) or not (
        _NEVER.isdisjoint(inside) or (inside[-1] in _HOUSES and inside[0] not in _NEVER)
    ):
        return 0
    if any(_trails(row, place, told) for place in range(first + 1, end - 1)):
        return 0
    if any(_own(row, place, asked, led == _SURE) for place in words):
        return _SURE
    if _housed(row, first, end):
        described = row.texts[first] in _ARTICLES or (first and row.texts[first - 1] in _ARTICLES)
        indoors = not _INDOORS.isdisjoint(row.texts[first:end])
        if described and indoors:
            return _LIKELY if _sent(row, first) or row.texts[first - 1] in _CHOSEN else 0
        return _LIKELY if indoors else _SURE
    return _LIKELY if any(_plays(row, place, told) for place in words) else 0


def _trails(row: Row, place: int, told: set[int]) -> bool:
    """Whether a treatment is named right behind a word that ends a name ("Alamo Aesthetics photofacial")."""
    return row.texts[place] in _BUSINESS and place + 1 in told and place not in told


def _housed(row: Row, first: int, end: int) -> bool:
    return not _HOUSES.isdisjoint(row.texts[first + 1 : end])


def _own(row: Row, place: int, asked: set[int], known: bool) -> bool:
    """Whether a word is a name's own; one that rules know only where `known` ones count."""
    text = row.texts[place]
    if len(text) < 2 or not text.isalpha() or place in asked or text in _PLAIN or text in _JOINERS:
        return False
    if text in _HOUSES or text in LEXICON or text in _PLAYFUL or (text in KNOWN and text not in _NAMEY and not known):
        return False
    return text not in GIVEN or (place > 0 and row.texts[place - 1] == "by")


def _plays(row: Row, place: int, told: set[int]) -> bool:
    text = row.texts[place]
    return place not in told and (text in _PLAYFUL or (text in GIVEN and owner(row, place)))


def _opens(row: Row, first: int) -> bool:
    """Whether a line or the text begins here, or a dash or bar stands before."""
    return not first or (parted(row, first) and any(mark in row.gap(first) for mark in _DASHES))


def _led(row: Row, first: int) -> int:
    """How surely what stands before leads to a business's name."""
    if _opens(row, first):
        return _LIKELY
    texts = row.texts
    before = texts[first - 1]
    if before in ".!?:;|," or before in _TELLS:
        return _SURE if before == "," and texts[first - 2] in _SIGNED and _closes(row, first) else _LIKELY
    if before in _STRAIGHT or _sent(row, first):
        return _SURE
    earlier = texts[first - 2] if first > 1 else ""
    if earlier in _ARTICLES and first > 2:
        earlier = texts[first - 3]
    if before == "to" and earlier in _MOTION:
        return _SURE if row.texts[first] not in _ARTICLES and texts[first - 2] not in _ARTICLES else _LIKELY
    if earlier in _LED.get(before, ()) or (before, earlier) in (("are", "we"), ("is", "this"), ("es", "esta")):
        return _SURE
    return int(before in _AT or before in _CALLS or before in _OWNERS or before == "its")


def _closes(row: Row, first: int) -> bool:
    """Whether nothing but these words follows to the text's end."""
    return all(text.isalpha() or text in "&+." for text in row.texts[first:])


def _sent(row: Row, first: int) -> bool:
    """Whether before stands that something is sent from here, or one of its people speaks ("this is Ana with")."""
    texts = row.texts
    before, earlier = (texts[first - 1], texts[first - 2]) if first > 1 else ("", "")
    if before in _FROM and earlier in _SENT:
        return True
    if before not in _FROM and before not in _BESIDE:
        return False
    for place in range(first - 2, max(-1, first - 5), -1):
        if texts[place] in _SPEAKS or (texts[place] == "is" and texts[place - 1 : place] in (["this"], ["name"])):
            return place < first - 2 or texts[place] in _WRITES
        if not texts[place].isalpha() or texts[place] in _ENDS:
            return False
    return False


def _followed(row: Row, first: int, end: int) -> int:
    """How surely what follows speaks of a business or as one."""
    texts = row.texts
    if end == len(texts):
        if first and _opens(row, first):
            return _SURE
        return int(first > 0 and texts[first - 1] in _SENTENCE_ENDS and end - first < _MOST_CLOSING)
    after, later = texts[end], texts[end + 1 : end + 4]
    if after in ".!,:|" or parted(row, end):
        return _marked_off(row, first, end)
    if after in ("at", "al") and first and texts[first - 1] in _CALLS:
        return _SURE if later[:1] and later[0][0].isdigit() else 0
    if first and texts[first - 1] in _OWNERS:
        return _SURE if after in KEPT else 0
    if after in _SAID:
        return _SURE if not _DOING.isdisjoint(later) else 0
    return _SURE if after in _DOES else 0


def _starts_over(row: Row, first: int) -> bool:
    return _opens(row, first) or row.texts[first - 1] in _SENTENCE_ENDS


def _marked_off(row: Row, first: int, end: int) -> int:
    """The same where a mark follows: an address, or the sender's first words."""
    texts = row.texts
    if not first and "(" in row.gap(end):
        return _LIKELY
    if texts[end] == "," and _address(texts[end + 1 : end + 4]):
        return _SURE
    if not _starts_over(row, first):
        return 0
    if texts[end] in ".!,":
        return int(not _SORRY.isdisjoint(texts[end + 1 : end + 2]))
    start = end + (texts[end] in ":|")
    return 0 if _SPOKEN.isdisjoint(texts[start : start + 2]) else _SURE


def _address(words: Sequence[str]) -> bool:
    """Whether words begin an address: "12 Birch St", "Ave Central 220"."""
    if len(words) < 3:
        return False
    return words[0] in _STREET_BEFORE or (words[0].isdigit() and not _STREET_AFTER.isdisjoint(words[1:]))
