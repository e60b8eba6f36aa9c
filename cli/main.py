"""quietline: doctor, connect, stop-everything, why, and the rest of the operator's words. `quietline --help` lists them."""

import typer

from cli import connections, doctor, evidence, holds, messages, sending, tokens, waiting, why

app = typer.Typer(
    name="quietline",
    help="Operate Quietline: look after the practice's texts without reading one.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for room in (doctor, sending, why, messages, waiting, tokens, connections, evidence, holds):
    room.add_to(app)

if __name__ == "__main__":
    app()
