"""Commands that judge texts, policies and models; none needs a database."""

import gc
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from moderation.bootstrap.engine import build_engine, first_reads
from moderation.classifier.recipe import is_for_encoder
from moderation.engine import tuning
from moderation.engine.comparing import differences, flips
from moderation.engine.detectors import find_detectors
from moderation.engine.golden import Case, GoldenOutcome, read_golden, run_golden
from moderation.engine.lines import as_line, decide_lines, read_labelled
from moderation.engine.policy import Policy, load_policy
from moderation.engine.rates import interval
from moderation.engine.tuning import judge
from moderation.errors import InvalidInput, Misconfigured
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


def decide(
    source: Annotated[
        Path | None, typer.Option("--input", help="JSON Lines or Parquet; standard input if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="JSON Lines or Parquet; standard output if left out.")
    ] = None,
    by: Annotated[
        Literal["local", "ray"],
        typer.Option("--engine", help="This process, or Ray Data on all processors of a machine or cluster."),
    ] = "local",
) -> None:
    """Decide JSON Lines from standard input to standard output; exit status 1 when a line was malformed.

    With --input a file larger than memory, batch by batch. Parquet has the same fields as columns.
    """
    if source is not None or output is not None or by != "local":
        from moderation.cli import deciding  # noqa: PLC0415  pyarrow is not there when serving

        if deciding.decide_file(source, output, by, read_settings()):
            raise typer.Exit(1)
        return
    engine = build_engine(read_settings())
    gc.freeze()  # what was loaded stays, and decisions hold no cycles: looking for some costs a tenth of the time
    gc.set_threshold(500_000)
    malformed = False
    try:
        for answer in decide_lines(engine, sys.stdin.buffer, _now):
            malformed = malformed or "error" in answer
            sys.stdout.buffer.write(as_line(answer))
        sys.stdout.buffer.flush()
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
        if clause.reject_precision is not None:
            print(f"{'':16} at least {100 * clause.reject_precision:g} % of its rejections must be right")
        if clause.publish_miss_rate is not None:
            print(f"{'':16} at most {100 * clause.publish_miss_rate:g} % of what it lets pass may break it")
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
        # What was put aside is only counted: rows that were read are rows tuned on.
        if not outcome.holds and not outcome.case.aside:
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


def _now() -> datetime:
    return datetime.now(UTC)


def _outcomes(path: Path | None, cases: Sequence[Case]) -> list[GoldenOutcome]:
    settings = read_settings()
    engine = build_engine(settings if path is None else settings.model_copy(update={"policy_path": path}))
    return run_golden(engine, cases, _now())


def _print_flips(before: Sequence[GoldenOutcome], after: Sequence[GoldenOutcome]) -> None:
    turned = list(flips(before, after))
    for earlier, later in turned:
        print(f"{later.case.file}: {earlier.got} -> {later.got}: {later.case.body!r}")
    print(f"{len(turned)} of {len(after)} golden decisions turn")


@policy.command()
def tune(
    decisions: Annotated[Path, typer.Option(help="Labelled decisions, JSON Lines.")],
    path: PolicyFile = None,
    out: Annotated[Path | None, typer.Option(help="Write a draft with the thresholds found.")] = None,
) -> None:
    """Find `hold_at` and `reject_at` of the clauses that state what they may get wrong; refuse what rows cannot show.

    A line is that of `moderation decide` with `verdict` (publish, hold, reject) and, of a rejection, `clause`. The rows
    must be a fair sample of what is handed in: what the desk read because it was held is none. Exit status 1, and no draft, where a threshold is refused.
    """
    settings = read_settings()
    engine = build_engine(settings if path is None else settings.model_copy(update={"policy_path": path}))
    try:
        lines = decisions.read_bytes().splitlines()
    except OSError as error:
        raise InvalidInput(
            f"{decisions}: cannot be read ({error.strerror}). Name a file of labelled decisions."
        ) from error
    rows = list(read_labelled(engine, lines, _now()))
    judged = judge(engine, rows)
    found = tuning.tune(engine.policy, judged)
    if not found:
        raise InvalidInput(
            f"{engine.policy.title}: no clause states reject_precision or publish_miss_rate. Write what a clause may get wrong."
        )
    print("\n".join(map(str, found)))
    tuned = tuning.applied(engine.policy, found)
    print(f"\n{len(judged)} labelled comments ({len(rows) - len(judged)} more labelled hold say neither):")
    for name, which in (("as it stands", engine.policy), ("with the thresholds above", tuned)):
        parts = [
            f"{verdict} {100 * count / max(len(judged), 1):.1f} % ({100 * low:.1f} to {100 * high:.1f})"
            for verdict, count in tuning.shares(which, judged).items()
            for low, high in [interval(count, len(judged))]
        ]
        print(f"{name}: {', '.join(parts)}")
    if any(one.threshold is None for one in found):
        raise typer.Exit(1)
    if out is not None:
        out.write_text(tuning.draft(tuned), "utf-8")
        print(f"{out}: written, version {_policy(out).version}")


@policy.command()
def replay(
    draft: Annotated[Path | None, typer.Argument(help="The draft; left out: go on with --resume.")] = None,
    last: Annotated[int, typer.Option(help="How many of the last stored comments.")] = 10_000,
    resume: Annotated[str, typer.Option(help="The id of a replay that was interrupted.")] = "",
    processes: Annotated[int, typer.Option(min=1, max=32)] = 2,
) -> None:
    """Decide stored comments by a draft and by the policy in force; print whose verdict changes.

    What is done is kept: interrupted, it goes on with --resume, or a process that serves takes it up. The draft stands
    for its text alone: words and lists are those beside the policy in use.
    """
    from moderation.cli import replaying  # noqa: PLC0415  nothing else here needs a database

    replaying.replay(draft, last, resume, processes)


def train(
    recipe: Annotated[Path, typer.Argument(help="models/<name>/recipe.toml")],
    data: Data,
    from_decisions: Annotated[
        bool, typer.Option("--from-decisions", help="Make a candidate that learned from moderators too.")
    ] = False,
) -> None:
    """Train the model of a recipe: weights, card and metrics are written beside it.

    From decisions, into a folder of its own; `moderation model gate` compares it with the live model.
    """
    policy, second = _policy(None), is_for_encoder(recipe)
    try:
        from moderation.classifier import evaluation, training  # noqa: PLC0415  scikit-learn is not there when serving

        if second:
            from moderation.classifier import encoder_training  # noqa: PLC0415  nor is torch
    except ModuleNotFoundError as error:
        raise _needs_training(error) from error
    thresholds = evaluation.thresholds_of(policy)
    if from_decisions:
        from moderation.cli import learning as models  # noqa: PLC0415  nothing else here needs a database

        print(models.learn(recipe, data, thresholds))
    elif second:
        encoder_training.train(recipe, data, policy, first_reads(policy), thresholds)
    else:
        training.train(recipe, data, thresholds=thresholds)


def evaluate(
    data: Data,
    model: Annotated[Path, typer.Option(help="The folder whose card is checked.")] = Path("models/first"),
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("var/evaluation"),
) -> None:
    """Write a report on every model, the rules and the whole decision on the dev rows; check the model's card.

    Exit status 1 where the card's figures are not met.
    """
    try:
        from moderation.classifier import (  # noqa: PLC0415  as above
            encoder_evaluation,
            evaluation,
            reporting,
            systems,
        )
    except ModuleNotFoundError as error:
        raise _needs_training(error) from error
    engine = build_engine(read_settings())
    thresholds = evaluation.thresholds_of(engine.policy)
    finding, met = encoder_evaluation.check(model, data, first_reads(engine.policy), thresholds)
    reporting.report(data, out, engine, systems.own(engine, _now()))
    print(f"{out / 'report.html'} and {out / 'report.md'} are written.\n\n{finding}")
    if not met:
        raise typer.Exit(1)


def _needs_training(error: ModuleNotFoundError) -> Misconfigured:
    return Misconfigured(
        f"{error.name} is not installed here. Run `make .venv-train/ready` and use .venv-train/bin/python -m moderation."
    )


def _policy(path: Path | None) -> Policy:
    return load_policy(path or read_settings().policy_path, frozenset(d.name for d in find_detectors()))
