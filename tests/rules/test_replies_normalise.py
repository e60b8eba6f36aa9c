"""What is read word by word, and what a quick look passes over, is what reading the whole text would have found."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texting.rules import replies_normalise as normalise
from texting.rules import replies_quotes as quotes
from texting.rules import replies_spelling as spelling
from texting.rules import replies_tokens as tokens
from texting.rules import replies_whole as whole
from texting.rules.replies_tables import tables
from texting.rules.replies_whole import everyday_words

# Words that lean on their neighbours, signs that join or part, and everyday words between them.
WORDS = (
    "s t o p S.T.O.P s-t 0 q u i n a l e d need want like reply text stop quit 2 10 4 10-4 3 11 12:30 pm p.m. a.m am "
    "o'clock oclock degrees f f*** f° ° 101 101.5 555 (555) 123-4567 5551234567 +1 1 9-1-1 3/4 3rd 2026 opt opts optt "
    "out ouy oot -out op oppt opy ipt otp #opt end un-sub unsub unsubscribe unsucribe onsucripqq unsusbcribe "
    "un-subbing dis-subscribe unsubscribed # #3 <#> number !1 !!1! dr. st. appt. appt appt.at at on with today - / ~ -- "
    "-a b- ok\n- -\nok . , ?! ... ok, yes. no? can't i'll maria's maria x@y.com http://a.b www.x.y "
    "sh*t a$$ b@d i a me please thanks thx stoptexting stpo hello, tomorrow "
    "appointment (maybe) [no] {x} a/b ñ é 😊 👍 st0p $top ٣ \u00a0 \u2028"
).split(" ")
BETWEEN = (" ", " ", " ", "  ", "   ", "\n", " \n", "\t", "", ".", "-", ", ")
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BETWEEN)), max_size=12).map(
    lambda pieces: "".join(word + between for word, between in pieces)
)


def read_whole(text: str) -> list[str]:
    """The tokens of a folded text read in one piece, every step taken."""
    if tokens._THUMBED_MARKS.search(text):
        for written, meant in tokens._THUMBED:
            text = written.sub(meant, text)
    text = tokens._SPACED.sub(tokens._joined, tokens._TITLE.sub(r"\1", text))
    return tokens._matched(tokens._CURSE.sub(tokens._curse, text))


# A few letters and signs, of which texts that lean on one another are soon made.
SMALL = "stopquien2140 apm.-/~!?,'#*@\n"


@pytest.mark.parametrize("first", WORDS)
def test_a_word_beside_any_other_reads_as_it_does_in_the_whole_text(first: str) -> None:
    """No two words that lean on one another are read apart."""
    for second in WORDS:
        text = normalise.folded(f"{first} {second} me")
        assert tokens.read(tokens.chunked(text)) == read_whole(text), text


@settings(deadline=None, max_examples=400)
@given(st.one_of(texts, st.text(alphabet=SMALL, max_size=40), st.text(max_size=40)))
def test_a_text_read_chunk_by_chunk_is_the_text_read_whole(text: str) -> None:
    """Looking words up, and reading together only those that lean on a neighbour, changes no token of any text."""
    text = normalise.folded(text)
    assert tokens.read(tokens.chunked(text)) == read_whole(text)


@pytest.mark.parametrize("between", [" ", "  ", ". ", " - "])
@pytest.mark.parametrize("keyword", "stop quit end cancel alto baja parar remove help start basta please".split())
def test_a_keyword_spelled_out_leans_on_its_letters(keyword: str, between: str) -> None:
    """Every keyword written letter by letter is read whole, whatever stands between its letters."""
    text = "ok " + between.join(keyword)
    assert tokens.read(tokens.chunked(text)) == read_whole(text)
    assert any(tokens._LETTER.search(letter) for letter in keyword)


@given(st.one_of(st.text(max_size=60), st.text(alphabet="aéñÑçıİΣς…—’`´ﬁ①½　가👍🙏️\u0301\u0327\u200d ", max_size=30)))
def test_a_text_is_folded_character_by_character_as_it_is_whole(text: str) -> None:
    """Accents, look-alikes and answering emoji fold the same one by one as in the text they stand in."""
    whole = text.translate(normalise._ODD)
    for emoji, word in normalise._EMOJI:
        whole = emoji.sub(word, whole)
    bare = "".join(c for c in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(c))
    assert normalise.folded(text) == (text if text.isascii() else bare.translate(normalise._ODD)).lower()


MARKS = [mark for marks in tables()["other"]["automatic"].values() for mark in marks]
PARTS = (
    *MARKS,
    *"reply text txt send respond responda envie with con the word stop help alto parar ayuda c y yes 1 si baja".split(),
    *'"stop" to 2 for para any time anytime at or help opt end out un cancel quit = stop2end stop=end'.split(),
    *"unsub: unsubscribe: x you've you have reached us the wrong i can we how about cancel my have to if i".split(),
    *"> on monday ana wrote: -- original message sent enviado from my via with desde iphone get outlook car".split(),
    *"is why what does hello there , . ? \n".split(" "),
)
said = st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(("", " ", " ", " ", "\n"))), max_size=10).map(
    lambda pieces: "".join(word + between for word, between in pieces)
)


@settings(deadline=None)
@given(said)
def test_no_line_of_ours_slips_past_the_quick_look(text: str) -> None:
    """What the expressions would take from a text or find in it, the words asked for first let them."""
    if not quotes._holds(text, quotes._MAIL_MARKS):
        assert not quotes._MAIL.search(text)
    if quotes.without_ours(text) == text:
        without = quotes._OURS.sub(" ", text)
        assert without == text or len(re.findall(r"[a-z]{2,}", without)) < 2
    assert quotes._is_bot(text) == bool(quotes._BOT.search(text))


@settings(deadline=None)
@given(said)
def test_every_mark_of_a_machine_is_found_by_the_word_it_needs(text: str) -> None:
    """A text is a machine's by any mark of the tables, wherever it stands, and perhaps one's unless a person asks."""
    if len(text) < 12 or text.startswith(quotes._ASKING) or "what does" in text:
        expected = ""
    elif quotes._BOT.search(text) or any(mark in text for mark in tables()["other"]["automatic"]["machine"]):
        expected = "machine"
    else:
        perhaps = any(mark in text for mark in tables()["other"]["automatic"]["perhaps"])
        expected = "perhaps" if perhaps and not quotes._PERSON.search(text) else ""
    assert quotes.automatic(text) == expected


@settings(deadline=None)
@given(st.one_of(said, texts))
def test_what_no_chunk_hints_at_is_not_there(text: str) -> None:
    """A text of which no chunk hints at a quotation, a STOP line, a machine or a name in front has none of them."""
    folded = normalise.folded(text)
    hinted = tokens.chunked(folded).hints
    if not hinted & quotes.QUOTED:
        assert quotes.own_words(folded) == folded
    if not hinted & quotes.OFFERED:
        assert quotes.without_ours(folded) == folded
    assert quotes.automatic(folded, hinted) == quotes.automatic(folded)
    if not hinted & quotes.INTRODUCED:
        assert quotes.unintroduced(text, everyday_words) == text
    if not hinted & quotes.TAPPED:
        assert quotes.tapback(folded) is None


@pytest.mark.parametrize("greeting", ["", "Hi ", "hello, ", "Buenas tardes, ", "\n"])
@pytest.mark.parametrize("opening", ["This is ", "it’s ", "It's ", "Soy ", "HABLA ", "le escribe "])
def test_a_name_in_front_is_hinted_at(greeting: str, opening: str) -> None:
    """Who writes is taken from the front of a text however the telling of it is written."""
    text = f"{greeting}{opening}Ana Lopez. Stop"
    assert quotes.unintroduced(text, everyday_words) == "Stop"
    assert tokens.chunked(normalise.folded(text)).hints & quotes.INTRODUCED


@pytest.mark.parametrize(
    "text", ["Liked an image", "disliked “See you at 4”", "Laughed at 'ok'", "👍 to “Reply C”", "le encantó *hola*"]
)
def test_a_tapback_is_hinted_at(text: str) -> None:
    """A tapback is known by its quote or its first word, whichever telephone sent it."""
    folded = normalise.folded(text)
    assert tokens.chunked(folded).hints & quotes.TAPPED
    assert quotes.tapback(folded) == ""


WRITTEN = (
    "c y n 1 2 12 # no no. option numero please thanks thank you por favor gracias cplease ythanks 1thx ok stop ! , -"
).split()


@given(st.lists(st.tuples(st.sampled_from(WRITTEN), st.sampled_from(["", " ", "  ", "\n", "-", ". "])), max_size=6))
def test_a_code_is_found_whatever_stands_around_it(pieces: list[tuple[str, str]]) -> None:
    """A look at the first word spares the expression, and no code is lost by it."""
    text = "".join(word + between for word, between in pieces)
    found = whole._CODE.match(text)
    assert whole.answer_code(text) == (found[1] + found[2] if found else "")


@given(st.text(alphabet="aeinoprstuc", min_size=4, max_size=12))
def test_a_slip_is_looked_for_among_all_words_it_can_be(word: str) -> None:
    """A word's length rules out no keyword that it could be a slip for."""
    near = {target for target, _ in spelling._targets_near(len(word))}
    assert {target for target in spelling._targets() if spelling._slip(word, target)} <= near


def test_what_is_remembered_is_bounded() -> None:
    """However many words arrive, and however long they are, only so many are kept."""
    for at in range(tokens._REMEMBERED + 5):
        tokens.chunked(f"!{at}")
    tokens.chunked("w" * (tokens._LONG + 1))
    assert len(tokens._CHUNKS) <= tokens._REMEMBERED
    assert "w" * (tokens._LONG + 1) not in tokens._CHUNKS
