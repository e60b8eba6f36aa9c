"""What a command answers: data for machines (`--json`), tables and sentences for people, and whether all is well.

Ids, states, codes and our own sentences only. Nothing printed is ever read as markup. Sentences fold to the width of the
terminal; what somebody may copy, an id or a name, stays in one piece, if need be in a line that is too long.
"""

import json
import re
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
ID = re.compile(r"\b[a-z]{1,3}_[0-9A-Za-z_-]{12,}")
_SPACE = re.compile(r"\s")
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
    """A table whose sentences fold rather than being cut, and whose ids do neither."""
    made = Table(title=title or None, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    cells = [[cell if isinstance(cell, Text) else Text(_cell(cell)) for cell in row] for row in rows]
    for at, column in enumerate(columns):
        made.add_column(column, overflow="fold", min_width=_whole([row[at].plain for row in cells]))
    for row in cells:
        made.add_row(*row)
    return made


def _whole(cells: Sequence[str]) -> int:
    """How wide a column must be for each of its ids, or each of its cells where none is more than a word."""
    pieces = [piece for cell in cells for piece in (ID.findall(cell) if any(map(_SPACE.search, cells)) else [cell])]
    return max(map(len, pieces), default=0)


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
        # An id, a key or a command must be copied in one piece: nothing that is too long for the terminal is cut.
        console.print(one, soft_wrap=isinstance(one, Text), crop=False)


def refuse(text: str, *, as_json: bool) -> None:
    """Print why a command could not do its work: for machines to standard output, for people to standard error."""
    if as_json:
        typer.echo(json.dumps({"error": text}, ensure_ascii=False))
    else:
        Console(stderr=True, highlight=False, markup=False, emoji=False).print(Text(text, style="red"), soft_wrap=True)
