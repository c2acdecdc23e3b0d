"""The engine: text + policy + standing -> decision. Pure: no framework, database, network or clock.

`Engine.decide` and `decide_many` are the door; `signals_of` only looks, `language_of` says what a text is written in. A comment is folded
once, every detector says what it saw, and `deciding` alone says what follows. A detector or model that raises becomes a
failed signal, and the comment is held.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from moderation.engine.deciding import decide
from moderation.engine.detectors import find_detectors
from moderation.engine.policy import Policy
from moderation.engine.text import Text
from moderation.engine.types import Context, Decision, Detector, Reason, Scorer, Signal, Submission

ENGINE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Models:
    """The learned models that decide together, their versions, and why others were refused."""

    scorers: Mapping[str, Scorer]
    versions: Mapping[str, str]
    refused: tuple[str, ...]


class Engine:
    """Detectors and learned models, ready to decide under any policy."""

    def __init__(
        self,
        policy: Policy,
        scorers: Mapping[str, Scorer],
        detectors: Iterable[Detector] | None = None,
        on_failure: Callable[[str, Exception], None] = lambda name, error: None,
    ) -> None:
        self.policy = policy
        self.detectors = tuple(find_detectors() if detectors is None else detectors)
        self._on_failure = on_failure
        # Why a policy that was to come into force did not, so that `policy` decides on: of the file, or one published.
        self.refused_policies: dict[str, str] = {}
        self.adopt(scorers)

    def adopt(self, scorers: Mapping[str, Scorer], refused: Iterable[str] = ()) -> None:
        """Decide by these models from the next comments on; decisions under way end by those they began with."""
        versions = {name: scorer.version for name, scorer in scorers.items()}
        self.models = Models(dict(scorers), versions, tuple(refused))

    @property
    def scorers(self) -> Mapping[str, Scorer]:
        """Return the models in use by name."""
        return self.models.scorers

    @property
    def model_versions(self) -> Mapping[str, str]:
        """Return the versions of the models in use by name."""
        return self.models.versions

    def language_of(self, body: str) -> str:
        """Return the language of a text as BCP 47 writes it, or nothing where it is not known."""
        return self.policy.languages.tag_of(Text(body))

    def decide(self, submission: Submission, context: Context) -> Decision:
        """Return the decision on one comment in its context."""
        return self.decide_many([(submission, context)])[0]

    def decide_many(self, pairs: Sequence[tuple[Submission, Context]]) -> list[Decision]:
        """Return a decision for each pair, in order; learned models score the texts in one batch."""
        started = time.perf_counter()
        models = self.models  # one and the same throughout, whatever is adopted meanwhile
        decisions = []
        texts, signals = self._look(models, pairs)
        for text, (_, context), seen in zip(texts, pairs, signals, strict=True):
            decisions.append(self._ruled(text, context, models, seen, started, len(pairs)))
            text.forget()
        return decisions

    def signals_of(self, pairs: Sequence[tuple[Submission, Context]]) -> list[list[Signal]]:
        """Return what detectors and models see in each text, in order; nothing is decided."""
        texts, signals = self._look(self.models, pairs)
        for text in texts:
            text.forget()
        return signals

    def _look(
        self, models: Models, pairs: Sequence[tuple[Submission, Context]]
    ) -> tuple[list[Text], list[list[Signal]]]:
        texts = [Text(submission.body) for submission, _ in pairs]
        failed = self._ask_models(models, texts, [context for _, context in pairs])
        signals: list[list[Signal]] = [list(failed) for _ in texts]
        # Detector by detector, not text by text: what one of them reads stays in the processor's cache meanwhile.
        for detector in self.detectors:
            for text, (_, context), seen in zip(texts, pairs, signals, strict=True):
                try:
                    seen.extend(detector.detect(text, context))
                except Exception as error:  # noqa: BLE001  whatever a detector raises must hold the comment, not lose it
                    self._on_failure(detector.name, error)
                    seen.append(_failure(detector.name, detector.version))
        return texts, signals

    def _ask_models(self, models: Models, texts: Sequence[Text], contexts: Sequence[Context]) -> list[Signal]:
        """Give each text what each model says of it; return a failed signal for each model that raised."""
        failed = []
        for name, scorer in models.scorers.items():
            try:
                for text, scores in zip(texts, scorer.score(texts, contexts), strict=True):
                    text.opinions = {**text.opinions, name: scores}
            except Exception as error:  # noqa: BLE001  whatever a model raises must hold the comment, not lose it
                self._on_failure(name, error)
                failed.append(_failure(name, scorer.version))
        return failed

    @staticmethod
    def _ruled(
        text: Text, context: Context, models: Models, signals: list[Signal], started: float, batch: int
    ) -> Decision:
        ruling = decide(signals, context)
        reasons = tuple(_with_words(reason, text, context, models) for reason in ruling.reasons)
        opinions = _highest(text.opinions.values())
        toxicity = opinions.get("toxicity")
        if toxicity is None:
            toxicity = max(ruling.scores.values(), default=0.0)
        return Decision(
            verdict=ruling.verdict,
            clause=reasons[0].clause if reasons else None,
            reasons=reasons,
            signals=tuple(signals),
            scores={**ruling.scores, "toxicity": toxicity},
            policy_version=context.policy.version,
            model_versions=models.versions,
            engine_version=ENGINE_VERSION,
            decided_at=context.now,
            duration_ms=1000 * (time.perf_counter() - started) / batch,
            opinions=opinions,
        )


def _highest(opinions: Collection[Mapping[str, float]]) -> Mapping[str, float]:
    """Return the highest score of each label that any model gave."""
    if len(opinions) == 1:
        return next(iter(opinions))
    highest: dict[str, float] = {}
    for opinion in opinions:
        for label, score in opinion.items():
            highest[label] = max(score, highest.get(label, 0.0))
    return highest


def _with_words(reason: Reason, text: Text, context: Context, models: Models) -> Reason:
    """Return the reason with the words that raised a model's score, where no rule has named any."""
    if reason.spans:
        return reason
    for label, clause_id in context.policy.learned.items():
        for name, opinion in text.opinions.items() if clause_id == reason.clause else ():
            if label in opinion:
                return replace(reason, spans=models.scorers[name].explain(text, label))
    return reason


def _failure(name: str, version: str) -> Signal:
    return Signal(name, version, "detector-failed", 0.0, note=f"{name} did not answer.", failed=True)
