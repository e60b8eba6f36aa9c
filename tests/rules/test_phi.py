"""The language guard: what may travel as plain SMS, and what may not."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from texting.rules.phi import check, suggestion

HERE = Path(__file__).parent
# Least recall and most false alarms: the policy's bars, on texts that rules were written for and on texts that nobody
# here has seen (which the guard met with 97.9 % and 1.4 %).
BARS = {"tune": (0.97, 0.03), "unseen": (0.97, 0.03)}


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / f"phi_outbound_{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def kinds(text: str, **known: object) -> set[str]:
    return {finding.kind for finding in check(text, **known).found}  # type: ignore[arg-type]


# One specimen for each of the policy's fifteen items, and the kind it must be called.
SPECIMENS = [
    ("treatment", "Your microneedling is at 3"),
    ("treatment", "Su relleno de labios es el lunes"),
    ("treatment_clue", "20 units for you tomorrow"),
    ("treatment_clue", "💉 Thursday at 3"),
    ("condition", "Your rosacea follow-up is at 2"),
    ("result", "Your results came back normal"),
    ("clinical_advice", "No strenuous exercise for 24 hours"),
    ("clinical_question", "How are you feeling after your visit?"),
    ("treatment_plan", "Session 3 of 6 is on Monday"),
    ("clinical_photo", "Text us a photo of the area"),
    ("insurance", "Your claim was denied"),
    ("identifier", "Please reply with your date of birth"),
    ("identifier", "SSN 123-45-6789"),
    ("bill_with_service", "Your balance for laser is $300"),
    ("medication", "Your prescription is ready"),
    ("full_name", "Hi Sarah Johnson, your appointment is tomorrow"),
    ("marketing_treatment", "20% off fillers this week"),
    ("retail_product", "Your SkinCeuticals kit arrived"),
    ("place_or_role", "Please go straight to the infusion suite"),
    ("staff_patient_detail", "Pt in room 2 is ready"),
]


@pytest.mark.parametrize(("kind", "text"), SPECIMENS)
def test_each_policy_item_is_found_and_named(kind: str, text: str) -> None:
    """Each of the policy's items is found, under the name staff will read."""
    assert kind in kinds(text)


@pytest.mark.parametrize("name", ["tune", "unseen"])
def test_the_bars_hold(name: str) -> None:
    """On each labelled set the guard finds what must not go, and lets go what may, to the bar set for it."""
    labelled = rows(name)
    missed = [row["text"] for row in labelled if row["label"] == "phi" and check(row["text"]).label == "allow"]
    stopped = [row["text"] for row in labelled if row["label"] == "allow" and check(row["text"]).label == "phi"]
    phi = sum(row["label"] == "phi" for row in labelled)
    # Counts only: whoever reads the texts of the unseen set can no longer tune without it.
    recall, false_alarms = 1 - len(missed) / phi, len(stopped) / (len(labelled) - phi)
    least_recall, most_false_alarms = BARS[name]
    assert recall >= least_recall
    assert false_alarms <= most_false_alarms


def test_the_sets_are_apart_and_of_a_size() -> None:
    """No text stands in both sets, each has its hundreds, and a quarter or so is Spanish."""
    tune, unseen = rows("tune"), rows("unseen")
    assert {row["text"] for row in tune}.isdisjoint({row["text"] for row in unseen})
    assert min(len(tune), len(unseen)) >= 300
    assert sum(row["lang"] == "es" for row in tune + unseen) / len(tune + unseen) >= 0.2


# Pairs that differ in the least that matters: the first may travel, the second may not.
PAIRS = [
    ("Welcome to Tidewater Laser!", "Welcome to your laser!"),
    ("Botox by Brooke: we are late today", "Botox with Brooke: 3 pm"),
    ("See you at the Center for Weight Management", "See you for weight management"),
    ("Tag @lakeside.injectables", "Tag @injectables"),
    ("Laser Lounge will be closed Monday", "Laser will be at 3 on Monday"),
    ("Chin Mountain trail walk at 8", "Chin at 8"),
    ("Bring thread and needles to the quilting table", "Thread lift at 3"),
    ("Beach day? Sunscreen every two hours!", "Sunscreen on the area every two hours"),
    ("Dolores, see you at 10", "Any dolores?"),
    ("Meet our new nurse, Darnell Hayes!", "See you at 3, Darnell Hayes!"),
    ("Your results are ready in the portal", "Your results are fine"),
    ("You have 2 visits left in your membership", "Visit 2 of 6"),
    ("We moved you to 2:30", "We are moving you to 2.5"),
    ("Park in spot B12", "Your B12 is at 3"),
    ("Your code for Lakeside Laser is 220418", "Your code for laser is 220418"),
    ("There's a wrinkle in Friday's schedule", "There's a wrinkle on your forehead"),
    ("Vestido de lunares", "Quitar lunares"),
]


@pytest.mark.parametrize(("harmless", "telling"), PAIRS)
def test_the_least_difference_that_matters(harmless: str, telling: str) -> None:
    """The same word passes where its place or neighbours give it an everyday sense, and is found where they do not."""
    assert check(harmless).label == "allow"
    assert check(telling).label == "phi"


@pytest.mark.parametrize("word", ["cardiomyoplasty", "tezocillin", "zanotinib", "nephrologist", "cholangitis"])
def test_a_clinical_ending_tells_a_word_no_table_holds(word: str) -> None:
    """Names nobody listed are found by the endings that only drugs, procedures, conditions and specialties have."""
    assert check(f"Your {word} is at 3").label == "phi"


# Where a treatment, a product or what is billed stands; nothing that may travel has a name unknown to the tables there.
FRAMES = [
    "Your {} is at 4 on Friday",
    "See you for your {} tomorrow",
    "Want us to add a {} to your visit?",
    "Balance for your {} is $200",
    "The {} you ordered is at the desk",
    "Su {} es el martes",
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("word", ["zorvelle", "quantiglow", "lumenique"])
def test_a_word_no_table_holds_is_told_by_its_place(frame: str, word: str) -> None:
    """A treatment or product newer than the tables is stopped where only one can stand."""
    assert check(frame.format(word)).label == "phi"


@pytest.mark.parametrize("word", ["table", "package", "paperwork"])
def test_an_everyday_word_in_the_same_place_may_travel(word: str) -> None:
    """What a practice plainly speaks of passes in the places where an unknown word is stopped."""
    assert check(f"Your {word} is at the front desk at 4 on Friday").label == "allow"


@pytest.mark.parametrize("text", ["Your b​oto​x is at 3", "Ｂｏｔｏｘ at 3", "See you for bo-tox", "ﬁllers at 3"])
def test_spans_point_into_the_original(text: str) -> None:
    """A finding's span marks the telling stretch of the text as it was typed."""
    for finding in check(text).found:
        marked = text[slice(*finding.span)]
        assert 0 < len(marked) < len(text)
        assert marked[0].lower() in "bｂfﬁ" or marked.startswith("Ｂ")


def test_the_practice_name_excuses_only_itself() -> None:
    """Clinical words in the practice's own name never count, and excuse no treatment named besides."""
    assert check("Botox: reply C to confirm Tuesday", practice="Botox").label == "allow"
    assert check("Botox & Glow: your filler is at 3", practice="Botox & Glow").label == "phi"


def test_a_known_patient_may_not_be_named_in_full() -> None:
    """The patient's own full name is found even where its words look like any others."""
    assert kinds("Rose Hill, see you at 3", patient="Rose Hill") == {"full_name"}


def test_staff_may_be_named_in_full() -> None:
    """A full name that the practice says is staff's is no finding."""
    assert check("Sarah Johnson, your visit is at 3").label == "phi"
    assert check("Sarah Johnson, your visit is at 3", staff=["Sarah Johnson"]).label == "allow"


def test_the_suggestion_is_itself_allowed() -> None:
    """What we offer instead says nothing the guard would stop, whatever was found."""
    for _, text in SPECIMENS:
        offered = suggestion(check(text), "Lakeside Laser & Skin", "https://q.example/m/7Hq2")
        assert check(offered, practice="Lakeside Laser & Skin").label == "allow"
        assert "https://q.example/m/7Hq2" in offered


def test_every_finding_is_explained_in_one_sentence() -> None:
    """Staff read one sentence, not a code: it begins with a capital and ends with its only full stop."""
    for _, text in SPECIMENS:
        for finding in check(text).found:
            assert finding.why[0].isupper()
            assert finding.why.index(".") == len(finding.why) - 1


def run(lines: bytes) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "texting.rules.phi"]
    done = subprocess.run(command, input=lines, capture_output=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_command_answers_line_by_line_in_order() -> None:
    """Each line gets one answer in order, and a line that cannot be read is never allowed."""
    answers = run(
        b'{"text": "See you at 3"}\nnot json\n{"text": 5}\n{"text": "Botox at 3"}\n[]\n\xff\xfe\n{"text": "\\ud800"}\n'
    )
    assert [answer["label"] for answer in answers] == ["allow", "phi", "phi", "phi", "phi", "phi", "allow"]
    assert answers[3]["found"] == [
        {"kind": "treatment", "span": [0, 5], "why": "It names a wrinkle-relaxing injection."}
    ]


# Texts built to make a careless reader slow: long runs, near misses of patterns, and every kind of disguise.
SLOW = [
    "a" * 4000,
    "a " * 2000,
    "b.o.t." * 700,
    "how are you is it your " * 180,
    "session 1 of 2 of 3 / 4 " * 160,
    "no no no avoid not dont " * 160,
    "b*" * 2000,
    "@$!|+" * 800,
    "x1y2z3" * 600,
    "shipped to 1 a b c d e f g " * 150,
    "sarah johnson maria lopez " * 150,
    "\u200bb\u0301o" * 1200,
    "💉" * 2000,
    "qwrtpsdfghjklz " * 260,
    "b*t*x " * 600,
    "laser.spa.com " * 280,
    "@botox.laser " * 300,
    "laser's spa's " * 280,
    "abcdefgectomy " * 280,
]


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_no_input_is_slow(text: str) -> None:
    """A text takes less than a millisecond per hundred characters; ten times that is allowed on a busy machine."""
    check(text)
    before = time.process_time()
    check(text)
    assert time.process_time() - before < 10 * len(text) / 100 / 1000
