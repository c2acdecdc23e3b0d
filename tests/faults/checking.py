"""One round audited: what clients were told, what the database holds, what the receiver heard."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import text

from moderation.store.unit_of_work import Database
from tests.faults.receivers import Arrival
from tests.faults.service import Acknowledged, Oracle


@dataclass
class Counts:
    """What came of a number of cycles; everything but the first five should be 0, and `wrong` empty."""

    cycles: int = 0
    acknowledged: int = 0
    decisions: int = 0
    deliveries: int = 0
    arrivals: int = 0
    lost: int = 0
    twice: int = 0
    silent: int = 0
    disordered: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds that a client waited for an answer, or that recovery took

    def faultless(self) -> bool:
        return not (self.lost or self.twice or self.silent or self.disordered or self.wrong)

    def add(self, other: "Counts") -> None:
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            setattr(self, name, max(mine, value) if name == "slowest" else mine + value)


_ONE_DECISION = """SELECT c.author_id, d.comment_id, d.revision, d.made_by, count(*) FROM decisions d
    LEFT JOIN comments c ON c.id = d.comment_id GROUP BY 1, 2, 3, 4"""
_ORPHANS = {
    "decisions without a comment": "SELECT count(*) FROM decisions d LEFT JOIN comments c ON c.id = d.comment_id WHERE c.id IS NULL",
    "comments without a decision": "SELECT count(*) FROM comments c LEFT JOIN decisions d ON d.id = c.decision_id AND d.comment_id = c.id WHERE d.id IS NULL",
    "events of no comment": "SELECT count(*) FROM deliveries d LEFT JOIN comments c ON c.id = d.comment_id WHERE d.comment_id IS NOT NULL AND c.id IS NULL",
    "strikes without a rejection": "SELECT count(*) FROM strikes s WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.comment_id = s.comment_id AND d.verdict = 'reject')",
    "comments whose decision in force is not the last": "SELECT count(*) FROM comments c JOIN decisions d ON d.id = c.decision_id WHERE d.number < (SELECT max(number) FROM decisions o WHERE o.comment_id = c.id)",
}
_EVENTS = """SELECT c.id, (SELECT count(*) FROM decisions d WHERE d.comment_id = c.id),
    (SELECT count(*) FROM deliveries e WHERE e.comment_id = c.id AND e.event LIKE 'comment.%'),
    (SELECT count(*) FROM audit_events a WHERE a.subject = 'comment:' || c.id AND a.action LIKE 'comment.%') FROM comments c"""
_WAITING = "SELECT count(*) FROM deliveries WHERE delivered_at IS NULL AND given_up_at IS NULL"
_DELIVERED = "SELECT id, comment_id, delivered_at FROM deliveries ORDER BY id"


def waiting(database: Database) -> int:
    """How many events are neither delivered nor given up."""
    with database._reading.connect() as connection:
        return connection.scalar(text(_WAITING)) or 0


def integrity(database: Database) -> list[str]:
    """What the database says is wrong with its file."""
    if database.engine.dialect.name != "sqlite":
        return []
    with database._reading.connect() as connection:
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [str(line) for line in whole if line != "ok"] + [f"foreign key: {row}" for row in orphans]


def audited(database: Database, oracle: Oracle, came: Sequence[Arrival]) -> Counts:
    """Return what a round came to once everything is delivered."""
    found = Counts(acknowledged=len(oracle.acknowledged), arrivals=len(came), slowest=oracle.slowest)
    found.wrong = [*oracle.wrong, *integrity(database)]
    with database._reading.connect() as connection:
        rows = connection.execute(text(_ONE_DECISION)).all()
        comments = {
            row.id: row
            for row in connection.execute(
                text(
                    "SELECT c.id, c.revision, c.external_id, a.external_id AS writer FROM comments c JOIN authors a ON a.id = c.author_id"
                )
            )
        }
        for name, query in _ORPHANS.items():
            if number := connection.scalar(text(query)):
                found.wrong.append(f"{number} {name}")
        events = connection.execute(text(_EVENTS)).all()
        deliveries = connection.execute(text(_DELIVERED)).all()
    decided = Counter({(row.comment_id, row.revision, row.made_by): row[-1] for row in rows})
    found.decisions, found.deliveries = sum(decided.values()), len(deliveries)
    found.twice += sum(number - 1 for number in decided.values())
    # Every call has a writer of its own, so that two comments of one are one comment taken twice.
    found.twice += sum(number - 1 for number in Counter(row.writer for row in comments.values()).values())
    found.lost = sum(not _is_there(told, comments, decided) for told in set(oracle.acknowledged))
    # A decision leads to one event and one line of the log, or it was not told of.
    found.silent += sum(
        abs(decisions - told) + abs(decisions - logged) for _, decisions, told, logged in events
    )
    heard = [arrival.id for arrival in came]
    found.silent += sum(row.delivered_at is None or row.id not in set(heard) for row in deliveries)
    found.disordered = _disordered(deliveries, heard)
    with database.read() as store:
        if broken := store.audit.verify():
            found.wrong.append(f"the audit log is broken at {broken}")
    return found


def _is_there(told: Acknowledged, comments: dict[str, object], decided: Counter) -> bool:
    row = comments.get(told.comment)
    return (
        row is not None
        and (row.writer, row.external_id) == (told.writer, told.external_id)
        and row.revision >= told.revision
        and decided[told.comment, told.revision, "engine"] == 1
    )


def _disordered(deliveries: Sequence[object], heard: Sequence[str]) -> int:
    """How many events of a comment arrived for the first time before an earlier one of the same comment."""
    first = {}
    for place, key in enumerate(heard):
        first.setdefault(key, place)
    latest: dict[str, int] = {}
    wrong = 0
    for row in deliveries:
        if row.comment_id is None or row.id not in first:
            continue
        wrong += first[row.id] < latest.get(row.comment_id, -1)
        latest[row.comment_id] = max(first[row.id], latest.get(row.comment_id, -1))
    return wrong
