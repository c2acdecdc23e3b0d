"""Learning from moderators: labelled rows become a candidate, and the gate compares it with what is in use.

`learn` needs the training environment and runs in a process of its own (`moderation train --from-decisions`); nothing
that serves trains. What has passed the gate comes into force by `promoting`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from moderation.classifier import artefact, gating, ledger
from moderation.classifier.bias import read_templates
from moderation.classifier.gating import Check, HeldOut
from moderation.classifier.recipe import read_recipe
from moderation.engine import Engine
from moderation.engine.golden import read_golden
from moderation.engine.text import Text
from moderation.engine.types import Context, Parent, Submission, Verdict
from moderation.errors import InvalidInput, ModelRefused
from moderation.services import Tools
from moderation.services.labelling import BY_MODERATORS, FEEDBACK, Limits, Row, digest_of_rows, lessons
from moderation.services.submitting import engine_article

if TYPE_CHECKING:
    from moderation.classifier.datasets import Corpus

DECISIONS, GATE = "decisions.json", "gate.json"
_LANGUAGES = ("en", "hy", "ru")  # of the sentences in identity.toml


def learn(
    tools: Tools,
    recipe: Path,
    data: Path,
    by: str,
    *,
    limits: Limits | None = None,
    thresholds: Mapping[str, tuple[float, float]] | None = None,
    progress: bool = True,
) -> str:
    """Return the version of a candidate trained on the recipe's rows and the decisions, in a folder of its own.

    Raises:
        InvalidInput: there are too few decisions, or the recipe is wrong.
        ModuleNotFoundError: this is not the training environment.
    """
    from moderation.classifier import training  # noqa: PLC0415  scikit-learn is not there when serving

    limits = limits or Limits()
    plan = read_recipe(recipe)
    found = lessons(tools, limits)
    if len(found.training) < limits.fewest:
        raise InvalidInput(
            f"There are {len(found.training)} decisions to learn from; {limits.fewest} are needed. "
            "Comments that moderators approve, reject or remove add to them."
        )
    learned = tools.settings.learned_dir
    learned.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=learned) as made:
        folder = Path(made) / "candidate" / plan.name
        folder.mkdir(parents=True)
        training.train(recipe, data, progress, thresholds, decisions=_corpus(found.training), into=folder)
        trained = _described(found.training)
        record = {
            "policy": tools.engine.policy.version,
            "limits": asdict(limits),
            "training": trained,
            "held_out": _described(found.held_out),
            "left_out": dict(found.left_out),
        }
        (folder / DECISIONS).write_text(json.dumps(record, indent=2) + "\n", "utf-8")
        artefact.seal(folder)
        version = artefact.load(folder).version
        place = learned / version
        if not place.exists():  # the same rows give the same model, and it may be in force
            folder.parent.rename(place)
    digest = ledger.digest_of(place / plan.name)
    _record(tools, by, "model.trained", version, {"digest": digest, "decisions": trained["digest"]})
    return version


def _described(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "rows": len(rows),
        "by_source": dict(Counter(row.label.source for row in rows)),
        "by_verdict": dict(Counter(row.label.clause or row.label.verdict for row in rows)),
        "digest": digest_of_rows(rows),
    }


def _corpus(rows: Sequence[Row]) -> "Corpus":
    from moderation.classifier import datasets  # noqa: PLC0415  it needs pyarrow, which is not there when serving

    values = np.array(
        [[row.values.get(name, np.nan) for name in datasets.LABELS] for row in rows], np.float32
    )
    sources = np.array(["decisions" if row.label.source in BY_MODERATORS else FEEDBACK for row in rows])
    texts = tuple(Text(row.text).folded for row in rows)
    return datasets.Corpus(texts, sources, values, ("",) * len(rows))


def gate(tools: Tools, version: str, challenger: Engine, by: str) -> list[Check]:
    """Return what the gate found of a candidate against the models in use, and write it into its folder.

    Args:
        tools: the tools of this process; its engine is the live one.
        version: the candidate's.
        challenger: the engine with the candidate in place of the model it would replace.
        by: who asks.

    Raises:
        ModelRefused: there is no such candidate, it was not trained here, or is not as it was made.
    """
    now, policy = tools.now(), tools.engine.policy
    folder = ledger.folder_of(tools.settings.learned_dir, version)
    digest = ledger.digest_of(folder)
    # A model may serve as one stage of two, whose versions are joined by a plus sign.
    if not any(version in joined.split("+") for joined in challenger.model_versions.values()):
        raise ModelRefused(f"The model folder {folder} does not hold {version}.", file=str(folder))
    _check_origin(tools, version, digest)
    limits = _limits_of(folder)
    held_out = lessons(tools, limits).held_out
    beside = tools.settings.policy_path.parent
    sentences = [one for name in _LANGUAGES for one in read_templates(beside / "identity.toml", name)]
    found = gating.checks(
        tools.engine,
        challenger,
        _compared(tools, held_out),
        read_golden(beside / "decisions", policy),
        sentences,
        now,
    )
    report = {
        "passed": all(check.passed for check in found),
        "at": now.isoformat(),
        "candidate": {"version": version, "digest": digest},
        "live": dict(tools.engine.model_versions),
        "policy": policy.version,
        "held_out": _described(held_out),
        "identity": hashlib.sha256((beside / "identity.toml").read_bytes()).hexdigest(),
        "golden": _digest_of_files(sorted((beside / "decisions").glob("*.toml"))),
        "data": json.loads((folder / "metrics.json").read_text("utf-8"))["training"]["files"],
        "checks": [asdict(check) for check in found],
    }
    content = json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n"
    (folder / GATE).write_bytes(content)
    detail = {"digest": digest, "gate": hashlib.sha256(content).hexdigest(), "passed": report["passed"]}
    failed = [check.name for check in found if not check.passed]
    _record(tools, by, "model.gated", version, {**detail, "failed": failed})
    return found


def _check_origin(tools: Tools, version: str, digest: str) -> None:
    with tools.database.read() as store:
        events = store.audit.of([f"model:{version}"])
    if not any(e.action == "model.trained" and e.detail["digest"] == digest for e in events):
        raise ModelRefused(f"{version} is not a model that was trained here.", version=version)


def _limits_of(folder: Path) -> Limits:
    """Return the limits the candidate was trained under: another share would measure on what has trained."""
    return Limits(**json.loads((folder / DECISIONS).read_text("utf-8"))["limits"])


def _digest_of_files(paths: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths)).hexdigest()


def _compared(tools: Tools, rows: Sequence[Row]) -> list[HeldOut]:
    """Return the rows as the engine would read them, under their article and the comment they answer."""
    policy, now = tools.engine.policy, tools.now()
    found = []
    with tools.database.read() as store:
        for row in rows:
            comment = row.comment
            assert comment is not None
            article = store.articles.get(comment.article_id)
            assert article is not None
            parent = store.comments.get(comment.parent_id) if comment.parent_id else None
            writer = store.people.get(parent.author_id) if parent else None
            context = Context(
                policy=policy,
                now=now,
                article=engine_article(article),
                parent=Parent(writer.name if writer else "", parent.body) if parent else None,
                language=comment.language,
            )
            submission = Submission(comment.site_id, comment.body, received_at=comment.received_at)
            found.append(HeldOut(submission, context, row.values, Verdict(row.label.verdict)))
    return found


def _record(tools: Tools, by: str, action: str, version: str, detail: Mapping[str, object]) -> None:
    with tools.database.begin() as store:
        store.audit.append(at=tools.now(), actor=by, action=action, subject=f"model:{version}", detail=detail)
