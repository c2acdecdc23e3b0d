"""A comment comes in: checked, decided outside any transaction, stored in one with all that follows from it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.engine import types as engine
from moderation.engine.types import (
    UNCONFIRMED_ADDRESS,
    Context,
    Decision,
    Submission,
    Verdict,
)
from moderation.errors import (
    ArticleClosed,
    Conflict,
    NotFound,
    Reconsider,
    StaleVersion,
)
from moderation.services import Tools, networks
from moderation.services.addresses import email_key
from moderation.services.checking import FORMS, NewComment, Writer, check_fields
from moderation.services.delivering import tell_of_comment
from moderation.services.linking import ask_to_confirm
from moderation.services.notifying import watch_replies
from moderation.services.publishing import discussion_at
from moderation.services.recording import decision_row, digest_of_state
from moderation.services.standing import (
    awaits_confirmation,
    evasion_by,
    refuse_blocked,
    refuse_to_pass_for_staff,
    standing_of,
)
from moderation.services.striking import penalise
from moderation.store.tables import Article, Author, Comment, DecisionRow, Site, new_id
from moderation.store.unit_of_work import Store

__all__ = ["NewComment", "Outcome", "Writer", "check_text", "decide_again", "submit_comment"]

STATE_OF = {Verdict.PUBLISH: "published", Verdict.HOLD: "held", Verdict.REJECT: "rejected"}
_TWICE = timedelta(minutes=2)
Also = Callable[[Store, Comment], None]  # what else is stored with a new comment, in its transaction
_TRIES = 3  # where a moderator or another revision is quicker, what stands then is decided on


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a comment; `decision` is the public decision object, `notice` what the ladder tells its author.

    `step` is the moderator's step that led here, by which it can be undone.
    """

    comment: Comment
    decision: dict[str, object]
    status: str
    repeated: bool = False
    notice: str | None = None
    step: str = ""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is known when the comment arrives."""

    site: Site
    article: Article
    context: Context
    known: Comment | None


def submit_comment(
    tools: Tools, new: NewComment, also: Also | None = None, *, ask_first: bool = False
) -> Outcome:
    """Return what became of a comment: stored as published, held or rejected.

    With `ask_first` one that would be rejected is not stored, and its author may reword it. The same external id
    with the same content answers as before; a higher revision is decided anew. What `also` does with a comment that
    is new is stored with it or not at all.

    Raises:
        InvalidInput, NotFound, ArticleClosed, AuthorBlocked, Conflict, Reconsider: nothing was stored.
    """
    check_fields(new, tools.engine.policy.limits.longest_comment)
    for _ in range(_TRIES):
        try:
            return _submit(tools, new, also, ask_first)
        except StaleVersion:
            continue
    raise Conflict("The comment was changed again and again while it was decided. Send it again.")


def _submit(tools: Tools, new: NewComment, also: Also | None, ask_first: bool) -> Outcome:
    """Return what became of a comment; StaleVersion where it changed since it was looked at."""
    now = tools.now()
    with tools.database.read() as store:
        known = _known(store, new)
        # Before anything that may have changed since: a block that followed from it, a discussion closed.
        deleted = known is not None and known.state == "withdrawn"  # no later revision brings it back
        if known is not None and (deleted or new.revision <= known.revision):
            return _repeated(store, known, new)
        author = _writer(tools, store, new)
        if author is not None and (sent := _same_form_sent_twice(store, new, author, now)) is not None:
            return _repeated(store, sent, new)
        scene = _look(tools, store, new, author, now, known=known)
    decision = _decide(tools, new, scene, now, ask_first=ask_first)
    with tools.database.begin() as store:
        return _store(tools, store, new, scene, decision, now, also)


def _known(store: Store, new: NewComment) -> Comment | None:
    """Return the comment that is stored already: under the site's id, or under the one that its call gives it."""
    known = store.comments.get_by_external_id(new.site_id, new.external_id) if new.external_id else None
    return known or (store.comments.get(new.id) if new.id else None)


def decide_again(
    tools: Tools,
    comment_id: str,
    check: Callable[[Comment, DecisionRow | None], None],
    *,
    body: str | None = None,
    request_id: str = "",
) -> Outcome:
    """Return what became of a stored comment that is decided anew: as it stands, or with `body` as its next revision.

    `check` raises where that may not be, of the comment as it stands when the decision is stored.

    Raises:
        NotFound, InvalidInput, AuthorBlocked, Conflict: nothing was changed.
    """
    for _ in range(_TRIES):
        now = tools.now()
        with tools.database.read() as store:
            known = store.comments.get(comment_id)
            author = store.people.get(known.author_id) if known else None
            if known is None or author is None or author.erased_at is not None:
                raise NotFound("There is no such comment.")
            check(known, store.comments.decision(known))
            new = _as_new(known, author, body, request_id)
            check_fields(new, tools.engine.policy.limits.longest_comment)
            scene = _look(tools, store, new, _writer(tools, store, new), now, known=known)
        decision = _decide(tools, new, scene, now)
        try:
            with tools.database.begin() as store:
                return _store(tools, store, new, scene, decision, now)
        except StaleVersion:
            continue
    raise Conflict("The comment was changed again and again while it was decided. Send it again.")


def _as_new(known: Comment, author: Author, body: str | None, request_id: str) -> NewComment:
    """Return a stored comment as it would be handed in: with another body, as its next revision."""
    return NewComment(
        site_id=known.site_id,
        article_id=known.article_id,
        body=known.body if body is None else body,
        writer=Writer(author.name, author.email, author.external_id, proven=True),
        parent_id=known.parent_id,
        language=known.language if body is None else None,
        source=known.source,
        external_id=known.external_id,
        revision=known.revision + (body is not None),
        request_id=request_id,
    )


def _decide(
    tools: Tools, new: NewComment, scene: _Scene, now: datetime, *, ask_first: bool = False
) -> Decision:
    """Return the engine's decision, counted; with `ask_first` a rejection is raised as Reconsider instead."""
    submission = Submission(
        site_id=new.site_id,
        body=new.body,
        article_id=new.article_id,
        parent_id=new.parent_id,
        language=new.language,
        source=new.source,
        received_at=now,
    )
    decision = tools.engine.decide(submission, scene.context)
    if ask_first and decision.verdict is Verdict.REJECT:
        raise Reconsider("As it stands, this comment would not be permitted.", decision.as_public())
    tools.metrics.comments_decided.labels(decision.verdict.value, decision.clause or "").inc()
    tools.metrics.decision_seconds.observe(decision.duration_ms / 1000)
    return decision


def check_text(
    tools: Tools,
    site_id: str,
    body: str,
    article_id: str | None = None,
    parent_id: str | None = None,
    writer: Writer | None = None,
) -> Decision:
    """Return what would be decided on a text; nothing is stored."""
    new = NewComment(site_id, article_id or "", body, writer or Writer("Reader"), parent_id, source="check")
    check_fields(new, tools.engine.policy.limits.longest_comment, writer_known=writer is not None)
    now = tools.now()
    context = Context(policy=tools.engine.policy, now=now)
    if article_id:
        with tools.database.read() as store:
            context = _look(tools, store, new, _writer(tools, store, new), now, checking=True).context
    return tools.engine.decide(
        Submission(site_id=site_id, body=body, source="check", received_at=now), context
    )


def _look(
    tools: Tools,
    store: Store,
    new: NewComment,
    author: Author | None,
    now: datetime,
    *,
    known: Comment | None = None,
    checking: bool = False,
) -> _Scene:
    """Return what is known around the comment, or raise why it cannot be taken."""
    site, article = store.sites.get(new.site_id), store.articles.get(new.article_id)
    if site is None or article is None or article.site_id != new.site_id or article.deleted_at is not None:
        raise NotFound("There is no such article.")
    discussion = discussion_at(site, article, now)
    if known is None and discussion == "closed" and not checking:
        raise ArticleClosed("The discussion of this article is closed.")
    parent = parent_author = None
    if new.parent_id:
        parent = store.comments.get(new.parent_id)
        if (
            parent is None
            or parent.article_id != article.id
            or (parent.state != "published" and new.source in FORMS and known is None)
        ):
            raise NotFound("The comment you want to answer is not there, or no longer.")
        parent_author = store.people.get(parent.author_id)
    if not checking:
        refuse_blocked(tools, store, new, author, now)
        if known is None and new.writer.external_id is None:
            refuse_to_pass_for_staff(tools, store, site, new.writer, author)
    own = parent_author is not None and author is not None and parent_author.id == author.id
    context = Context(
        policy=tools.engine.policy,
        now=now,
        standing=standing_of(store, new, author, now),
        article=engine_article(article),
        parent=engine.Parent(parent_author.name if parent_author and not own else "", parent.body)
        if parent
        else None,
        author_name=new.writer.name,
        thread_people=tuple(name for name in store.threads.people(article.id) if name != new.writer.name),
        recent_bodies=_recent(store, author, known) if not checking else (),
        thread_bodies=store.threads.recent_bodies(article.id, other_than=author.id if author else None),
        language=new.language,
        held_first=discussion == "held-first" or _was_refused_by_a_moderator(store, known),
        evades=evasion_by(tools, store, new, author, now) if not checking else None,
        unconfirmed=not checking and awaits_confirmation(site, new, author),
    )
    return _Scene(site, article, context, known)


def engine_article(article: Article) -> engine.Article:
    """Return what the engine may know of a stored article."""
    return engine.Article(
        article.title,
        article.text or article.summary,
        article.byline or article.source,
        tuple(article.people),
    )


def _was_refused_by_a_moderator(store: Store, known: Comment | None) -> bool:
    """Tell whether a moderator took this comment down: its next revision is for a moderator too."""
    decision = store.comments.decision(known) if known is not None else None
    return decision is not None and decision.made_by != "engine" and decision.verdict == Verdict.REJECT


def _recent(store: Store, author: Author | None, known: Comment | None) -> tuple[str, ...]:
    """Return the author's earlier comments; an earlier revision of this one is no repetition."""
    bodies = store.people.recent_bodies(author.id) if author else ()
    return tuple(body for body in bodies if body and (known is None or body != known.body))


def _digest(new: NewComment) -> str:
    """Return the digest of what was handed in: the same bytes give the same answer."""
    content = [
        new.article_id,
        new.parent_id,
        new.body,
        new.writer.name,
        new.writer.external_id,
        new.writer.email,
        new.revision,
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _writer(tools: Tools, store: Store, new: NewComment) -> Author | None:
    """Return the author who is known by what the writer gave."""
    key = email_key(tools, new.writer.email) if new.writer.email else None
    return store.people.find(site_id=new.site_id, external_id=new.writer.external_id, email_key=key)


def _same_form_sent_twice(store: Store, new: NewComment, author: Author, now: datetime) -> Comment | None:
    """Return the comment that this form sent a moment ago: a button pressed twice is one comment, and one strike."""
    if new.source not in FORMS:
        return None
    return store.comments.same_since(author.id, _digest(new), now - _TWICE)


def _repeated(store: Store, known: Comment, new: NewComment) -> Outcome:
    """Return the earlier answer to the same comment, or raise Conflict for another content under its id."""
    forgotten = not known.body  # its time was over: what was handed in is not known any more
    if new.revision == known.revision and not forgotten and known.submitted_digest != _digest(new):
        raise Conflict(
            "This external id was used for another comment. Use a new id, or a higher revision for a change."
        )
    decision = store.comments.decision(known)
    return Outcome(known, dict(decision.public) if decision else {}, known.state, repeated=True)


def _store(
    tools: Tools,
    store: Store,
    new: NewComment,
    scene: _Scene,
    decision: Decision,
    now: datetime,
    also: Also | None = None,
) -> Outcome:
    """Store comment, decision, strike, penalty, audit and outbox as one."""
    article = store.articles.get(scene.article.id)
    if scene.known is None and (
        article is None or discussion_at(scene.site, article, max(now, tools.now())) == "closed"
    ):
        raise ArticleClosed("The discussion of this article is closed.")
    author = store.people.find_or_create(
        site_id=new.site_id,
        name=new.writer.name.strip(),
        now=now,
        external_id=new.writer.external_id,
        email_key=email_key(tools, new.writer.email) if new.writer.email else None,
        email=new.writer.email.strip() if new.writer.email else None,
    )
    store.people.lock(author.id)
    # Read again inside the transaction, at the time it has the author for itself: two comments may arrive together,
    # and the first may have led to a block.
    now = max(now, tools.now())
    if scene.known is None and (same := _same_form_sent_twice(store, new, author, now)) is not None:
        return _repeated(store, same, new)
    refuse_blocked(tools, store, new, author, now)
    store.policies.remember(decision.policy_version, tools.engine.policy.source, now)
    state = STATE_OF[decision.verdict]
    published_at = now if state == "published" else None
    row = decision_row(decision, tools.engine.policy)
    language = new.language or tools.engine.language_of(new.body) or None
    if scene.known is None:
        comment = Comment(
            id=new.id or new_id(),
            site_id=new.site_id,
            article_id=new.article_id,
            author_id=author.id,
            parent_id=new.parent_id,
            external_id=new.external_id,
            body=new.body,
            language=language,
            source=new.source,
            state=state,
            revision=new.revision,
            submitted_digest=_digest(new),
            received_at=now,
            published_at=published_at,
        )
        if not store.comments.add(comment, row):
            earlier = _known(store, new)
            assert earlier is not None
            if earlier.revision < new.revision:
                raise StaleVersion("An earlier revision was quicker.", current=earlier.version)
            return _repeated(store, earlier, new)
        if also is not None:
            also(store, comment)
        before = None
    else:
        if (scene.known.author_id, scene.known.article_id) != (author.id, new.article_id):
            raise Conflict(
                "This external id belongs to another author's comment, or to another article. Use a new id."
            )
        before = digest_of_state(scene.known)
        if new.revision > scene.known.revision:
            comment = store.comments.revise(
                scene.known.id,
                version=scene.known.version,
                revision=new.revision,
                body=new.body,
                language=language,
                submitted_digest=_digest(new),
                state=state,
                decision=row,
                published_at=published_at,
            )
        else:
            comment = store.comments.set_state(
                scene.known.id,
                version=scene.known.version,
                state=state,
                decision=row,
                published_at=published_at,
            )
    networks.note(tools, store, comment, new.writer.address)
    store.audit.append(
        at=now,
        actor="engine",
        action="comment.decided",
        subject=f"comment:{comment.id}",
        before=before,
        after=digest_of_state(comment),
        salt=author.salt,
        detail={
            "verdict": decision.verdict.value,
            "clause": decision.clause,
            "decision": row.id,
            "author": author.id,
            "policy": decision.policy_version,
        },
        request_id=new.request_id,
    )
    if scene.known is None:
        _write_to_the_author(tools, store, scene, new, author, decision, now)
    notice = None
    tell_of_comment(store, scene.site, scene.article, comment, decision.as_public(), now)
    if decision.verdict is Verdict.REJECT and decision.clause is not None:
        notice = penalise(
            tools,
            store,
            scene.site,
            scene.article,
            author,
            comment,
            decision.clause,
            "engine",
            now,
            new.request_id,
            score=decision.reasons[0].score,
        )
    return Outcome(comment, decision.as_public(), state, notice=notice)


def _write_to_the_author(
    tools: Tools,
    store: Store,
    scene: _Scene,
    new: NewComment,
    author: Author,
    decision: Decision,
    now: datetime,
) -> None:
    """Ask for confirmation where the comment or the wish to be told of replies waits for it."""
    if new.notify:
        watch_replies(store, author, scene.article, new.page_language, now)
    if decision.clause == UNCONFIRMED_ADDRESS or (new.notify and author.confirmed_at is None):
        ask_to_confirm(tools, store, scene.site, author, new.page_language, new.network, now)
