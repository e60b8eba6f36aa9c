"""The tree of errors: three branches with their HTTP statuses, and no sentence in the code that could name a person."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from texting import errors
from texting.errors import (
    BadField,
    Bug,
    CarrierBusy,
    CarrierRefused,
    Misconfigured,
    QuietlineError,
    Reject,
    Retry,
    Unreadable,
)

PACKAGE = Path("layers/texting/python/texting")
CODE = sorted([*PACKAGE.rglob("*.py"), *Path("functions").rglob("*.py")])
TREE = {one for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, QuietlineError)}
LIBRARY_WORDS_ALLOWED = {
    PACKAGE / "practice.py": "the settings file is the practice's own, and the TOML reader quotes positions only",
    PACKAGE / "flows/wording.py": "both are ours: the practice's own wording, and the name of a row of ours",
}


def test_every_error_hangs_on_one_branch():
    """Try again, refuse, or mend the code: nothing is two of them, and nothing is none."""
    for one in TREE - {QuietlineError}:
        assert sum(issubclass(one, branch) for branch in (Retry, Reject, Bug)) == 1, one


def test_the_tree_at_the_top_is_the_tree():
    """The drawing a reader sees first names exactly the classes that follow."""
    drawn = set(re.findall(r"[─ ] (\w+) {2,}", errors.__doc__)) | {"QuietlineError"}

    assert drawn == {one.__name__ for one in TREE}


@pytest.mark.parametrize("one", sorted(TREE, key=lambda one: one.__name__), ids=lambda one: one.__name__)
def test_every_error_says_when_it_happens(one):
    """Each class has a sentence of its own, not its parent's."""
    assert one.__doc__
    assert one.__doc__.endswith((".", ".)"))
    assert all(one.__doc__ != parent.__doc__ for parent in one.__mro__[1:])


STATUSES = {
    "Retry": 503, "Reject": 400, "Bug": 500, "BadSignature": 401, "NotAllowed": 403, "Unknown": 404, "TooLarge": 413,
    "BadField": 422, "Unreadable": 202, "Contended": 503, "InDoubt": 500,
}  # fmt: skip


@pytest.mark.parametrize("name", STATUSES)
def test_statuses_are_those_the_tree_promises(name):
    """A door answers with the error's own status."""
    assert getattr(errors, name).status == STATUSES[name]


def test_errors_carry_their_sentence_and_their_word():
    """What a person reads and what a machine decides on stand apart."""
    field = BadField("patient.phone", "Give a mobile number.")

    assert (field.field, field.sentence, str(field)) == (
        "patient.phone",
        "Give a mobile number.",
        "Give a mobile number.",
    )
    assert Unreadable("not_json", "This is not JSON.").code == "not_json"
    assert CarrierBusy("THROTTLED").reason == "THROTTLED"
    assert CarrierRefused("RESOURCE_NOT_ACTIVE").reason == "RESOURCE_NOT_ACTIVE"
    assert Misconfigured("x").sentence == "x"


def names_of_errors():
    """Every class of the tree, those defined further up in the house included."""
    found = {one.__name__ for one in TREE}
    classes = [
        node for path in CODE for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef)
    ]
    while True:
        more = {one.name for one in classes if any(getattr(base, "id", "") in found for base in one.bases)} - found
        if not more:
            return found
        found |= more


ERRORS = names_of_errors()


def functions(path):
    """The functions of a file; code outside of them counts as one more."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)] or [tree]


def reveals(node):
    """Whether an expression opens a hidden value."""
    return any(isinstance(inner, ast.Attribute) and inner.attr == "reveal" for inner in ast.walk(node))


def opened(function):
    """The names that a function gives to opened values, through as many hands as it takes."""
    names = set()
    for _ in range(3):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.NamedExpr | ast.AnnAssign) and node.value is not None:
                used = {inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name)}
                direct = isinstance(node.value, ast.Call) and _is_check(node.value)
                if (reveals(node.value) or used & names) and not direct:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    names |= {
                        inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)
                    }
    return names


def _is_check(call):
    """A call whose answer is a verdict on words or a digest of them, not the words."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name in {"check", "count", "digest", "meaning", "places_of", "sha256", "send"}


def caught(function):
    """The names under which a function catches what libraries raise."""
    handlers = [node for node in ast.walk(function) if isinstance(node, ast.ExceptHandler) and node.name]
    return {
        one.name
        for one in handlers
        if not {inner.id for inner in ast.walk(one.type) if isinstance(inner, ast.Name)} <= ERRORS
    }


def told(function):
    """Every expression that becomes part of an error of ours in a function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ERRORS:
            yield from [*node.args, *(keyword.value for keyword in node.keywords)]


@pytest.mark.parametrize("path", CODE, ids=str)
def test_no_error_of_ours_repeats_what_is_hidden(path):
    """No sentence is made of an opened value, by whatever name it went; ids, codes and field names only."""
    for function in functions(path):
        names = opened(function)
        for words in told(function):
            used = {inner.id for inner in ast.walk(words) if isinstance(inner, ast.Name)}
            assert not reveals(words), f"{path}:{words.lineno}"
            assert not used & names, f"{path}:{words.lineno} tells {used & names}"


@pytest.mark.parametrize("path", CODE, ids=str)
def test_no_error_of_ours_repeats_a_library(path):
    """What boto3, pydantic or a parser says may quote its input, so that it is never part of our sentences."""
    if path in LIBRARY_WORDS_ALLOWED:
        return
    for function in functions(path):
        for words in told(function):
            for part in (inner for inner in ast.walk(words) if isinstance(inner, ast.FormattedValue | ast.Call)):
                inside = part.value if isinstance(part, ast.FormattedValue) else part
                whole = {getattr(inside, "id", "")} | {
                    getattr(arg, "id", "")
                    for arg in getattr(inside, "args", [])
                    if getattr(inside.func, "id", "") == "str"
                }
                assert not whole & caught(function), f"{path}:{words.lineno}"


def test_the_two_checks_see_what_they_look_for():
    """A specimen of each fault is found, so that the checks above are not passing for want of eyes."""
    leak = ast.parse(
        "def f(x):\n    words = x.reveal()\n    more = words[1:]\n    raise BadField('a', f'No {more}.')"
    ).body[0]
    quote = ast.parse(
        "def f():\n    try:\n        g()\n    except ValueError as e:\n        raise Reject(f'{e}')"
    ).body[0]

    assert opened(leak) == {"words", "more"}
    assert [inner.id for words in told(leak) for inner in ast.walk(words) if isinstance(inner, ast.Name)] == ["more"]
    assert caught(quote) == {"e"}
