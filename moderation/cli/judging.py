"""Commands that judge texts, policies and models; none needs a database."""

import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from moderation.bootstrap import build_engine, first_reads
from moderation.classifier.artefact import ENCODER_FORMAT, read_manifest
from moderation.classifier.recipe import is_for_encoder
from moderation.engine.comparing import differences, flips
from moderation.engine.detectors import find_detectors
from moderation.engine.golden import Case, GoldenOutcome, read_golden, run_golden
from moderation.engine.lines import decide_lines
from moderation.engine.policy import Policy, load_policy
from moderation.errors import Misconfigured
from moderation.services import utc_now
from moderation.settings import read_settings

policy = typer.Typer(no_args_is_help=True, help="The policy file.")

PolicyFile = Annotated[Path | None, typer.Argument(help="A policy file; the one in use if left out.")]
Data = Annotated[Path, typer.Option(help="Folder with train.parquet and dev.parquet.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(decide)
    app.command()(train)
    app.command()(evaluate)
    app.add_typer(policy, name="policy")


def decide() -> None:
    """Decide JSON Lines from standard input to standard output; exit status 1 when a line was malformed."""
    engine = build_engine(read_settings())
    gc.freeze()  # what was loaded stays, and decisions hold no cycles: looking for some costs a tenth of the time
    gc.set_threshold(50_000)
    malformed = False
    try:
        for answer in decide_lines(engine, sys.stdin.buffer, utc_now):
            malformed = malformed or "error" in answer
            sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has enough, as with `| head`
        sys.stderr.close()
    if malformed:
        raise typer.Exit(1)


@policy.command()
def check(path: PolicyFile = None) -> None:
    """Refuse a policy, lexicon or golden decision that does not hold, naming file, key and remedy."""
    checked = _policy(path)
    cases = read_golden(read_settings().policy_path.parent / "decisions", checked)
    print(f"{checked.title}: valid, version {checked.version}; {len(cases)} golden decisions can be read.")


@policy.command()
def show(path: PolicyFile = None) -> None:
    """Print the policy as a page of contents: clauses, thresholds, detectors, ladder."""
    shown = _policy(path)
    print(f"{shown.title}, version {shown.version}\n\n{shown.words}\n")
    named = {name for clause in shown.clauses.values() for name in clause.detectors}
    for clause in sorted(shown.clauses.values(), key=lambda c: -c.severity):
        detectors = ", ".join(f"{name} x {weight:g}" for name, weight in clause.detectors.items())
        print(
            f"{clause.id:16} hold {clause.hold_at:.2f}  reject {clause.reject_at:.2f}  {clause.strike_points} points  {detectors}"
        )
        print(f"{'':16} {clause.sentence}\n{'':16} {clause.sentence_hy}")
    for clause_id, reserved in shown.reserved.items():
        print(f"{clause_id:16} holds: {reserved.title}")
    print()
    for rung in sorted(shown.ladder, key=lambda r: r.order):
        lasts = (
            f"{rung.lasts_days} days"
            if rung.lasts_days
            else ("" if rung.penalty == "warn" else "until lifted")
        )
        print(f"{rung.at_points:3} points in {rung.within_days} days: {rung.penalty} {lasts}")
    # unread_language speaks for a reserved clause, so the policy need not name it.
    shadow = sorted({d.name for d in find_detectors()} - named - {"unread_language"})
    print(f"\nIn shadow (seen, without effect): {', '.join(shadow) or 'none'}")


@policy.command()
def diff(
    new: Annotated[Path, typer.Argument(help="The draft.")],
    old: Annotated[
        Path | None, typer.Argument(help="What to compare with; the policy in use if left out.")
    ] = None,
) -> None:
    """Print what a draft changes: keys, words, lists; and which golden decisions it turns."""
    before, after = _policy(old), _policy(new)
    lines = list(differences(before, after))
    print("\n".join(lines) or "No difference.")
    print(f"\n{before.version} -> {after.version}")
    cases = read_golden(read_settings().policy_path.parent / "decisions", before)
    _print_flips(_outcomes(old, cases), _outcomes(new, cases))


@policy.command()
def test(path: PolicyFile = None) -> None:
    """Decide the golden decisions and print those that differ; exit status 1 when one that must hold does not.

    Of a draft, the rows it decides otherwise than the policy in use are printed as well.
    """
    cases = read_golden(read_settings().policy_path.parent / "decisions", _policy(path))
    outcomes = _outcomes(path, cases)
    for outcome in outcomes:
        if not outcome.holds:
            case = outcome.case
            print(
                f"{case.file}: {case.verdict} {case.clause or ''} expected, got {outcome.got}: {case.body!r} ({case.why})"
            )
    if path is not None:
        _print_flips(_outcomes(None, cases), outcomes)
    for name, chosen in (("tuned on", False), ("put aside", True)):
        group = [outcome for outcome in outcomes if outcome.case.aside is chosen]
        print(f"{name}: {sum(outcome.holds for outcome in group)} of {len(group)} hold")
    # Rows put aside measure what was never tuned on; a known miss waits for a better engine. The others must hold.
    if any(not o.holds and not o.case.aside and not o.case.known_miss for o in outcomes):
        raise typer.Exit(1)


def _outcomes(path: Path | None, cases: Sequence[Case]) -> list[GoldenOutcome]:
    settings = read_settings()
    engine = build_engine(settings if path is None else settings.model_copy(update={"policy_path": path}))
    return run_golden(engine, cases, utc_now())


def _print_flips(before: Sequence[GoldenOutcome], after: Sequence[GoldenOutcome]) -> None:
    turned = list(flips(before, after))
    for earlier, later in turned:
        print(f"{later.case.file}: {earlier.got} -> {later.got}: {later.case.body!r}")
    print(f"{len(turned)} of {len(after)} golden decisions turn")


def train(recipe: Annotated[Path, typer.Argument(help="models/<name>/recipe.toml")], data: Data) -> None:
    """Train the model of a recipe: weights, card and metrics are written beside it."""
    policy, second = _policy(None), is_for_encoder(recipe)
    try:
        from moderation.classifier import training  # noqa: PLC0415  scikit-learn is not there when serving

        if second:
            from moderation.classifier import encoder_training  # noqa: PLC0415  nor is torch
    except ModuleNotFoundError as error:
        raise _needs_training(error) from error
    if second:
        encoder_training.train(recipe, data, policy, first_reads(policy), _thresholds(policy))
    else:
        training.train(recipe, data, thresholds=_thresholds(policy))


def evaluate(
    data: Data, model: Annotated[Path, typer.Option(help="A model's folder.")] = Path("models/first")
) -> None:
    """Measure a model on the dev rows at the policy's thresholds and compare with its card."""
    policy = _policy(None)
    second = read_manifest(model)["format"] == ENCODER_FORMAT
    try:
        from moderation.classifier import encoder_evaluation, evaluation  # noqa: PLC0415  as above
    except ModuleNotFoundError as error:
        raise _needs_training(error) from error
    if second:
        shown, differences = encoder_evaluation.evaluate(
            model, data, first_reads(policy), _thresholds(policy)
        )
        print("\n".join((shown, "", *differences)))
    else:
        report = evaluation.evaluate(model, data, _thresholds(policy))
        print(report.as_markdown())
        differences = report.differences
    if differences:
        raise typer.Exit(1)


def _thresholds(read: Policy) -> dict[str, tuple[float, float]]:
    """Return by label the model's scores from which the policy holds and rejects (above 1: it never does alone)."""
    found = {}
    for label, clause_id in read.learned.items():
        clause = read.clauses[clause_id]
        weight = clause.detectors.get("learned", 0.0)
        if weight:
            found[label] = (clause.hold_at / weight, clause.reject_at / weight)
    return found


def _needs_training(error: ModuleNotFoundError) -> Misconfigured:
    return Misconfigured(
        f"{error.name} is not installed here. Run `make .venv-train/ready` and use .venv-train/bin/python -m moderation."
    )


def _policy(path: Path | None) -> Policy:
    return load_policy(path or read_settings().policy_path, frozenset(d.name for d in find_detectors()))
