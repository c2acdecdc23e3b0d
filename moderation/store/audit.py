"""The log of everything done: appended only, each event sealed by the hash of the one before.

A changed, removed or inserted event breaks the chain where it happened. Events cut off at the end leave no
trace in the chain itself: keep `head()` elsewhere (a backup, a printed report) to notice that.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from moderation.store.paging import Page
from moderation.store.tables import AuditEvent

# Any number will do, as long as nothing else on the server uses it: "auditlog" in ASCII.
_LOCK = 0x61756469746C6F67
_LONGEST_CODE = 200
_HEAD = select(AuditEvent.chain).order_by(AuditEvent.seq.desc()).limit(1)


class Audit:
    """The audit log."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: list[AuditEvent] = []

    def append(
        self,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        salt: bytes | None = None,
        detail: Mapping[str, object] | None = None,
        request_id: str = "",
    ) -> AuditEvent:
        """Record what was done; it is written, and gets its place in the chain, when the transaction commits.

        Of the states before and after only a digest is kept; `salt` is the author's, where they hold personal
        data, and its erasure makes the digest say nothing. `detail` holds ids, codes and numbers only.
        """
        event = AuditEvent(
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            before=_digest(salt, before),
            after=_digest(salt, after),
            detail=_codes_only(detail or {}),
            request_id=request_id,
        )
        self._waiting.append(event)
        return event

    def recorded(self) -> tuple[AuditEvent, ...]:
        """Return what was recorded in this transaction so far."""
        return tuple(self._waiting)

    def seal(self) -> None:
        """Write what waits. `Database.begin` does it last, so that others wait for the log only a moment."""
        if not self._waiting:
            return
        if self._session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
            self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        chain = self.head()
        for event in self._waiting:
            event.chain = chain = _sealed(chain, event)
            self._session.add(event)
            self._session.flush()  # one by one, or their order would be the database's choice
        self._waiting.clear()

    def head(self) -> str:
        """Return the seal of the last event, which stands for the whole log; empty for an empty log."""
        return self._session.scalar(_HEAD) or ""

    def verify(self) -> list[int]:
        """Return the positions where the log is not as it was written; empty means it is whole."""
        broken, chain = [], ""
        events = select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)
        for event in self._session.scalars(events):
            if event.chain != _sealed(chain, event):
                broken.append(event.seq)
            chain = event.chain
            self._session.expunge(event)
        return broken

    def page(
        self,
        *,
        before_seq: int | None = None,
        limit: int = 50,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        request_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[AuditEvent]:
        """Return events, newest first; the cursor of the next page is the `before_seq` to ask with."""
        query = select(AuditEvent)
        wanted = {
            AuditEvent.actor: actor,
            AuditEvent.action: action,
            AuditEvent.subject: subject,
            AuditEvent.request_id: request_id,
        }
        query = query.where(*(column == value for column, value in wanted.items() if value is not None))
        if before_seq is not None:
            query = query.where(AuditEvent.seq < before_seq)
        if since is not None:
            query = query.where(AuditEvent.at >= since)
        if until is not None:
            query = query.where(AuditEvent.at < until)
        events = self._session.scalars(query.order_by(AuditEvent.seq.desc()).limit(limit + 1)).all()
        return Page([*events[:limit]], str(events[limit - 1].seq) if len(events) > limit else None)

    def of(self, subjects: Sequence[str], *, limit: int = 200) -> list[AuditEvent]:
        """Return the latest events about these subjects (`comment:<id>`, `author:<id>` ...), newest first."""
        query = select(AuditEvent).where(AuditEvent.subject.in_(subjects))
        return [*self._session.scalars(query.order_by(AuditEvent.seq.desc()).limit(limit))]


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()


def _digest(salt: bytes | None, state: Mapping[str, object] | None) -> str:
    return "" if state is None else hashlib.sha256((salt or b"") + _canonical(dict(state))).hexdigest()


def _sealed(chain: str, event: AuditEvent) -> str:
    fields = (
        event.id,
        event.at.isoformat(timespec="microseconds"),
        event.actor,
        event.action,
        event.subject,
        event.before,
        event.after,
        event.detail,
        event.request_id,
    )
    return hashlib.sha256(chain.encode() + _canonical(fields)).hexdigest()


def _codes_only(detail: Mapping[str, object]) -> dict[str, Any]:
    for value in _leaves(detail):
        if isinstance(value, str) and (
            len(value) > _LONGEST_CODE or "@" in value or any(map(str.isspace, value))
        ):
            raise ValueError("the detail of an audit event holds ids, codes and numbers only, no words")
    return json.loads(_canonical(detail))  # type: ignore[no-any-return]


def _leaves(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]
