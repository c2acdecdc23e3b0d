"""The words the engine speaks: what comes in, what detectors say, what is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from moderation.engine.policy import Policy
    from moderation.engine.text import Text


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Verdict(StrEnum):
    """What becomes of a comment; `order` rises with severity."""

    PUBLISH = "publish"
    HOLD = "hold"
    REJECT = "reject"

    @property
    def order(self) -> int:
        """Return 0 for publish, 1 for hold, 2 for reject."""
        return ("publish", "hold", "reject").index(self.value)


class Target(StrEnum):
    """Whom an insult, an attack or a threat is aimed at."""

    READER = "reader"
    WRITER = "writer"
    PUBLIC_FIGURE = "public_figure"
    GROUP = "group"
    SELF = "self"
    QUOTED = "quoted"
    NOBODY = "nobody"


# Clauses that hold a comment without an offence of its author; the policy words them, no strike follows.
UNREAD_LANGUAGE = "unread-language"
DETECTOR_FAILED = "detector-failed"
HELD_FIRST = "held-first"
PREMODERATED = "premoderated"
BLOCK_EVASION = "block-evasion"
UNCONFIRMED_ADDRESS = "unconfirmed-address"
RESERVED_CLAUSES = (
    UNREAD_LANGUAGE,
    DETECTOR_FAILED,
    HELD_FIRST,
    PREMODERATED,
    BLOCK_EVASION,
    UNCONFIRMED_ADDRESS,
)


class Span(NamedTuple):
    """A stretch `[start, end)` in code points of the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """What the engine may know of the article under discussion."""

    title: str = ""
    text: str = ""
    author: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parent:
    """The comment that is answered."""

    author: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment as it was handed in, before anything is known of it."""

    site_id: str
    body: str
    article_id: str = ""
    author_id: str = ""
    parent_id: str | None = None
    language: str | None = None
    source: str = "api"
    received_at: datetime = _LONG_AGO


@dataclass(frozen=True, slots=True)
class Standing:
    """How an author stands with the site when the comment arrives."""

    role: str = "reader"
    approved_comments: int | None = None
    active_strikes: int = 0
    premoderated_until: datetime | None = None
    blocked_until: datetime | None = None
    first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evasion:
    """A block that the writer seems to evade: on which author, and by which trace (for moderators)."""

    blocked_author: str
    trace: str


@dataclass(frozen=True, slots=True)
class Context:
    """All that a detector may know besides the text.

    `thread_people` are the display names of the other commenters. `recent_bodies` are the author's latest
    comments, newest first, empty where the author is unknown; `thread_bodies` are the latest of the others.
    `unconfirmed`: whether the comment waits for its author's address to be confirmed before it is decided.
    """

    policy: Policy
    now: datetime
    standing: Standing = Standing()
    article: Article = Article()
    parent: Parent | None = None
    author_name: str = ""
    thread_people: tuple[str, ...] = ()
    recent_bodies: tuple[str, ...] = ()
    thread_bodies: tuple[str, ...] = ()
    language: str | None = None
    held_first: bool = False
    unconfirmed: bool = False
    evades: Evasion | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """What one detector saw, where, and how sure it is; it decides nothing.

    One that is not `confirmed` rests on a word or a guess that nobody has checked: it can hold and never reject.
    """

    detector: str
    detector_version: str
    clause: str
    score: float
    spans: tuple[Span, ...] = ()
    target: Target = Target.NOBODY
    matched_as: str | None = None
    note: str = ""
    failed: bool = False
    confirmed: bool = True

    @classmethod
    def of(
        cls,
        detector: Detector,
        clause: str,
        score: float,
        spans: tuple[Span, ...] = (),
        *,
        target: Target = Target.NOBODY,
        matched_as: str | None = None,
        note: str = "",
        confirmed: bool = True,
    ) -> Signal:
        """Return a signal that carries the detector's name and version."""
        return cls(
            detector.name,
            detector.version,
            clause,
            score,
            spans,
            target,
            matched_as,
            note,
            confirmed=confirmed,
        )


class Detector(Protocol):
    """One rule: a file in `engine/detectors/` that binds an instance to `DETECTOR`."""

    name: str
    version: str

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each thing seen."""
        ...


class Scorer(Protocol):
    """A learned model as the engine sees it."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def version(self) -> str:
        """Its name and a short digest of its weights."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """What it scores."""
        ...

    def score(self, texts: Sequence[Text], contexts: Sequence[Context]) -> list[dict[str, float]]:
        """Return for each text, in its context, a calibrated probability (0 to 1) by label."""
        ...

    def explain(self, text: Text, label: str) -> tuple[Span, ...]:
        """Return the stretches of the original that raised the score most, in order of position."""
        ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a comment was held or rejected, in words its author can be shown."""

    clause: str
    title: str
    score: float
    sentence: str
    spans: tuple[Span, ...] = ()
    target: Target = Target.NOBODY
    matched_as: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict that can explain itself; the first reason is the deciding one.

    `opinions` are what the models say of the text, the highest by label, before any policy weighs it.
    """

    verdict: Verdict
    clause: str | None
    reasons: tuple[Reason, ...]
    signals: tuple[Signal, ...]
    scores: Mapping[str, float]
    policy_version: str
    model_versions: Mapping[str, str]
    engine_version: str
    decided_at: datetime
    duration_ms: float = 0.0
    opinions: Mapping[str, float] = field(default_factory=dict)

    def as_public(self) -> dict[str, object]:
        """Return the decision object of the public contract: the one shape for command line, API, webhook and store."""
        return {
            "verdict": self.verdict.value,
            "clause": self.clause,
            "reasons": [
                {
                    "clause": reason.clause,
                    "score": round(reason.score, 4),
                    "sentence": reason.sentence,
                    "spans": [[span.start, span.end] for span in reason.spans],
                    "target": reason.target.value,
                    "matched_as": reason.matched_as,
                }
                for reason in self.reasons
            ],
            "scores": {name: round(score, 4) for name, score in self.scores.items()},
            "policy_version": self.policy_version,
            "model_versions": dict(self.model_versions),
        }
