"""What readers see: the articles, one discussion, the form, the answer to a comment, the policy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from moderation import errors as error_tree
from moderation.errors import (
    ArticleClosed,
    AuthorBlocked,
    InvalidInput,
    ModerationError,
    NotFound,
    TooManyRequests,
)
from moderation.services import submitting
from moderation.store.paging import cursor
from moderation.store.tables import Article, Author, Comment, Site
from moderation.store.threads import ThreadEntry
from moderation.store.unit_of_work import Store
from moderation.telemetry import current_request_id
from moderation.web import limiting
from moderation.web.toolbox import tools

blueprint = Blueprint("pages", __name__)

View = str | Response | tuple[str, int]
ARTICLES, THREADS = 30, 30
OUTCOME_SHOWN_FOR = 30 * 24 * 3600  # seconds; the page quotes its author, who needs it now and not for ever
FIELDS = frozenset({"name", "email", "body", "parent", "csrf_token"})
LABELS = {
    "form": ("comment-form", "The form"),
    "name": ("name", "Name"),
    "email": ("email", "E-mail"),
    "body": ("body", "Comment"),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a reader typed, kept until it is right."""

    name: str = ""
    email: str = ""
    body: str = ""
    parent: str = ""

    @classmethod
    def of_the_form(cls) -> "Typed":
        """Return what the form sent; browsers send line ends as CR LF."""
        form = request.form
        body = form.get("body", "").replace("\r\n", "\n")
        return cls(form.get("name", ""), form.get("email", ""), body, form.get("parent", ""))


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, and the other reply that it answers, if it does not answer the comment on top."""

    entry: ThreadEntry
    in_reply_to: ThreadEntry | None = None


@dataclass(slots=True)
class Thread:
    """A comment with all its replies one step deep, in reading order."""

    top: ThreadEntry
    replies: list[Reply] = field(default_factory=list)


def threads(entries: Iterable[ThreadEntry]) -> list[Thread]:
    """Return the threads of a page; replies to replies stand beside them, saying whom they answer."""
    by_id: dict[str, ThreadEntry] = {}
    found: list[Thread] = []
    for entry in entries:
        by_id[entry.id] = entry
        if entry.depth == 0:
            found.append(Thread(entry))
        else:
            found[-1].replies.append(
                Reply(entry, by_id.get(entry.parent_id or "") if entry.depth > 1 else None)
            )
    return found


@blueprint.get("/")
def home() -> View:
    """List the articles under discussion, newest first."""
    with tools().database.read() as store:
        sites = store.sites.all()
        page = store.articles.page(after=request.args.get("older"), limit=ARTICLES)
        counts = store.threads.counts(article.id for article in page.items)
    return render_template(
        "home.html",
        site=sites[0] if sites else None,
        articles=page.items,
        counts=counts,
        older=page.next,
        policy=tools().engine.policy,
    )


@blueprint.get("/policy")
def policy() -> View:
    """Show the policy in its own words, and how each rule is read."""
    in_force = tools().engine.policy
    clauses = sorted(in_force.clauses.values(), key=lambda clause: -clause.severity)
    with tools().database.read() as store:
        site = next(iter(store.sites.all()), None)
    return render_template("policy.html", site=site, policy=in_force, clauses=clauses)


@blueprint.get("/problems")
def problems() -> View:
    """List every code that an error document can carry."""
    kinds = [
        kind
        for kind in vars(error_tree).values()
        if isinstance(kind, type) and issubclass(kind, ModerationError)
    ]
    codes = sorted({(kind.code, kind.status, kind.title) for kind in kinds})
    return render_template("problems.html", codes=codes)


@blueprint.get("/articles/<slug>")
def article(slug: str) -> View:
    """Show an article, its policy, its comments and the form."""
    return discussion(slug, Typed(parent=request.args.get("reply-to", "")))


def discussion(
    slug: str, typed: Typed, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> tuple[str, int]:
    """Return the page of an article with the form as typed and what is wrong in it."""
    newer_than = request.args.get("newer") if not errors else None
    with tools().database.read() as store:
        site, shown = find_article(store, slug)
        parent = find_parent(store, shown, typed.parent)
        after = place_of(store, shown, request.args.get("around", "")) or request.args.get("older")
        page = store.threads.page(
            shown.id, after=newer_than or after, limit=THREADS, newest_first=newer_than is None
        )
        count = store.threads.count(shown.id)
    found = threads(page.items)
    if newer_than:  # read upwards from a place, shown downwards like every page
        found.reverse()
    first, last = (cursor(found[at].top.received_at, found[at].top.id) if found else None for at in (0, -1))
    return (
        render_template(
            "article.html",
            site=site,
            article=shown,
            threads=found,
            count=count,
            newer=first if (page.next if newer_than else after) else None,
            older=last if (page.next or newer_than) else None,
            parent=parent,
            typed=typed,
            errors=errors or {},
            labels=LABELS,
            policy=tools().engine.policy,
        ),
        status,
    )


def find_article(store: Store, slug: str) -> tuple[Site, Article]:
    """Return the article of this name, of the oldest site that has one."""
    for site in store.sites.all():
        found = store.articles.get_by_slug(site.id, slug)
        if found is not None and found.deleted_at is None and not found.elsewhere:
            return site, found
    raise NotFound("There is no such article.")


def find_parent(store: Store, shown: Article, comment_id: str) -> tuple[Comment, Author] | None:
    """Return the comment to be answered with its author, or None where none is asked for."""
    if not comment_id:
        return None
    comment = store.comments.get(comment_id)
    author = store.people.get(comment.author_id) if comment else None
    if comment is None or author is None or comment.article_id != shown.id or comment.state != "published":
        raise NotFound("The comment you want to answer is not there, or no longer.")
    return comment, author


def place_of(store: Store, shown: Article, comment_id: str) -> str | None:
    """Return the place just before the thread of a comment, so that a page from there shows it."""
    comment = store.comments.get(comment_id) if comment_id else None
    if comment is None or comment.article_id != shown.id or comment.state != "published":
        return None
    while comment.parent_id and (above := store.comments.get(comment.parent_id)):
        comment = above
    return cursor(comment.received_at, comment.id + "z")  # sorts right after the id


@blueprint.post("/articles/<slug>/comments")
def post_comment(slug: str) -> View:
    """Hand in a comment and lead its author to the answer."""
    typed = Typed.of_the_form()
    with tools().database.read() as store:
        site, shown = find_article(store, slug)
    if unknown := sorted(set(request.form) - FIELDS):
        return discussion(
            slug,
            typed,
            {"form": [f"The form has no field {unknown[0][:40]!r}. Send it as it stands here."]},
            422,
        )
    try:
        outcome = submitting.submit_comment(
            tools(),
            submitting.NewComment(
                site_id=site.id,
                article_id=shown.id,
                body=typed.body,
                writer=submitting.Writer(name=typed.name, email=typed.email or None),
                parent_id=typed.parent or None,
                source="form",
                request_id=current_request_id(),
            ),
        )
    except InvalidInput as error:
        return discussion(slug, typed, error.fields or {"body": [str(error)]}, error.status)
    except (
        AuthorBlocked,
        ArticleClosed,
        NotFound,
    ) as error:  # not found: the comment that was to be answered
        return not_posted(error, slug, typed.body)
    token = outcome_signer().dumps({"comment": outcome.comment.id, "notice": outcome.notice})
    return redirect(url_for("pages.outcome", slug=slug, comment_id=outcome.comment.id, t=token), 303)


@blueprint.errorhandler(RateLimitExceeded)
def too_fast(_: RateLimitExceeded) -> Response:
    """Return 429 with the seconds to wait; the text is given back."""
    wait = limiting.seconds_to_wait()
    sentence = f"You write faster than we take comments. Wait {wait} seconds, then send it again."
    error = TooManyRequests(sentence, retry_after=wait)
    answer = make_response(not_posted(error, (request.view_args or {})["slug"], Typed.of_the_form().body))
    answer.headers["Retry-After"] = str(wait)
    return answer


@blueprint.errorhandler(CSRFError)
def form_expired(_: CSRFError) -> tuple[str, int]:
    """Return the form as it was typed, with a token of this session."""
    sentence = "It was open for too long, or the browser keeps no cookies for this site. Send it again."
    errors = {"form": [sentence]}
    return discussion((request.view_args or {})["slug"], Typed.of_the_form(), errors, 400)


def not_posted(error: ModerationError, slug: str, body: str) -> tuple[str, int]:
    """Return the page that says why a comment was not taken, with its text to copy."""
    clause = error.clause if isinstance(error, AuthorBlocked) else None
    return (
        render_template(
            "not_posted.html",
            title=error.title,
            detail=str(error),
            blocked=isinstance(error, AuthorBlocked),
            clause=worded(clause) if clause else None,
            until=error.until if isinstance(error, AuthorBlocked) else None,
            body=body,
            slug=slug,
        ),
        error.status,
    )


@blueprint.get("/articles/<slug>/outcomes/<comment_id>")
def outcome(slug: str, comment_id: str) -> View:
    """Show its author what became of a comment; nobody else has the token."""
    try:
        token = outcome_signer().loads(request.args.get("t", ""), max_age=OUTCOME_SHOWN_FOR)
    except BadData:
        token = {}
    if token.get("comment") != comment_id:
        raise NotFound("There is no such page, or it is too old.")
    with tools().database.read() as store:
        site, shown = find_article(store, slug)
        comment = store.comments.get(comment_id)
        decision = store.comments.decision(comment) if comment else None
    if comment is None or comment.article_id != shown.id:
        raise NotFound("There is no such page, or it is too old.")
    reasons = (
        [reason | worded(reason["clause"], reason["sentence"]) for reason in decision.public["reasons"]]
        if decision
        else []
    )
    return render_template(
        "outcome.html",
        site=site,
        article=shown,
        comment=comment,
        reasons=reasons,
        shown=reasons if comment.state in ("rejected", "removed", "held") else [],
        notice=token.get("notice"),
    )


def worded(clause: str, sentence: str = "") -> dict[str, str]:
    """Return title and sentence of a clause; where the policy no longer has it, what was said then."""
    in_force = tools().engine.policy
    try:
        return {
            "title": in_force.clause_title(clause),
            "sentence": sentence or in_force.clause_sentence(clause),
        }
    except KeyError:
        return {"title": "Discussion policy", "sentence": sentence}


def outcome_signer() -> URLSafeTimedSerializer:
    """Return what signs the address of an answer."""
    return URLSafeTimedSerializer(tools().settings.secret_key.get_secret_value(), salt="outcome")
