"""What is measured: a model, the whole engine or another package, each as texts in and scores by label out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from moderation.classifier import measuring
from moderation.classifier.datasets import Corpus, file_digest, read
from moderation.classifier.evaluation import DEV, thresholds_of
from moderation.classifier.measuring import any_of, clean_rows
from moderation.classifier.ranking import Floats, Mask
from moderation.engine import Engine
from moderation.engine.rates import interval
from moderation.engine.text import Text
from moderation.engine.types import Context, Scorer, Submission

# The engine's verdict as a label of its own: 0 published, 0.5 held, 1 rejected.
VERDICT = "verdict"
# The score that so many clean comments reach, on which systems that act at different rates can be compared.
CLEAN_CUT = "1 % of clean"
# Sources with both cases and others of toxicity or personal attacks, of which slow systems read a sample.
COMPARED = (
    "toxic_spans", "insults_impermium", "unhealthy_ucc", "cad_reddit", "wiki_context_toxicity",
    "wiki_identity_testset", "openai_moderation", "hatecheck",
)  # fmt: skip
SAMPLE, SEED = 4000, 20261123
_BATCH = 256

Scores = Mapping[str, Mapping[str, Floats]]  # by system and label
Cuts = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class System:
    """One thing measured; `cuts` are the scores from which it acts, by label and by what it then does."""

    name: str
    version: str
    score: Callable[[Sequence[str]], dict[str, Floats]]
    cuts: Cuts = field(default_factory=dict)
    slow: bool = False  # scored on the sample only


def of_scorer(scorer: Scorer, thresholds: Mapping[str, tuple[float, float]], name: str = "") -> System:
    """Return a model as a system; a threshold above 1, which no score reaches, is no cut."""

    def score(texts: Sequence[str]) -> dict[str, Floats]:
        found = np.zeros((len(texts), len(scorer.labels)))
        for start in range(0, len(texts), _BATCH):
            batch = [Text(text) for text in texts[start : start + _BATCH]]
            for row, scores in enumerate(scorer.score(batch, ()), start):
                # A label that a model did not answer for raises no suspicion.
                found[row] = [scores.get(label, 0.0) for label in scorer.labels]
        return {label: found[:, column] for column, label in enumerate(scorer.labels)}

    cuts = {
        label: {key: cut for key, cut in zip(("hold", "reject"), thresholds[label], strict=True) if cut <= 1}
        for label in scorer.labels
        if label in thresholds
    }
    return System(name or scorer.name, scorer.version, score, cuts)


def of_engine(engine: Engine, now: datetime, name: str) -> System:
    """Return the whole engine as a system: each label's clause, the verdict, and for toxicity the highest of all clauses.

    Comments are decided without article, thread or author.
    """
    learned = engine.policy.learned
    labels = (*learned, "toxicity", VERDICT)

    def score(texts: Sequence[str]) -> dict[str, Floats]:
        context = Context(policy=engine.policy, now=now)
        found = np.zeros((len(texts), len(labels)))
        for start in range(0, len(texts), _BATCH):
            pairs = [
                (Submission(site_id="", body=text, received_at=now), context)
                for text in texts[start : start + _BATCH]
            ]
            for row, decision in enumerate(engine.decide_many(pairs), start):
                clauses = [decision.scores[learned[label]] for label in learned]
                highest = max(decision.scores[id_] for id_ in engine.policy.clauses)
                found[row] = [*clauses, highest, decision.verdict.order / 2]
        return {label: found[:, column] for column, label in enumerate(labels)}

    cuts: dict[str, dict[str, float]] = {
        label: {"hold": clause.hold_at, "reject": clause.reject_at}
        for label, id_ in learned.items()
        for clause in [engine.policy.clauses[id_]]
    }
    return System(name, engine.policy.version, score, {**cuts, VERDICT: {"hold": 0.5, "reject": 1.0}})


def stages(engine: Engine) -> dict[str, Scorer]:
    """Return every learned model of the engine by name, a first stage before the model that asks it."""
    found: dict[str, Scorer] = {}
    for name, scorer in engine.scorers.items():
        first: Scorer | None = getattr(scorer, "first", None)  # as a cascade calls it
        if first is not None:
            found[first.name] = first
        found[name] = scorer
    return found


def own(engine: Engine, now: datetime) -> list[System]:
    """Return every learned model of the engine, the whole decision, and the decision by the rules alone."""
    thresholds = thresholds_of(engine.policy)
    return [
        *(of_scorer(scorer, thresholds, name) for name, scorer in stages(engine).items()),
        of_engine(engine, now, "whole decision"),
        of_engine(Engine(engine.policy, {}, engine.detectors), now, "rules alone"),
    ]


@dataclass(frozen=True, slots=True)
class Rows:
    """The dev rows, as they were written and folded, and which of them every system reads."""

    corpus: Corpus
    originals: Sequence[str]
    digest: str
    clean: Mask
    sample: Mask


def read_rows(data: Path) -> Rows:
    """Return the English dev rows."""
    corpus = read(data / DEV)
    columns = pq.read_table(data / DEV, columns=["text", "lang"]).to_pydict()
    originals = [text for text, lang in zip(columns["text"], columns["lang"], strict=True) if lang == "en"]
    clean = any_of(clean_rows(corpus), len(corpus))
    chance = np.random.default_rng(SEED)
    sample = np.zeros(len(corpus), dtype=bool)
    for source in COMPARED:
        here = np.flatnonzero(corpus.sources == source)
        sample[chance.permutation(here)[: SAMPLE // len(COMPARED)]] = True
    return Rows(corpus, originals, file_digest(data / DEV), clean, sample)


def scores_on(system: System, rows: Rows) -> dict[str, Floats]:
    """Return the scores by label; not a number where a slow system did not read."""
    if not system.slow:
        return system.score(rows.originals)
    read_ = np.flatnonzero(rows.sample)
    found = system.score([rows.originals[number] for number in read_.tolist()])
    full = {}
    for label, some in found.items():
        full[label] = np.full(len(rows.corpus), np.nan)
        full[label][read_] = some
    return full


def cuts_of(system: System, scores: Mapping[str, Floats], label: str, clean: Mask) -> dict[str, float]:
    """Return the scores from which the system acts, and the one that 1 % of clean comments reach."""
    cuts = dict(system.cuts.get(label, {}))
    if label != VERDICT:
        cut = float(np.quantile(scores[label][clean], 1 - measuring.HOLD_RATE, method="higher"))
        # Where clean comments tie at nothing, reaching that says nothing.
        if cut > scores[label].min():
            cuts[CLEAN_CUT] = cut
    return cuts


def share(hits: Sequence[bool]) -> str:
    """Return a share in percent with Wilson's 95 % interval."""
    if not hits:
        return "–"
    low, high = interval(sum(hits), len(hits))
    return f"{100 * sum(hits) / len(hits):.1f} ({100 * low:.1f}-{100 * high:.1f}) %"
