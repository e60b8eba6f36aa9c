"""What a command answers: data for machines (`--json`), tables and sentences for people, and whether all is well.

Ids, states, codes and our own sentences only. Nothing printed is ever read as markup, and every table folds to the width
it is given.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from texting.rules.readiness_facts import Finding, Mark

STYLES = {Mark.OK: "green", Mark.LOOK: "yellow", Mark.BROKEN: "bold red", Mark.UNKNOWN: "dim"}
WORDS = {Mark.OK: "ok", Mark.LOOK: "look", Mark.BROKEN: "BROKEN", Mark.UNKNOWN: "cannot tell"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command. `ok` False ends it with exit code 1."""

    data: Mapping[str, Any]
    shown: Sequence[RenderableType] = field(default=())
    ok: bool = True


def sentence(text: str, style: str = "") -> Text:
    """One sentence for people."""
    return Text(text, style=style)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> Table:
    """A table whose cells fold rather than being cut."""
    made = Table(title=title or None, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(_cell(cell)) for cell in row))
    return made


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return when(value) if isinstance(value, datetime) else str(value)


def when(at: datetime) -> str:
    """A time as people read it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def stamp(at: datetime | None) -> str | None:
    """A time as machines read it: RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def findings_table(findings: Sequence[Finding]) -> Table:
    """The doctor's table: what, how it stands, why, and what to do."""
    rows = []
    for finding in findings:
        said = Text(finding.says)
        if finding.remedy:
            said.append(f"\n→ {finding.remedy}", style="italic")
        rows.append((finding.title, Text(WORDS[finding.mark], style=STYLES[finding.mark]), said))
    return table(("what", "stands", "and"), rows)


def findings_data(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """The same for machines."""
    return [{"check": one.check, "mark": str(one.mark), "says": one.says, "remedy": one.remedy} for one in findings]


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer, whole, to standard output."""
    if as_json:
        typer.echo(json.dumps(answer.data, indent=2, default=str, ensure_ascii=False))
        return
    console = Console(highlight=False, markup=False, emoji=False)
    for one in answer.shown:
        console.print(one, soft_wrap=isinstance(one, Text))  # an id, a key or a command must be copied in one piece


def refuse(text: str, *, as_json: bool) -> None:
    """Print why a command could not do its work: for machines to standard output, for people to standard error."""
    if as_json:
        typer.echo(json.dumps({"error": text}, ensure_ascii=False))
    else:
        Console(stderr=True, highlight=False, markup=False, emoji=False).print(Text(text, style="red"), soft_wrap=True)
