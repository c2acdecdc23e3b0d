"""The discussion policy as data: clauses, thresholds, detectors, penalties, and the people it speaks of.

`load_policy` reads `policy.toml` with the lexicon folder beside it and refuses what it cannot stand behind,
naming file, key and remedy. The version is the digest of everything that was read.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moderation.engine.languages import Languages
from moderation.engine.lexicon import Lexicon
from moderation.engine.types import RESERVED_CLAUSES, Target
from moderation.errors import PolicyInvalid

Share = Annotated[float, Field(ge=0, le=1)]
Said = Annotated[str, Field(min_length=1)]  # words for a reader: never none


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clause(_Strict):
    """One rule: what it says, what sees a breach, from which score it holds and rejects, and what that costs.

    `title_hy` and `sentence_hy` say in Armenian what `title` and `sentence` say in English. A clause may also state what it may get wrong:
    `reject_precision`, the share of its rejections that must be right, and `publish_miss_rate`, the share of the
    comments it lets pass that may break it. `moderation policy tune` finds `hold_at` and `reject_at` from these.
    A detector `in_shadow` is seen, recorded and counted, and decides nothing.
    A breach gives `strike_points`; one whose score reaches `severe_from` gives `severe_points`.
    """

    id: str = ""
    title: Said
    title_hy: Said
    sentence: Said
    sentence_hy: Said
    detectors: dict[str, Share] = {}
    targets: dict[Target, Share] = {}
    hold_at: Share = 0.5
    reject_at: Annotated[float, Field(ge=0, le=1.01)] = 0.9
    reject_precision: Annotated[float, Field(ge=0.5, lt=1)] | None = None
    publish_miss_rate: Annotated[float, Field(gt=0, le=0.5)] | None = None
    strike_points: Annotated[int, Field(ge=0, le=100)] = 0
    severe_from: Annotated[float, Field(gt=0, le=1)] | None = None
    severe_points: Annotated[int, Field(ge=1, le=100)] | None = None
    severity: Annotated[int, Field(ge=0, le=100)] = 0
    in_shadow: tuple[str, ...] = ()

    def points(self, *, score: float = 0.0, severe: bool = False) -> int:
        """Return the points of a breach: more where a moderator calls it severe, or its score reaches `severe_from`."""
        severe = severe or (self.severe_from is not None and score >= self.severe_from)
        return self.severe_points if severe and self.severe_points is not None else self.strike_points

    def weight(self, detector: str, target: Target) -> float:
        """Return how much a signal of `detector` aimed at `target` counts, 0 when in shadow or not named."""
        return 0.0 if detector in self.in_shadow else self.would_weigh(detector, target)

    def would_weigh(self, detector: str, target: Target) -> float:
        """Return how much a signal would count were its detector not in shadow."""
        return self.detectors.get(detector, 0.0) * self.targets.get(target, 1.0)


class Reserved(_Strict):
    """A reason to hold that is no offence of the author."""

    title: Said
    title_hy: Said
    sentence: Said
    sentence_hy: Said


class Rung(_Strict):
    """A penalty that follows when strikes add up; `order` is numbered with gaps so that a rung can go between.

    A block covers the author; `covers` adds the domain of the address, or the networks the comments came from.
    """

    order: int
    at_points: Annotated[int, Field(ge=1)]
    within_days: Annotated[int, Field(ge=1)]
    penalty: Literal["warn", "premoderate", "block"]
    lasts_days: Annotated[int, Field(ge=1)] | None = None
    covers: tuple[Literal["email_domain", "network"], ...] = ()
    sentence: Said
    sentence_hy: Said

    @property
    def within(self) -> timedelta:
        """Return the window in which the points must fall."""
        return timedelta(days=self.within_days)


class People(_Strict):
    """Words for those a sentence can be about; `crowds` are groups that nobody is born into."""

    public_figures: frozenset[str]
    offices: frozenset[str]
    writers: tuple[str, ...]
    groups: frozenset[str]
    crowds: frozenset[str] = frozenset()


class Limits(_Strict):
    """Measures that are neither a clause nor a penalty."""

    longest_comment: Annotated[int, Field(ge=1)] = 10_000
    hold_first_comments: Annotated[int, Field(ge=0)] = 0
    edit_minutes: Annotated[int, Field(ge=0, le=1440)] = 5
    unconfirmed_days: Annotated[int, Field(ge=0, le=365)] = 14

    @property
    def edit_within(self) -> timedelta:
        """Return how long after it arrived its author may change a comment."""
        return timedelta(minutes=self.edit_minutes)


class StaffNames(_Strict):
    """Words a display name must not be made of, for they would pass its bearer off as staff."""

    roles: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()


class Appeals(_Strict):
    """How long after a decision an appeal is heard, and how long its text may be."""

    days: Annotated[int, Field(ge=1, le=3650)] = 30
    longest: Annotated[int, Field(ge=100, le=10_000)] = 2000

    @property
    def within(self) -> timedelta:
        """Return how long after a decision an appeal is heard."""
        return timedelta(days=self.days)


class Reports(_Strict):
    """How many readers bring a comment to the queue, and whose reports count for nothing.

    A reporter counts for nothing once `abuse_from` reports or more are settled and the share that moderators
    dismissed is above `abuse_share`.
    """

    reporters: Annotated[int, Field(ge=1, le=100)] = 3
    abuse_share: Share = 0.8
    abuse_from: Annotated[int, Field(ge=1, le=1000)] = 5
    longest: Annotated[int, Field(ge=0, le=10_000)] = 500


class Networks(_Strict):
    """How long the hash of a network address is kept with a comment, and after how long its key is replaced."""

    kept_days: Annotated[int, Field(ge=1, le=365)] = 30
    key_days: Annotated[int, Field(ge=1, le=3650)] = 90


class Brake(_Strict):
    """When a rule goes back into shadow by itself, once `decisions` were made in `hours`.

    It decided more than `share` of them in the first `hours` of a policy, before `reviewed` were reviewed, or moderators
    published more than `overturned` of at least `reviewed` comments that it had stopped.
    """

    share: Annotated[float, Field(gt=0, le=1)] = 0.2
    overturned: Annotated[float, Field(gt=0, le=1)] = 0.5
    decisions: Annotated[int, Field(ge=10, le=100_000)] = 200
    reviewed: Annotated[int, Field(ge=5, le=10_000)] = 20
    hours: Annotated[int, Field(ge=1, le=720)] = 24


class Policy(_Strict):
    """A valid policy; `version` names its content."""

    title: Said
    title_hy: Said
    language: str
    words: str
    written: str
    written_hy: str
    strikes_expire_after_days: Annotated[int, Field(ge=1)]
    learned: dict[str, str]
    clauses: dict[str, Clause]
    reserved: dict[str, Reserved]
    ladder: tuple[Rung, ...]
    people: People
    limits: Limits = Limits()
    staff_names: StaffNames = StaffNames()
    appeals: Appeals = Appeals()
    reports: Reports = Reports()
    networks: Networks = Networks()
    brake: Brake = Brake()
    version: str = ""
    source: str = ""

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words of all languages, compiled; `load_policy` puts it here."""
        return Lexicon(())

    @cached_property
    def readings(self) -> dict[str, str]:
        """How each clause is read, in the words of the written policy; `load_policy` puts them here."""
        return {}

    @cached_property
    def readings_hy(self) -> dict[str, str]:
        """The same in Armenian."""
        return {}

    @cached_property
    def languages(self) -> Languages:
        """The words of all languages that are read; `load_policy` puts them here."""
        return Languages({})

    @property
    def strikes_expire_after(self) -> timedelta:
        """Return how long a strike counts."""
        return timedelta(days=self.strikes_expire_after_days)

    def clause_title(self, clause_id: str, language: str = "en") -> str:
        """Return the title of a clause, reserved or not, in Armenian (`hy`) or English."""
        clause = self._clause(clause_id)
        return clause.title_hy if language == "hy" else clause.title

    def clause_sentence(self, clause_id: str, language: str = "en") -> str:
        """Return the sentence of a clause for the author, reserved or not, in Armenian (`hy`) or English."""
        clause = self._clause(clause_id)
        return clause.sentence_hy if language == "hy" else clause.sentence

    def _clause(self, clause_id: str) -> Clause | Reserved:
        return self.clauses[clause_id] if clause_id in self.clauses else self.reserved[clause_id]


def load_policy(path: Path, detectors: frozenset[str] | None = None, known: Policy | None = None) -> Policy:
    """Return the policy in `path` with the lexicon and the word lists in the folders beside it.

    Args:
        path: a policy file; `lexicon/*.toml` and `languages/*.txt` are read from its folder.
        detectors: names of the detectors there are; None leaves that unchecked.
        known: whose words are taken where no file differs, which is quicker.

    Raises:
        PolicyInvalid: names the file, the key and the remedy.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PolicyInvalid(
            f"{path}: cannot be read ({error.strerror}). Name a policy file that exists."
        ) from error
    return policy_of(raw, path, detectors, known)


def policy_of(
    raw: bytes, path: Path, detectors: frozenset[str] | None = None, known: Policy | None = None
) -> Policy:
    """Return the policy of this text as if it stood in `path`; the words of `known` are taken where no file differs.

    Raises:
        PolicyInvalid: as `load_policy`.
    """
    try:
        read: dict[str, Any] = tomllib.loads(raw.decode("utf-8"))
        for clause_id, clause in read.get("clauses", {}).items():
            clause["id"] = clause_id
        read["source"] = raw.decode("utf-8")
        policy = Policy.model_validate(read)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyInvalid(f"{path}: is not TOML ({error}). Correct the line that is named.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise PolicyInvalid(f"{path}: {key}: {first['msg']}. Correct or remove this key.") from error
    except AttributeError as error:
        raise PolicyInvalid(f"{path}: clauses: must be tables, one for each clause.") from error
    for rule in RULES:
        problem = rule(policy, detectors)
        if problem:
            raise PolicyInvalid(f"{path}: {problem}")
    extras = hashlib.sha256()
    for extra in sorted([*path.parent.glob("lexicon/*.toml"), *path.parent.glob("languages/*.txt")]):
        extras.update(extra.name.encode() + b"\0" + extra.read_bytes())
    if known is not None and known.__dict__.get("extras") == extras.digest():
        languages, lexicon = known.languages, known.lexicon
    else:
        languages = Languages.load(path.parent / "languages")
        lexicon = Lexicon.load(path.parent / "lexicon", languages)
    written = _read(path.parent / policy.written, "written", path)
    if " ".join(policy.words.split()) not in " ".join(written.split()):
        raise PolicyInvalid(f"{path}: words: are not those of {policy.written}. Make the two the same.")
    written_hy = _read(path.parent / policy.written_hy, "written_hy", path)
    readings = _readings(written, policy.written, policy, path)
    readings_hy = _readings(written_hy, policy.written_hy, policy, path)
    digest = hashlib.sha256(b"\0".join((raw, written.encode(), written_hy.encode(), extras.digest())))
    policy = policy.model_copy(update={"version": digest.hexdigest()[:16]})
    policy.__dict__.update(lexicon=lexicon, readings=readings, readings_hy=readings_hy, languages=languages)
    policy.__dict__["extras"] = extras.digest()
    return policy


def _read(written: Path, key: str, path: Path) -> str:
    try:
        return written.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyInvalid(f"{path}: {key}: {written} cannot be read. Name the written policy.") from error


def _readings(text: str, name: str, policy: Policy, path: Path) -> dict[str, str]:
    """Return the text under each heading of the written policy; every clause must have one."""
    _, *parts = re.split(r"(?m)^## +", text)
    readings = {head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in parts)}
    for clause_id in (*policy.clauses, *policy.reserved):
        if not readings.get(clause_id):
            raise PolicyInvalid(
                f"{path}: {clause_id}: is not written in {name}. Add '## {clause_id}' and how it is read."
            )
    return readings


def hold_comes_before_reject(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a clause would reject at a lower score than it holds."""
    for clause in policy.clauses.values():
        if clause.hold_at > clause.reject_at:
            return f"clauses.{clause.id}: hold_at {clause.hold_at} is above reject_at {clause.reject_at}. Lower hold_at."
    return ""


def named_detectors_exist(policy: Policy, detectors: frozenset[str] | None) -> str:
    """Return what is wrong where a clause names a detector there is no file for."""
    for clause in policy.clauses.values():
        for name in clause.detectors:
            if detectors is not None and name not in detectors:
                return f"clauses.{clause.id}.detectors.{name}: there is no such detector. One of {', '.join(sorted(detectors))}."
    return ""


def shadows_are_of_named_detectors(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a detector in shadow is none of its clause's."""
    for clause in policy.clauses.values():
        for name in clause.in_shadow:
            if name not in clause.detectors:
                return f"clauses.{clause.id}.in_shadow: {name} is none of the clause's detectors. Name it there with its weight."
    return ""


def reserved_clauses_are_worded(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a reason to hold has no words, or shares its id with a clause."""
    for clause_id in RESERVED_CLAUSES:
        if clause_id not in policy.reserved:
            return f"reserved.{clause_id}: is missing. Give it a title and a sentence."
    for clause_id in policy.reserved:
        if clause_id in policy.clauses or clause_id not in RESERVED_CLAUSES:
            return f"reserved.{clause_id}: is not one of {', '.join(RESERVED_CLAUSES)}. Remove it or make it a clause."
    return ""


def learned_labels_lead_to_clauses(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a learned label stands for a clause that is not there."""
    for label, clause_id in policy.learned.items():
        if clause_id not in policy.clauses:
            return f"learned.{label}: there is no clause {clause_id!r}. One of {', '.join(policy.clauses)}."
    return ""


def ladder_rises(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a later rung asks for fewer points or is softer than an earlier one."""
    gravity = ("warn", "premoderate", "block")
    rungs = sorted(policy.ladder, key=lambda rung: rung.order)
    for lower, upper in pairwise(rungs):
        if upper.at_points <= lower.at_points or upper.order == lower.order:
            return f"ladder: order {upper.order} must ask for more points than order {lower.order}. Raise at_points."
        if gravity.index(upper.penalty) < gravity.index(lower.penalty):
            return f"ladder: order {upper.order} ({upper.penalty}) is softer than order {lower.order}. Swap them."
    return ""


def severe_breaches_cost_more(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a severe breach costs less, or is named without its points."""
    for clause in policy.clauses.values():
        if clause.severe_points is None and clause.severe_from is not None:
            return f"clauses.{clause.id}.severe_from: no severe_points say what it costs. Add them."
        if clause.severe_points is not None and clause.severe_points < clause.strike_points:
            return (
                f"clauses.{clause.id}.severe_points: is below strike_points {clause.strike_points}. Raise it."
            )
    return ""


def only_blocks_cover_more(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a rung that blocks nobody would cover a domain or a network."""
    for rung in policy.ladder:
        if rung.covers and rung.penalty != "block":
            return f"ladder: order {rung.order} ({rung.penalty}) has covers. Only a block covers more than its author."
    return ""


def learning_alone_never_rejects(policy: Policy, _: frozenset[str] | None) -> str:
    """Return what is wrong where a model could reject by itself, which nobody could explain in words."""
    for clause in policy.clauses.values():
        if clause.detectors.get("learned", 0.0) * max([1.0, *clause.targets.values()]) >= clause.reject_at:
            return f"clauses.{clause.id}.detectors.learned: could reject alone. Keep it below reject_at."
    return ""


# The list is the specification of a valid policy; each rule returns a sentence, or nothing.
RULES: tuple[Callable[[Policy, frozenset[str] | None], str], ...] = (
    hold_comes_before_reject,
    named_detectors_exist,
    shadows_are_of_named_detectors,
    reserved_clauses_are_worded,
    learned_labels_lead_to_clauses,
    ladder_rises,
    severe_breaches_cost_more,
    only_blocks_cover_more,
    learning_alone_never_rejects,
)
