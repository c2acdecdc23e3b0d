"""The command line: parse, call one service, print.

serving.py   serve, worker, seed, db          judging.py   decide, policy, train, evaluate
keeping.py   site, article, comment, user, author           learning.py  model
blocking.py  block                                          moving.py    perspective
archives.py  import, export                                 doctoring.py doctor
"""

import importlib
import sys
from collections.abc import Iterable

import typer

from moderation.errors import InvalidInput, ModerationError

_PARTS = ("serving", "judging", "keeping", "blocking", "learning", "moving", "archives", "doctoring")


def build_app(parts: Iterable[str] = _PARTS) -> typer.Typer:
    """Return the command line of these modules."""
    app = typer.Typer(
        name="moderation",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Comment moderation for a newsroom.",
    )
    for part in parts:
        importlib.import_module(f"moderation.cli.{part}").register(app)
    return app


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error and exit status 2."""
    # `decide` stands in pipes: it waits for no web server and no database to be imported.
    app = build_app(["judging"] if sys.argv[1:] == ["decide"] else _PARTS)
    try:
        app()
    except ModerationError as error:
        print(f"moderation: {error}", file=sys.stderr)
        if isinstance(error, InvalidInput):
            for field, sentences in error.fields.items():
                print(f"  {field}: {' '.join(sentences)}", file=sys.stderr)
        sys.exit(2)
