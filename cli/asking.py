"""How every command is asked: the same options for where to work and how to answer, the same end for every refusal.

Exit codes: 0 all is well, 1 something is not so (or could not be done, with its sentence), 2 the command line was wrong.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from texting.errors import QuietlineError

from cli.here import BOX, Here
from cli.showing import Answer, refuse, show

WHERE = "Where"
Profile = Annotated[str, typer.Option("--profile", help="AWS profile.", rich_help_panel=WHERE)]
Region = Annotated[str, typer.Option("--region", help="AWS region.", rich_help_panel=WHERE)]
Prefix = Annotated[
    str,
    typer.Option(
        "--stack-prefix",
        envvar="QUIETLINE_STACK_PREFIX",
        help="How the stacks' names begin: quietline-prod, quietline-dev.",
        rich_help_panel=WHERE,
    ),
]
Box = Annotated[bool, typer.Option("--box", help="Work on the practice in a box.", rich_help_panel=WHERE)]
BoxAt = Annotated[str, typer.Option("--box-at", help="The same, at this address.", rich_help_panel=WHERE)]
File = Annotated[
    Path, typer.Option("--practice", help="The practice's settings file.", rich_help_panel=WHERE, show_default=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.", rich_help_panel=WHERE)]

_COMMON: tuple[tuple[str, Any, Any], ...] = (
    ("profile", Profile, ""),
    ("region", Region, ""),
    ("stack_prefix", Prefix, "quietline-prod"),
    ("box", Box, False),
    ("box_at", BoxAt, ""),
    ("practice", File, Path("practice.toml")),
    ("as_json", AsJson, False),
)
Command = Callable[..., Answer]


def command(app: typer.Typer, name: str) -> Callable[[Command], Command]:
    """Make `work(here, …) -> Answer` a command of `app`; its docstring is its help."""

    def made(work: Command) -> Command:
        app.command(name)(_with_options(work))
        return work

    return made


def _with_options(work: Command) -> Callable[..., None]:
    def run(**given: Any) -> None:
        common = {part: given.pop(part) for part, _, _ in _COMMON}
        as_json = common["as_json"]
        try:
            answer = work(_here(common), **given)
        except QuietlineError as refusal:
            refuse(refusal.sentence, as_json=as_json)
            raise typer.Exit(1) from None
        show(answer, as_json=as_json)
        if not answer.ok:
            raise typer.Exit(1)

    own = [part for name, part in inspect.signature(work).parameters.items() if name != "here"]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in _COMMON
    ]
    run.__name__, run.__doc__ = work.__name__, work.__doc__
    run.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {part.name: part.annotation for part in [*own, *added]}
    return run


def _here(common: dict[str, Any]) -> Here:
    box = common["box_at"].rstrip("/") or (BOX if common["box"] else "")
    return Here(common["profile"], common["region"], common["stack_prefix"], box, common["practice"])


def confirm(word: str, given: str, asks: str) -> None:
    """Go on only when the operator typed `word`, here or with --confirm. Raises Exit with code 2."""
    said = given or typer.prompt(f"{asks} Type {word} to go on", err=True, default="", show_default=False)
    if said.strip() != word:
        typer.echo(f"Nothing was done: {word} was not typed.", err=True)
        raise typer.Exit(2)


Confirm = Annotated[str, typer.Option("--confirm", help="The word you would be asked to type.")]
