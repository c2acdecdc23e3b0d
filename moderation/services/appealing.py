"""A reader appeals: once for each decision or block, within a time, by a signed link and without an account."""

from dataclasses import dataclass
from datetime import datetime

from moderation.engine.text import unreadable_because
from moderation.errors import AppealClosed, Conflict, InvalidInput, NotFound
from moderation.services import Tools, informing
from moderation.services.appeal_links import About
from moderation.services.checking import unfit
from moderation.services.delivering import tell_of_appeal
from moderation.store.tables import Appeal, Block, Comment, DecisionRow, Site
from moderation.store.unit_of_work import Store

READER = "reader"  # who settled an appeal that was withdrawn
REFUSED_STATES = ("rejected", "removed")
_APPEALABLE = ("block", "premoderate")


@dataclass(frozen=True, slots=True)
class Matter:
    """What an appeal is about, the appeal where there is one, and until when one is heard.

    `closed_because` is `too-late` or `no-longer-stands` where none can be made; None where one can, or was.
    """

    site: Site
    until: datetime
    comment: Comment | None = None
    decision: DecisionRow | None = None
    block: Block | None = None
    appeal: Appeal | None = None
    closed_because: str | None = None

    @property
    def clause(self) -> str | None:
        """Return the clause that was said to be broken."""
        about = self.decision or self.block
        return about.clause if about is not None else None


def matter_of(tools: Tools, store: Store, about: About) -> Matter:
    """Return what a link is about.

    Raises:
        NotFound: it is gone, or was erased.
    """
    appeal = store.appeals.get(about.id) if about.kind == "appeal" else None
    if about.kind == "appeal" and appeal is None:
        raise NotFound("There is no such appeal.")
    decision_id = appeal.decision_id if appeal else about.id if about.kind == "decision" else None
    block_id = appeal.block_id if appeal else about.id if about.kind == "block" else None
    matter = _of_decision(tools, store, decision_id) if decision_id else _of_block(tools, store, block_id)
    if matter is None:
        raise NotFound("There is nothing here that could be appealed, or no longer.")
    return matter


def _of_decision(tools: Tools, store: Store, decision_id: str) -> Matter | None:
    decision = store.comments.find_decision(decision_id)
    comment = store.comments.get(decision.comment_id) if decision else None
    site = store.sites.get(comment.site_id) if comment else None
    author = store.people.get(comment.author_id) if comment else None
    if decision is None or comment is None or site is None or author is None or author.erased_at is not None:
        return None
    until = decision.decided_at + tools.engine.policy.appeals.within
    appeal = store.appeals.of_decision(decision_id)
    stands = comment.decision_id == decision_id and comment.state in REFUSED_STATES
    closed = _closed(tools, until, stands=stands) if appeal is None else None
    return Matter(site, until, comment, decision, None, appeal, closed)


def _of_block(tools: Tools, store: Store, block_id: str | None) -> Matter | None:
    block = store.penalties.get_block(block_id) if block_id else None
    site = store.sites.get(block.site_id) if block else None
    if block is None or site is None or block.penalty not in _APPEALABLE:
        return None
    until = block.starts_at + tools.engine.policy.appeals.within
    appeal = store.appeals.of_block(block.id)
    stands = not block.is_over(tools.now())
    closed = _closed(tools, until, stands=stands) if appeal is None else None
    return Matter(site, until, None, None, block, appeal, closed)


def _closed(tools: Tools, until: datetime, *, stands: bool) -> str | None:
    if not stands:
        return "no-longer-stands"
    return "too-late" if tools.now() > until else None


def appeal(tools: Tools, about: About, text: str, language: str = "en", request_id: str = "") -> Appeal:
    """Return the appeal, stored; the reader gets a mail where an address is known.

    Raises:
        InvalidInput: the text is missing, too long or holds what cannot be kept.
        AppealClosed: the time is over, or what was decided no longer stands.
        Conflict: there is an appeal about the same already.
    """
    text = text.strip()
    longest = tools.engine.policy.appeals.longest
    if problem := unreadable_because(text, longest) or unfit(text, lines=True):
        raise InvalidInput("The appeal could not be taken.", {"text": [f"The appeal {problem}."]})
    now = tools.now()
    with tools.database.begin() as store:
        matter = matter_of(tools, store, about)
        if matter.appeal is not None:
            raise Conflict("There is an appeal about this already. It is answered once.")
        if matter.closed_because is not None:
            raise AppealClosed(_SENTENCES[matter.closed_because])
        author_id = None
        if matter.comment is not None:
            author_id = matter.comment.author_id
        elif matter.block is not None and matter.block.subject_kind == "author":
            author_id = matter.block.subject
        made = Appeal(
            site_id=matter.site.id,
            author_id=author_id,
            decision_id=matter.decision.id if matter.decision else None,
            comment_id=matter.comment.id if matter.comment else None,
            block_id=matter.block.id if matter.block else None,
            text=text,
            language=language,
            made_at=now,
        )
        if not store.appeals.add(made):
            raise Conflict("There is an appeal about this already. It is answered once.")
        store.audit.append(
            at=now,
            actor=READER,
            action="appeal.received",
            subject=f"appeal:{made.id}",
            detail={
                "author": author_id,
                "comment": made.comment_id,
                "decision": made.decision_id,
                "block": made.block_id,
            },
            request_id=request_id,
        )
        tell_of_appeal(store, matter.site, made, "appeal.received", now)
        informing.of_appeal(tools, store, matter.site, made, now)
        return made


_SENTENCES = {
    "too-late": "The time in which this could be appealed is over.",
    "no-longer-stands": "What was decided no longer stands, so there is nothing to appeal.",
}


def withdraw(tools: Tools, appeal_id: str, version: int, request_id: str = "") -> Appeal:
    """Return the appeal, withdrawn by its reader.

    Raises:
        NotFound, StaleVersion: it was answered or withdrawn in the meantime.
    """
    now = tools.now()
    with tools.database.begin() as store:
        return settle(tools, store, appeal_id, version, "withdrawn", READER, now, request_id=request_id)


def settle(
    tools: Tools,
    store: Store,
    appeal_id: str,
    version: int,
    state: str,
    by: str,
    now: datetime,
    *,
    answer: str = "",
    published: bool = False,
    request_id: str = "",
) -> Appeal:
    """Return the appeal, settled in the open transaction with its audit event, its event and the reader's mail."""
    settled = store.appeals.settle(appeal_id, version=version, state=state, by=by, at=now, answer=answer)
    store.audit.append(
        at=now,
        actor=by,
        action=f"appeal.{state}",
        subject=f"appeal:{settled.id}",
        detail={
            "author": settled.author_id,
            "comment": settled.comment_id,
            "decision": settled.decision_id,
            "block": settled.block_id,
            "published": published,
        },
        request_id=request_id,
    )
    site = store.sites.get(settled.site_id)
    assert site is not None  # a foreign key
    tell_of_appeal(store, site, settled, "appeal.answered", now)
    if state != "withdrawn":
        informing.of_appeal(tools, store, site, settled, now, published=published)
    return settled


def carry(
    store: Store, waiting: Appeal, successor: Block, by: str, now: datetime, request_id: str = ""
) -> None:
    """Let an open appeal be about the block that took the place of the one appealed."""
    before = waiting.block_id
    store.appeals.carry(waiting.id, version=waiting.version, block_id=successor.id)
    store.audit.append(
        at=now,
        actor=by,
        action="appeal.carried",
        subject=f"appeal:{waiting.id}",
        detail={"from": before, "to": successor.id},
        request_id=request_id,
    )


def settle_with(
    tools: Tools,
    store: Store,
    by: str,
    now: datetime,
    *,
    comment_id: str | None = None,
    block_id: str | None = None,
    published: bool = False,
    request_id: str = "",
) -> None:
    """Grant the open appeals about what a moderator has just taken back by himself."""
    for waiting in store.appeals.open_about(comment_id=comment_id, block_id=block_id):
        settle(
            tools,
            store,
            waiting.id,
            waiting.version,
            "granted",
            by,
            now,
            published=published,
            request_id=request_id,
        )
