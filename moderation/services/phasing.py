"""Coral asks before it stores a comment: decided in its time, or kept for its moderators.

Coral lets a comment pass when the answer is late, an error or none. So once a request is known to be Coral's, whatever
goes wrong is answered with a hold. Nothing is stored: the comment has no id yet, and Coral keeps it.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass

import structlog

from moderation.engine.types import RESERVED_CLAUSES, Decision, Verdict
from moderation.errors import ModerationError, NotFound
from moderation.protocols import coral
from moderation.protocols.coral import PhaseCall
from moderation.services import Tools
from moderation.services.submitting import Writer, check_text
from moderation.store.tables import Site

log = structlog.get_logger()
SECONDS = 0.15  # of the 200 ms that Coral's form gives; the rest is for the way there and back
_THREADS = 2  # more would only share the same processors
_MOST_WAITING = 4  # with more in hand a new one could not be ready in time
_REMEMBERED_FOR = 60.0  # seconds in which the same request is the same comment, sent again
_MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class _Remembered:
    until: float
    opinion: "Future[bytes]"


class Desk:
    """Opinions in the making and just made, by the request that asked for them; one for each process."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="coral")
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Remembered] = OrderedDict()
        self._in_hand = 0

    def ask(self, request: str, opinion: Callable[[], bytes]) -> "Future[bytes] | None":
        """Return the opinion on a request, begun now unless it was before; None where too much is in hand."""
        now = time.monotonic()
        with self._lock:
            while self._known and next(iter(self._known.values())).until < now:
                self._known.popitem(last=False)
            known = self._known.get(request)
            if known is not None and not (known.opinion.done() and known.opinion.exception()):
                return known.opinion
            if self._in_hand >= _MOST_WAITING:
                return None
            self._in_hand += 1
            future = self._pool.submit(self._give, opinion)
            self._known[request] = _Remembered(now + _REMEMBERED_FOR, future)
            self._known.move_to_end(request)
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
            return future

    def _give(self, opinion: Callable[[], bytes]) -> bytes:
        try:
            return opinion()
        finally:
            with self._lock:
                self._in_hand -= 1


DESK = Desk()


def answer(tools: Tools, site_slug: str, signature: str, body: bytes, began: float | None = None) -> bytes:
    """Return the answer to a phase, nothing for no opinion, within 150 ms of `began` (time.perf_counter).

    Raises:
        NotFound, BadSignature, DatabaseAway: the request is not known to be Coral's.
    """
    began = time.perf_counter() if began is None else began
    with tools.database.read() as store:
        site = store.sites.get_by_slug(site_slug)
    if site is None:
        raise NotFound("There is no such address for Coral. Check the site.")
    coral.verify(signature, body, site.coral_secrets)
    request = hashlib.sha256(site.id.encode() + body).hexdigest()
    future = DESK.ask(request, lambda: opinion(tools, site, coral.read(body)))
    if future is None:
        return _held("busy")
    try:
        return future.result(timeout=max(0.0, began + SECONDS - time.perf_counter()))
    except TooLate:
        return _held("late")
    except ModerationError as error:
        return _held(error.code)
    except Exception as error:  # noqa: BLE001  whatever fails must not let a comment pass
        return _held(type(error).__name__)


def opinion(tools: Tools, site: Site, call: PhaseCall) -> bytes:
    """Return what is to become of a comment, nothing where we have no objection."""
    text = call.text
    if call.is_by_staff or not text:
        return b""
    author_id = call.author.id
    with tools.database.read() as store:
        article = store.articles.get_by_external_id(site.id, call.story.id) if call.story.id else None
        if article is None and call.story.url:
            article = store.articles.get_by_url(site.id, call.story.url)
        author = store.people.find(site_id=site.id, external_id=author_id)
        blocked = author and store.penalties.active_block(
            site_id=site.id, now=tools.now(), author_id=author.id
        )
    if blocked:
        return coral.rejected(blocked.clause, "You cannot comment here at present.")
    article_id = article.id if article and article.deleted_at is None else None
    decision = check_text(tools, site.id, text, article_id, writer=Writer("Reader", external_id=author_id))
    tools.metrics.comments_decided.labels(decision.verdict.value, decision.clause or "").inc()
    return _worded(decision)


def _worded(decision: Decision) -> bytes:
    if decision.verdict is Verdict.PUBLISH:
        return b""
    first = decision.reasons[0] if decision.reasons else None
    if decision.verdict is Verdict.REJECT:
        return coral.rejected(decision.clause, first.sentence if first else "")
    offence = next((r.clause for r in decision.reasons if r.clause not in RESERVED_CLAUSES), None)
    return coral.withheld(offence)


def _held(because: str) -> bytes:
    """Return the answer where none could be made, and say why in the log: many of these need looking at."""
    log.warning("coral_held", because=because)
    return coral.withheld()
