"""Records of an archive as comments of ours: they stand as they stood; nothing is decided, nobody told, no strike given."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from moderation.engine.types import Verdict
from moderation.protocols.archives.types import Entry, Record, Skip
from moderation.services.matching import Job, Persons, address_of, article_for
from moderation.store.columns import new_id
from moderation.store.comments import rank_of
from moderation.store.imports import Known
from moderation.store.tables import (
    IMPORT,
    Comment,
    DecisionRow,
    ImportedComment,
    LabelledDecision,
    SkippedRecord,
    Table,
)
from moderation.store.unit_of_work import Store

_SPAM = "spam"
_VERDICTS: Mapping[str, Verdict] = {
    "published": Verdict.PUBLISH,
    "held": Verdict.HOLD,
    "rejected": Verdict.REJECT,
    "removed": Verdict.REJECT,
    "withdrawn": Verdict.HOLD,  # nobody said that it may show
}
_DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows that a part of an archive becomes, by kind, in the order in which they are stored."""

    authors: list[Table] = field(default_factory=list)
    names: list[Table] = field(default_factory=list)
    comments: list[Table] = field(default_factory=list)
    decisions: list[Table] = field(default_factory=list)
    labels: list[Table] = field(default_factory=list)
    imported: list[Table] = field(default_factory=list)
    skipped: list[Table] = field(default_factory=list)

    def skip(self, job: Job, number: int, skip: Skip) -> None:
        """Note a record that is left out."""
        self.skipped.append(
            SkippedRecord(
                import_id=job.begun.id,
                number=number,
                place=skip.place,
                foreign_id=skip.id,
                reason=skip.reason,
            )
        )


def take(job: Job, store: Store, entries: Sequence[tuple[int, Entry]], now: datetime) -> None:
    """Store the records of a part that are not here yet, each with its number in the file."""
    part = _Part()
    records = [(number, found) for number, found in entries if isinstance(found, Record)]
    known = _known(job, store, [found for _, found in records])
    taken = store.imports.taken(job.begun.site_id, _external_ids(records))
    persons = Persons(job, store, [found.person for _, found in records], now)
    for number, found in entries:
        if isinstance(found, Skip):
            part.skip(job, number, found)
        elif (stands := known.get(found.id)) is not None:
            if reason := _not_the_same(job, stands, found):
                part.skip(job, number, Skip(found.place, found.id, reason))
        elif (external_id := found.own.get("external_id")) in taken:
            part.skip(job, number, Skip(found.place, found.id, "id-taken"))
        elif not (address := address_of(job, found.page)) and not found.page.own.get("slug"):
            part.skip(job, number, Skip(found.place, found.id, "no-page"))
        else:
            article_id = article_for(job, store, found, address, now)
            comment = _comment(job, found, article_id, persons, now)
            known[found.id] = Known(comment.id, article_id, None, job.begun.id)
            if external_id:
                taken.add(external_id)
            _add(job, part, found, comment, known, now)
    store.imports.store(
        persons.new,
        persons.named,
        part.comments,
        part.decisions,
        part.labels,
        part.imported,
        part.skipped,
    )


def _known(job: Job, store: Store, records: Sequence[Record]) -> dict[str, Known]:
    """Return which of the records and their parents are here, by the archive's ids."""
    site_id, source = job.begun.site_id, job.begun.source
    ids = {found.id for found in records} | {found.parent for found in records if found.parent}
    ours = store.imports.own(site_id, ids) if job.begun.format == "jsonl" else {}
    return ours | store.imports.known(site_id, source, ids)


def _external_ids(records: Sequence[tuple[int, Record]]) -> set[str]:
    return {key for _, found in records if (key := found.own.get("external_id"))}


def _not_the_same(job: Job, stands: Known, found: Record) -> str:
    """Return why a record whose id is known is left out; nothing where it is that comment, read again."""
    if stands.import_id == job.begun.id:
        return "repeated-id"
    return "other-archive" if stands.digest and stands.digest != _digest(job, found) else ""


def _digest(job: Job, found: Record) -> str:
    said = [found.page.address, str(found.posted_at), found.body]
    key = job.tools.settings.secret_key.get_secret_value().encode()
    return hmac.new(key, json.dumps(said).encode(), hashlib.sha256).hexdigest()[:_DIGEST_LENGTH]


def _comment(job: Job, found: Record, article_id: str, persons: Persons, now: datetime) -> Comment:
    own = found.own
    posted_at = found.posted_at or found.page.published_at or now
    state = "rejected" if found.state == _SPAM else found.state
    return Comment(
        site_id=job.begun.site_id,
        article_id=article_id,
        author_id=persons.author_id(found.person, posted_at),
        external_id=own.get("external_id"),
        body=found.body,
        language=own.get("language") or (_language(job, found) if state == "held" else None),
        source=own.get("source", IMPORT),
        state=state,
        revision=own.get("revision", 1),
        received_at=posted_at,
        published_at=own.get("published_at") or (posted_at if state == "published" else None),
        pinned_at=own.get("pinned_at"),
    )


def _language(job: Job, found: Record) -> str | None:
    """Return the language of a comment that waits: by it the queue is filtered."""
    return job.tools.engine.language_of(found.body) or None


def _add(
    job: Job, part: _Part, found: Record, comment: Comment, known: dict[str, Known], now: datetime
) -> None:
    """Add a comment with what says how it came to stand so, and its place in the thread if its parent is here."""
    parent = known.get(found.parent) if found.parent and found.parent != found.id else None
    linked = parent is not None and parent.article_id == comment.article_id
    if parent is not None and linked:
        comment.parent_id, comment.top_id = parent.comment_id, parent.top_id or parent.comment_id
        known[found.id] = Known(comment.id, comment.article_id, comment.top_id, job.begun.id)
    decision = _decision(job, found, comment, now)
    comment.decision_id, comment.clause = decision.id, decision.clause
    comment.rank = rank_of(decision.severity, 0, 0)
    part.comments.append(comment)
    part.decisions.append(decision)
    if found.state == _SPAM:
        part.labels.append(
            LabelledDecision(
                comment_id=comment.id,
                revision=comment.revision,
                who=f"import:{job.begun.id}",
                verdict=decision.verdict,
                clause=decision.clause,
                source=IMPORT,
                at=now,
            )
        )
    part.imported.append(
        ImportedComment(
            site_id=job.begun.site_id,
            source=job.begun.source,
            foreign_id=found.id,
            comment_id=comment.id,
            import_id=job.begun.id,
            parent=found.parent if found.parent and not linked else None,
            undated=found.posted_at is None,
            digest=_digest(job, found),
        )
    )


def _decision(job: Job, found: Record, comment: Comment, now: datetime) -> DecisionRow:
    """Return that a comment stands as it does because it was imported so: no policy of ours was asked."""
    clauses = job.tools.engine.policy.clauses
    told = found.own.get("decision")
    verdict = told.verdict if told else _VERDICTS[comment.state].value
    clause = told.clause if told else _SPAM if found.state == _SPAM and _SPAM in clauses else None
    version = told.policy_version if told else ""
    return DecisionRow(
        id=new_id(),
        comment_id=comment.id,
        revision=comment.revision,
        number=1,
        made_by=IMPORT,
        action=told.action if told else None,
        verdict=verdict,
        clause=clause,
        severity=clauses[clause].severity if clause in clauses else 0,
        public={
            "verdict": verdict,
            "clause": clause,
            "reasons": [],
            "scores": {},
            "policy_version": version,
            "model_versions": {},
        },
        policy_version=version,
        engine_version=told.engine_version if told else "",
        decided_at=(told.decided_at if told else None) or now,
    )
