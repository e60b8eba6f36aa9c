"""Takes away what the patient did not say: tapbacks, quoted texts, mail headers, signatures.

And knows a machine's answer from a person's.
"""

import re
from collections.abc import Callable, Container
from functools import cache, lru_cache

from texting.rules.replies_tables import tables

_TAKEN_BACK = r"(?:elimino|quito) (?:un|una|el|la) [\w ]{3,30} (?:de|a)|removed an? [a-z ]{3,30} from"
_VERBS = (
    r"liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|hearted|reacted .{1,12} (?:to|with)"
    r"|reacted with .{1,12} to|(?:a [\w ]{1,30} )?(?:le|te|me|les) (?:gusto|gusta|encanto|encanta|dio risa|divirtio)"
    r"|no le gusto|se rio (?:de|con)|enfatizo|destaco|cuestiono|resalto|subrayo|pregunto sobre"
    r"|reacciono (?:con )?.{1,12} a|marco con .{1,20}|ha reaccionado .{1,14} a|" + _TAKEN_BACK
)
_TAPBACK = re.compile(rf"^\W*(?:{_VERBS})\s*[\"'*](?P<quoted>.*)$", re.S)
_ANDROID = re.compile(r"^(?:\W|thumbup|thumbdown|lol|thanks|stop)*(?:to|a)\s+[\"'](?P<quoted>.*)$", re.S)
_BARE_TAPBACK = re.compile(
    r"^(?:liked|loved|disliked|emphasi[sz]ed|questioned|laughed at) "
    r"(?:an? (?:image|photo|message|attachment|video|movie)$|.*\b(?:reply|text) (?:c|stop|y|yes|help)\b)",
    re.S,
)
_LAST_QUOTE = re.compile(r"[\"'*]([^\"']*)$")
_QUOTE = re.compile(r"\"([^\"]{3,400})\"")
_MAIL = re.compile(
    r"(?m)^\s*>.*$|^-{2,} ?original message.*|^on .{4,60} wrote:[\s\S]*"
    r"|^\s*(?:get )?(?:sent|enviado) (?:from|via|with|desde) (?!my car)[^\n]{2,60}$"
    r"|sent from (?:my|yahoo|att|samsung|galaxy|outlook)(?! car)[^\n]{0,40}$"
)
_MAIL_MARKS = ("sent ", ">", "wrote:", "original", "enviado")
# What a text's chunks hint at: words that are not the sender's own, a STOP line such as ours, another's, a machine's words.
# And the sender's name told before what they want, a tapback on one of our texts.
QUOTED, OFFERED, BOT, MACHINE, INTRODUCED, TAPPED = 1, 2, 4, 8, 16, 32
_SIGNED = re.compile(
    r"[ \t]*(?:\n|--?|~|–|—|,? (?=from ))\s*(?:from )?(?:mr|mrs|ms|dr)?\.?\s?"
    r"[A-Z][A-Za-z'.]+(?: [A-Z][A-Za-z'.]*){0,2}\s*$"
)
# "Hi this is Maria Lopez. ", "Soy Ana, ": who writes, told before what they want. A day or an everyday word is no name.
_INTRODUCED = re.compile(
    r"\s*(?:(?i:hi|hey|hello|hola|good (?:morning|afternoon|evening)|buen[oa]s (?:d[ií]as|tardes|noches))\b[ ,.!]*)?"
    r"(?i:this is|it['’]?s|soy|habla|le habla|le escribe) "
    r"([A-Z][a-zéíóúáñ]+)(?: [A-Z][a-zéíóúáñ'’-]+){0,2}(?: here)?(?:[.!;]+ |, | [-–] )(?!(?i:no|not|and|y)\b)(?=\S)"
)
_OURS = re.compile(
    r"(?<!have to )(?<!need to )(?<!should i )(?<!do i )(?<!can i )(?<!if i )(?<!must i )"
    r"(?:reply|text|txt|send|responda|responde|envie|txting|texting|respond) (?:with |con |the word )?"
    r"[\"']?(?:stop|c|y|yes|help|1|si|alto|parar|baja)[\"']? "
    r"(?:to|2|for|para|at any ?time|any ?time|or help)\b[^.,?\n]{0,60}"
    r"|\bstop ?(?:2|to|=) ?(?:end|opt ?out|unsubscribe|quit|cancel|stop)\b"
)
# What the two ways of telling ours cannot do without: a verb and a link, or STOP and its equal.
_OURS_VERBS = ("reply", "text", "txt", "send", "respond", "envie")
_OURS_LINKS = (" to", " 2", " for", " para", " any", " or help")
_OURS_WORDS = (
    "stop",
    "help",
    "yes",
    "alto",
    "parar",
    "baja",
    *(f"{a}{b}" for a in " '\"" for b in ("c", "y", "1", "si")),
)
_OURS_STOPS = ("stop to", "stop 2", "stop=", "stop =", "stop2", "stopto")
_BOT = re.compile(
    r"(?<!i )(?<!to )(?<!you )(?<!i'll )\b(?:reply|text|txt|send|responda|responde|envie) (?:with |con )?"
    r"[\"']?(?:stop|help|alto|parar|ayuda)[\"']? (?:to|2|for|para) "
    r"(?:opt|end|un|cancel|quit|stop|help|info|no|dejar|ayuda|more)"
    r"|\bunsub(?:scribe)?: ?\S"
    r"|\byou(?:'ve| have) reached (?!(?:me|us|my|out|the wrong|a wrong|wrong|someone|somebody)\b)"
)
_BOT_MARKS = ("unsub:", "unsubscribe:", " reached ")
_BOT_WORDS = ("stop", "help", "alto", "parar", "ayuda")
_BOT_LINKS = (" to ", " 2 ", " for ", " para ")
_HINTS = {
    QUOTED: ('"', "sent", ">", "wrote:", "original", "enviado"),
    OFFERED: (*_OURS_VERBS, "stop"),
    BOT: (*_BOT_WORDS, "unsub", "reached"),
    INTRODUCED: ("this", "it's", "its", "soy", "habla", "escribe"),
    TAPPED: ('"', "'", "*", "liked", "loved", "emphasi", "questioned", "laughed"),
}
# Somebody who asks about a machine's words is no machine.
_ASKING = ("what ", "whats ", "what's ", "why ", "does ", "is ", "que ", "por que ", "how ")


def _holds(text: str, marks: tuple[str, ...]) -> bool:
    """Whether any of these stands in a text: asked before an expression, it spares most texts a tenfold of its time."""
    for mark in marks:  # any() would take twice as long  # noqa: SIM110
        if mark in text:
            return True
    return False


def hints(chunk: str) -> int:
    """What a chunk of folded text between two spaces may be part of; a text without a hint need not be looked through."""
    found = 0
    for hint, marks in _HINTS.items():
        found |= hint if _holds(chunk, marks) else 0
    return found | (MACHINE if _near(chunk) else 0)


def tapback(folded: str) -> str | None:
    """What the patient wrote besides a tapback's quotation ("" as a rule); None when the text is no tapback."""
    if _BARE_TAPBACK.match(folded):
        return ""
    found = _TAPBACK.match(folded) or _ANDROID.match(folded)
    if found is None:
        return None
    after = _LAST_QUOTE.search(found["quoted"])
    rest = after[1].strip() if after else ""
    return rest if len(rest.split()) <= 12 and any(c.isalpha() for c in rest) else ""


def unsigned(text: str) -> str:
    """The text without a signature at its end ("- Maria Lopez", a name on its own line)."""
    found = _SIGNED.search(text)
    return text[: found.start()] if found and found.start() > 0 else text


def unintroduced(text: str, everyday: Callable[[], Container[str]]) -> str:
    """The text without the sender's name in front of it ("Hi this is Maria. "). `everyday` gives words that name nobody."""
    found = _INTRODUCED.match(text)
    return text[found.end() :] if found and found[1].lower() not in everyday() else text


def own_words(folded: str) -> str:
    """The text without quoted sentences and mail headers. A quoted word or two are the patient's own."""
    if _holds(folded, _MAIL_MARKS):
        folded = _MAIL.sub(" ", folded)
    if '"' not in folded:
        return folded
    without = _QUOTE.sub(lambda m: " , " if len(m[1].split()) > 2 else f" {m[1]} ", folded)
    return without if len(re.findall(r"[a-z]{2,}", without)) >= 2 else folded.replace('"', " ")


def without_ours(folded: str) -> str:
    """The text without a STOP line such as ours or another sender's ("Reply STOP to opt out"), unless that is all of it."""
    offered = _holds(folded, _OURS_VERBS) and _holds(folded, _OURS_LINKS) and _holds(folded, _OURS_WORDS)
    if not offered and not ("stop" in folded and _holds(folded, _OURS_STOPS)):
        return folded
    without = _OURS.sub(" ", folded)
    return without if len(re.findall(r"[a-z]{2,}", without)) >= 2 else folded


# What no autoresponder asks: "I'm out of the office that day, can we do Friday".
_PERSON = re.compile(
    r"\b(?:can|could|may|shall) (?:we|i)\b|\bhow about\b|\bpodemos\b|\bpuedo\b|\b(?:cancel|reschedule) my\b"
)


@cache
def _marks() -> dict[str, list[tuple[str, str]]]:
    """The marks of a machine and what each tells, under a word that each cannot do without."""
    kinds = tables()["other"]["automatic"].items()
    marks = [(mark, kind) for kind, marks in kinds for mark in marks]
    words = sorted({max(mark.split(), key=len) for mark, _ in marks}, key=len)
    found: dict[str, list[tuple[str, str]]] = {}
    for mark, kind in marks:
        found.setdefault(next(word for word in words if word in mark), []).append((mark, kind))
    return found


def automatic(folded: str, hinted: int = BOT | MACHINE) -> str:
    """How surely the text is an autoresponder's, a bounce or another business's: "machine", "perhaps", or "".

    `hinted` is what its chunks hint at, where that is known.
    """
    if len(folded) < 12 or folded.startswith(_ASKING) or "what does" in folded:
        return ""
    kinds = _kinds(folded) if hinted & MACHINE else ()
    if "machine" in kinds or (hinted & BOT and _is_bot(folded)):
        return "machine"
    return "perhaps" if kinds and not _PERSON.search(folded) else ""


def _kinds(folded: str) -> set[str]:
    """What kinds of machine the text's words tell of."""
    near = map(_near, folded.split(" "))
    return {kind for marks in near for mark, kind in marks if mark in folded}


@lru_cache(maxsize=1024)
def _near(chunk: str) -> list[tuple[str, str]]:
    """The marks of a machine that a chunk of text between two spaces may be part of."""
    return [mark for word, marks in _marks().items() if word in chunk for mark in marks]


def _is_bot(folded: str) -> bool:
    offered = _holds(folded, _BOT_LINKS) and _holds(folded, _BOT_WORDS)
    return (offered or _holds(folded, _BOT_MARKS)) and _BOT.search(folded) is not None
