"""Database and Store: one transaction per thing people do.

    with database.begin() as store:      # all or nothing; commits at the end
        store.comments.set_state(...)
        store.audit.append(...)

    with database.read() as store:       # one moment of the database, throughout; writing fails
        page = store.desk.queue(...)

Nothing is tried again here: whoever began knows whether trying again is right.
"""

import os
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from moderation.errors import DatabaseAway, InvalidInput, Raced
from moderation.store.akismet import Akismet
from moderation.store.alerts import Alerts
from moderation.store.answers import Answers
from moderation.store.appeals import Appeals
from moderation.store.articles import Articles
from moderation.store.audit import Audit
from moderation.store.backups import back_up, holds_nothing, put_back
from moderation.store.batches import Batches
from moderation.store.claims import Claims
from moderation.store.comments import Comments
from moderation.store.condition import Condition, condition
from moderation.store.connections import BUSY, away, cut_off_log, in_memory, open_engine, reading_twin
from moderation.store.desk import Desk
from moderation.store.dossiers import Dossiers
from moderation.store.figures import Figures
from moderation.store.imports import Imports
from moderation.store.inbox import Inbox
from moderation.store.leaving import SiteArchive
from moderation.store.lists import Lists
from moderation.store.mails import Mails
from moderation.store.migrating import is_at_head, migrate
from moderation.store.moderators import Moderators
from moderation.store.networks import Networks
from moderation.store.notes import Notes
from moderation.store.outbox import Outbox
from moderation.store.penalties import Penalties
from moderation.store.people import People
from moderation.store.policies import Policies
from moderation.store.ranges import Ranges
from moderation.store.readers import Readers
from moderation.store.replays import Replays
from moderation.store.reports import Reports
from moderation.store.retention import Retention
from moderation.store.rewordings import Rewordings
from moderation.store.second_factors import SecondFactors
from moderation.store.second_looks import SecondLooks
from moderation.store.sessions import Sessions
from moderation.store.sites import Sites
from moderation.store.steps import Steps
from moderation.store.threads import Threads

BRIEFLY = 0.5  # seconds: as long as what can as well be noted later waits for its turn


class Store:
    """Everything stored, seen from inside one transaction."""

    def __init__(self, session: Session, known_policies: Container[str] = ()) -> None:
        self.sites = Sites(session)
        self.articles = Articles(session)
        self.policies = Policies(session, known_policies)
        self.inbox = Inbox(session)
        self.answers = Answers(session)
        self.akismet = Akismet(session)
        self.people = People(session)
        self.readers = Readers(session)
        self.penalties = Penalties(session)
        self.moderators = Moderators(session)
        self.sessions = Sessions(session)
        self.second_factors = SecondFactors(session)
        self.comments = Comments(session)
        self.threads = Threads(session)
        self.audit = Audit(session)
        self.outbox = Outbox(session)
        self.mails = Mails(session)
        self.desk = Desk(session)
        self.figures = Figures(session)
        self.imports = Imports(session)
        self.leaving = SiteArchive(session)
        self.lists = Lists(session)
        self.dossiers = Dossiers(session)
        self.networks = Networks(session)
        self.alerts = Alerts(session)
        self.second_looks = SecondLooks(session)
        self.appeals = Appeals(session)
        self.replays = Replays(session)
        self.ranges = Ranges(session)
        self.reports = Reports(session)
        self.rewordings = Rewordings(session)
        self.steps = Steps(session)
        self.claims = Claims(session)
        self.batches = Batches(session)
        self.notes = Notes(session)
        self.retention = Retention(session)


class Database:
    """The database at `url`: `sqlite:///file`, `sqlite://` (in memory) or `postgresql://...`."""

    def __init__(
        self,
        url: str,
        *,
        wait_seconds: float = 5.0,
        on_away: Callable[[str], None] = lambda cause: None,
    ) -> None:
        self._on_away = on_away  # is told the database's code of each failure
        self.engine: Engine = open_engine(url, wait_seconds=wait_seconds)
        self._reading = reading_twin(self.engine)
        self._wait_seconds = wait_seconds
        self._known_policies: set[str] = set()
        sqlite = self.engine.dialect.name == "sqlite"
        # In memory there is one connection, so threads must take turns.
        self._turn = Lock() if in_memory(self.engine.url) else None
        # In a file SQLite lets those who wait for its one writer sleep and try again, longer each time, so whoever has
        # waited longest is served last: threads queue here instead, and only processes meet there.
        self._writing = Lock() if sqlite and self._turn is None else None

    @contextmanager
    def begin(self, *, wait_seconds: float | None = None) -> Iterator[Store]:
        """Give a Store that writes; commit at the end, roll back if an exception leaves the block.

        On SQLite all waiting for the one writer together takes at most `wait_seconds`, else those of the database.
        """
        until = time.monotonic() + (self._wait_seconds if wait_seconds is None else wait_seconds)
        with self._one_after_another(self._writing, until), self._session(self.engine) as session:
            if self._writing is not None:
                session.connection(execution_options={"until": until})
            store = Store(session, self._known_policies)
            yield store
            store.audit.seal()
            session.commit()
            self._known_policies |= store.policies.remembered

    @contextmanager
    def read(self) -> Iterator[Store]:
        """Give a Store that only reads."""
        with self._session(self._reading) as session:
            yield Store(session)

    @property
    def url(self) -> str:
        """Return the address it was opened at, with its password: for another process of ours, never for a log."""
        return self.engine.url.render_as_string(hide_password=False)

    @property
    def folder(self) -> Path | None:
        """Return the folder of the file it is in, None where it is in none of this machine's."""
        address = self.engine.url
        if self.engine.dialect.name != "sqlite" or in_memory(address):
            return None
        return Path((address.database or "").removeprefix("file:")).resolve().parent

    def upgrade(self) -> None:
        """Bring the schema up to date, creating the file and its folder where needed."""
        self._make_folder()
        with self._failures():
            migrate(self.engine)

    def is_current(self) -> bool:
        """Return whether the schema is the one this version of the code expects."""
        with self._failures(), self._reading.connect() as connection:
            return is_at_head(connection)

    def condition(self, now: datetime) -> Condition:
        """Return how the database is set up, whether it can be written to, and how its time differs from `now`."""
        with self._failures():
            return condition(self.engine, now)

    def overwrite(self) -> bool:
        """Fold what was written into the file of SQLite and cut its log off, so that neither holds what was erased.

        Returns whether that was done: not while somebody reads an earlier moment, and then a later call does it.
        PostgreSQL overwrites what is erased by itself, at its next VACUUM.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        with self._failures(), self._reading.connect() as connection:
            return cut_off_log(connection)

    def is_empty(self) -> bool:
        """Return whether nothing is stored: no table has a row, or there is none."""
        with self._failures():
            return holds_nothing(self._reading)

    def back_up(self, path: Path) -> None:
        """Copy everything, as it is at one moment, into a new file that its owner alone may read; others write on.

        Raises:
            InvalidInput: the file is there, or cannot be made. Misconfigured: pg_dump is not there. DatabaseAway.
        """
        unfinished = path.with_name(f"{path.name}.part")
        try:
            if path.exists():
                raise InvalidInput(f"{path}: is there already. Name another file, or move it away.")
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            with self._failures():
                back_up(self.engine, unfinished)
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            raise InvalidInput(f"{path}: cannot be written ({error.strerror or error}).") from None
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def restore(self, path: Path) -> None:
        """Put what a backup holds in the place of everything there is, and bring its schema up to date.

        Raises:
            InvalidInput: it is no backup, damaged, or made by a newer version. Misconfigured, DatabaseAway. Nothing was changed.
        """
        self._make_folder()
        with self._failures():
            put_back(self.engine, path)
        self.dispose()  # what connections know of the schema is of another
        self.upgrade()
        self.overwrite()

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _make_folder(self) -> None:
        if (
            self.engine.dialect.name == "sqlite"
            and self.engine.url.database
            and not in_memory(self.engine.url)
        ):
            Path(self.engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with (
            self._failures(writing=engine is self.engine),
            Session(engine, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def _one_after_another(self, turn: "Lock | None", until: float | None = None) -> Iterator[None]:
        """Let one thread of this process in at a time, if there is a turn to take."""
        if turn is None:
            yield
            return
        left = self._wait_seconds if until is None else max(0, until - time.monotonic())
        if not turn.acquire(timeout=left):
            self._on_away("turn")
            raise DatabaseAway(BUSY, cause="turn")
        try:
            yield
        finally:
            turn.release()

    @contextmanager
    def _failures(self, *, writing: bool = True) -> Iterator[None]:
        with self._one_after_another(self._turn):
            try:
                yield
            except DataError as error:  # PostgreSQL on NUL characters and on numbers beyond their column
                raise InvalidInput(
                    "A value cannot be kept as it is. Remove its control characters."
                ) from error
            except IntegrityError as error:
                if "unique" not in str(error.orig).lower():
                    raise
                # Two made the same at once; looked up again, it is there.
                raise Raced("Somebody else did the same at this moment. Send it again.") from error
            except SQLAlchemyError as error:
                known = away(error, writing=writing)
                if known is None:
                    raise
                self._on_away(str(known.private.get("cause", "")))
                raise known from error
