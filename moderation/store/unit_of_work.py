"""Database and Store: one transaction per thing people do.

    with database.begin() as store:      # all or nothing; commits at the end
        store.comments.set_state(...)
        store.audit.append(...)

    with database.read() as store:       # one moment of the database, throughout; writing fails
        page = store.desk.queue(...)

Nothing is tried again here: whoever began knows whether trying again is right.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from moderation.store.batches import Batches
from moderation.store.claims import Claims
from moderation.store.comments import Comments
from moderation.store.condition import Condition, condition
from moderation.store.connections import BUSY, away, in_memory, open_engine, reading_twin
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
from moderation.store.readers import Readers
from moderation.store.replays import Replays
from moderation.store.reports import Reports
from moderation.store.rewordings import Rewordings
from moderation.store.second_factors import SecondFactors
from moderation.store.second_looks import SecondLooks
from moderation.store.sessions import Sessions
from moderation.store.sites import Sites
from moderation.store.steps import Steps
from moderation.store.threads import Threads


class Store:
    """Everything stored, seen from inside one transaction."""

    def __init__(self, session: Session) -> None:
        self.sites = Sites(session)
        self.articles = Articles(session)
        self.policies = Policies(session)
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
        self.reports = Reports(session)
        self.rewordings = Rewordings(session)
        self.steps = Steps(session)
        self.claims = Claims(session)
        self.batches = Batches(session)
        self.notes = Notes(session)


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
        sqlite = self.engine.dialect.name == "sqlite"
        # In memory there is one connection, so threads must take turns.
        self._turn = Lock() if in_memory(self.engine.url) else None
        # In a file SQLite lets those who wait for its one writer sleep and try again, longer each time, so whoever has
        # waited longest is served last: threads queue here instead, and only processes meet there.
        self._writing = Lock() if sqlite and self._turn is None else None

    @contextmanager
    def begin(self) -> Iterator[Store]:
        """Give a Store that writes; commit at the end, roll back if an exception leaves the block."""
        with self._one_after_another(self._writing), self._session(self.engine) as session:
            store = Store(session)
            yield store
            store.audit.seal()
            session.commit()

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
        if (
            self.engine.dialect.name == "sqlite"
            and self.engine.url.database
            and not in_memory(self.engine.url)
        ):
            Path(self.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
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

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with (
            self._failures(writing=engine is self.engine),
            Session(engine, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def _one_after_another(self, turn: "Lock | None") -> Iterator[None]:
        """Let one thread of this process in at a time, if there is a turn to take."""
        if turn is None:
            yield
            return
        if not turn.acquire(timeout=self._wait_seconds):
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
