"""Readers report published comments: enough of them bring one to the queue; nothing is hidden by a report.

Different readers are counted twice over, by browser (or account) and by network, and the smaller number counts: one
person with many browsers is one, and so is a whole office. Whoever's reports moderators mostly dismiss counts for
nothing. The numbers are the policy's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from moderation.engine.policy import Policy
from moderation.engine.text import unreadable_because
from moderation.errors import InvalidInput, NotFound, StaleVersion
from moderation.services import Tools, acting, permissions
from moderation.services.checking import unfit
from moderation.services.recording import keep_label, keep_step
from moderation.store.reports import Record
from moderation.store.tables import Comment, Moderator, Report
from moderation.store.unit_of_work import Store

ROLES_TRUSTED = ("trusted", "staff")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: an author who is signed in, or a browser by the random id in its signed cookie.

    `network` is the hash of the network under a key that changes daily.
    """

    browser: str = ""
    author_id: str | None = None
    network: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """Return the name under which reports are counted."""
        return f"author:{self.author_id}" if self.author_id else f"browser:{self.browser}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report.

    `received`: it is kept. `repeated`: this reader reported this comment before. `looked-at`: a moderator has let this
    comment stand as it is written, so reports are closed until it is changed.
    """

    outcome: str
    in_queue: bool = False


def report(
    tools: Tools,
    comment_id: str,
    clause: str,
    reporter: Reporter,
    sentence: str = "",
    request_id: str = "",
) -> Receipt:
    """Return what became of a reader's report.

    Raises:
        NotFound: there is no such comment that readers can see. InvalidInput: names the field that is wrong.
    """
    policy, sentence = tools.engine.policy, sentence.strip()
    _check(policy, clause, sentence)
    now = tools.now()
    with tools.database.begin() as store:
        comment = store.comments.get(comment_id)
        if comment is None or comment.state != "published":
            raise NotFound("There is no such comment, or it no longer shows.")
        if store.reports.was_dismissed(comment.id, comment.revision):
            return Receipt("looked-at")
        author = store.people.get(reporter.author_id) if reporter.author_id else None
        if author is not None and author.site_id != comment.site_id:
            author = None
        made = Report(
            site_id=comment.site_id,
            comment_id=comment.id,
            revision=comment.revision,
            reporter=reporter.key,
            network=reporter.network,
            trusted=author is not None and author.role in ROLES_TRUSTED,
            counts=counts(policy, store.reports.record(reporter.key)),
            clause=clause,
            sentence=sentence,
            at=now,
        )
        if not store.reports.add(made):
            return Receipt("repeated")
        store.comments.rank_anew(comment.id)
        store.audit.append(
            at=now,
            actor=READER,
            action="comment.reported",
            subject=f"comment:{comment.id}",
            detail={"report": made.id, "clause": clause, "counts": made.counts, "trusted": made.trusted},
            request_id=request_id,
        )
        open_ones = store.reports.open_on(comment.id, comment.revision)
        enough = are_enough(policy, open_ones)
        if enough and store.reports.bring(comment.id, comment.revision, now):
            store.audit.append(
                at=now,
                actor="reports",
                action="comment.brought_to_queue",
                subject=f"comment:{comment.id}",
                detail={"reports": len(open_ones), "revision": comment.revision},
                request_id=request_id,
            )
        return Receipt("received", enough)


READER = "reader"


def counts(policy: Policy, record: Record) -> bool:
    """Return whether a reporter's reports count: not where moderators dismissed more than the policy's share."""
    settled = record.upheld + record.dismissed
    return settled < policy.reports.abuse_from or record.dismissed / settled <= policy.reports.abuse_share


def are_enough(policy: Policy, reports: Iterable[Report]) -> bool:
    """Return whether these reports bring a comment to the queue."""
    counted = [report for report in reports if report.counts]
    return any(report.trusted for report in counted) or _readers(counted) >= policy.reports.reporters


def _readers(counted: list[Report]) -> int:
    # A report without a known network stands for itself.
    networks = {report.network or report.reporter for report in counted}
    return min(len({report.reporter for report in counted}), len(networks))


def settle(
    store: Store, comment: Comment, by: str, now: datetime, *, upheld: bool, request_id: str = ""
) -> int:
    """Uphold or dismiss the reports on a comment that a moderator decided on; return how many changed."""
    reports = store.reports.settle(comment.id, "upheld" if upheld else "dismissed", now)
    if reports:
        store.audit.append(
            at=now,
            actor=by,
            action="reports.upheld" if upheld else "reports.dismissed",
            subject=f"comment:{comment.id}",
            detail={"reports": [report.id for report in reports]},
            request_id=request_id,
        )
    return len(reports)


def let_stand(tools: Tools, comment_id: str, moderator: Moderator, version: int, request_id: str = "") -> int:
    """Let a reported comment stand as it is written: its reports are dismissed; return how many there were.

    Raises:
        NotFound, Forbidden; StaleVersion where the comment was changed or decided on since it was shown.
    """
    permissions.require(moderator, "decide")
    now = tools.now()
    with tools.database.begin() as store:
        comment = store.comments.get(comment_id)
        if comment is None:
            raise NotFound("There is no such comment.")
        decision = store.comments.decision(comment)
        if comment.version != version or comment.state != "published":
            seen = (
                {**decision.public, "made_by": decision.made_by, "action": decision.action}
                if decision
                else {}
            )
            raise StaleVersion(
                "Somebody else decided on this comment in the meantime.",
                current=comment.version,
                decision=seen,
            )
        acting.check_on_comment(store, comment, "let-stand", moderator)
        dismissed = settle(store, comment, moderator.id, now, upheld=False, request_id=request_id)
        if dismissed:
            keep_label(store, comment, moderator.id, "publish", None, "moderator", now)
            keep_step(
                store,
                "let-stand",
                moderator.id,
                now,
                comment=comment,
                state_before=comment.state,
                decision_before=comment.decision_id,
            )
        return dismissed


def _check(policy: Policy, clause: str, sentence: str) -> None:
    problems: dict[str, list[str]] = {}
    if clause not in policy.clauses:
        problems["clause"] = ["Choose the rule that you think was broken."]
    problem = ""
    if sentence:
        problem = unreadable_because(sentence, policy.reports.longest) or unfit(sentence, lines=True)
    if problem:
        problems["sentence"] = [f"The sentence {problem}."]
    if problems:
        raise InvalidInput("The report could not be taken. Correct what is named.", problems)
