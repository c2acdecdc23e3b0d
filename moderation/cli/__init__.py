"""The command line: parse, call one service, print.

serving.py   serve, worker, seed, db          judging.py   decide, policy, train, evaluate
keeping.py   site, article, comment, block, user, author
"""

import sys

import typer

from moderation.cli import judging, keeping, serving
from moderation.errors import InvalidInput, ModerationError

app = typer.Typer(
    name="moderation",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Comment moderation for a newsroom.",
)
for part in (serving, judging, keeping):
    part.register(app)


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error and exit status 2."""
    try:
        app()
    except ModerationError as error:
        print(f"moderation: {error}", file=sys.stderr)
        if isinstance(error, InvalidInput):
            for field, sentences in error.fields.items():
                print(f"  {field}: {' '.join(sentences)}", file=sys.stderr)
        sys.exit(2)
