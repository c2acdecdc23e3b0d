"""Commands for what is learned from moderators: models made here, the gate, which one is in force."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from moderation.bootstrap.engine import engine_with
from moderation.classifier import ledger
from moderation.cli.serving import ready_tools
from moderation.services import labelling, learning, promoting

model = typer.Typer(no_args_is_help=True, help="Models learned from decisions, and which one is in force.")

_WHO = "cli"  # the actor in the audit log

Version = Annotated[str, typer.Argument(help="A candidate, as `moderation model list` names it.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(model, name="model")


def learn(recipe: Path, data: Path, thresholds: Mapping[str, tuple[float, float]]) -> str:
    """Return the version of the candidate made of the recipe's rows and the decisions."""
    return learning.learn(ready_tools(), recipe, data, _WHO, thresholds=thresholds)


@model.command("list")
def list_models() -> None:
    """Print the models in use, then every candidate with its state: live, earlier, passed, refused, not gated, damaged."""
    tools = ready_tools()
    for name, version in sorted(tools.engine.model_versions.items()):
        print(name, version, "in use", sep="\t")
    for refused in tools.engine.models.refused:
        print("-", refused, "promoted, and refused", sep="\t")
    for candidate in promoting.candidates(tools):
        print(candidate.folder.name, candidate.version, candidate.state, sep="\t")


@model.command()
def gate(version: Version) -> None:
    """Compare a candidate with the models in use; exit status 1 where it does not pass."""
    tools = ready_tools()
    folder = ledger.folder_of(tools.settings.learned_dir, version)
    found = learning.gate(tools, version, engine_with(tools.settings, tools.engine, folder), _WHO)
    for check in found:
        print(f"{'passed' if check.passed else 'FAILED'}  {check.name:8} {check.reason}")
    if not all(check.passed for check in found):
        raise typer.Exit(1)


@model.command()
def promote(version: Version) -> None:
    """Put a candidate into force that has passed the gate; processes that serve load it within a second."""
    print(f"{promoting.promote(ready_tools(), version, _WHO).version} is in force.")


@model.command()
def rollback() -> None:
    """Take the last promotion back: what was in force before is so again."""
    print(f"{promoting.roll_back(ready_tools(), _WHO).version} is no longer in force.")


@model.command()
def forget() -> None:
    """Empty the copies of the text on standard input that came with feedback; print how many there were."""
    print(labelling.forget_feedback(ready_tools(), sys.stdin.read().removesuffix("\n"), _WHO))
