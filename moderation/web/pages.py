"""What readers see: the articles, one discussion, the form, the answer to a comment, the policy."""

from collections.abc import Mapping
from dataclasses import fields

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
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
from moderation.services import confirming, rewording, submitting
from moderation.services.publishing import discussion_at
from moderation.store.tables import NO_PERSONS, PUBLISHED
from moderation.telemetry import current_request_id
from moderation.web import languages, limiting, readers
from moderation.web.discussions import (
    FIELDS,
    LABELS,
    Asked,
    PageLinks,
    Typed,
    find_article,
    find_named,
    find_parent,
    find_thread,
    part_of,
)
from moderation.web.problems import from_service
from moderation.web.toolbox import tools
from moderation.web.wording import penalty_said, worded

blueprint = Blueprint("pages", __name__)

View = str | Response | tuple[str, int]
ARTICLES = 30
# Seconds for which the page of an answer quotes its author; it says for ever what became of the comment.
QUOTED_FOR = 30 * 24 * 3600


@blueprint.get("/")
def home() -> View:
    """List the articles under discussion, newest first."""
    with tools().database.read() as store:
        sites = store.sites.all()
        languages.of_site(sites[0] if sites else None)
        page = store.articles.page(after=request.args.get("older"), limit=ARTICLES)
        counts = store.threads.counts(article.id for article in page.items)
        by_id, now = {site.id: site for site in sites}, tools().now()
        closed = {
            article.id
            for article in page.items
            if discussion_at(by_id[article.site_id], article, now) == "closed"
        }
    return render_template(
        "home.html",
        closed=closed,
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
    languages.of_site(site)
    other = "en" if languages.language() == "hy" else "hy"
    return render_template("policy.html", site=site, policy=in_force, clauses=clauses, other_language=other)


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


@blueprint.get("/articles")
def find() -> View:
    """Lead to the discussion of a page or of an article, for links from a site's own pages."""
    with tools().database.read() as store:
        _, known = find_named(store, request.args.get("site"), request.args)
    if known is None:
        raise NotFound("There is no discussion of this page yet.")
    return redirect(url_for("pages.article", slug=known.slug))


@blueprint.get("/articles/<slug>")
def article(slug: str) -> View:
    """Show an article, its policy, its comments and the form."""
    if (around := request.args.get("around")) and (reply := place_of_reply(slug, around)) is not None:
        return reply
    return discussion(slug, Typed(parent=request.args.get("reply-to", "")))


@blueprint.get("/articles/<slug>/threads/<top_id>")
def thread(slug: str, top_id: str) -> View:
    """Show a comment with all its replies, page after page."""
    after, before, aimed = (request.args.get(name) for name in ("after", "before", "around"))
    with tools().database.read() as store:
        site, shown = find_article(store, slug)
        found = find_thread(store, shown, top_id, after, before, aimed)
    return render_template(
        "thread.html",
        site=site,
        article=shown,
        thread=found,
        aimed=aimed or "",
        discussion=discussion_at(site, shown, tools().now()),
        links=PageLinks(slug),
    )


@blueprint.get("/comments/<comment_id>")
def comment(comment_id: str) -> View:
    """Lead to a comment in its place: the address that every comment keeps."""
    with tools().database.read() as store:
        found = store.comments.get(comment_id)
        shown = store.articles.get(found.article_id) if found else None
    if found is None or shown is None or not shown.has_page or found.state != PUBLISHED:
        raise NotFound("The comment is not there, or no longer.")
    place = PageLinks(shown.slug)
    return redirect(place.in_thread(found) if found.top_id else place.in_discussion(found))


def place_of_reply(slug: str, comment_id: str) -> Response | None:
    """Return the way to a reply in its thread, or None for what is no reply shown under the article."""
    with tools().database.read() as store:
        _, shown = find_article(store, slug)
        found = store.comments.get(comment_id)
    if found is None or not found.top_id or found.article_id != shown.id or found.state != PUBLISHED:
        return None
    return redirect(PageLinks(slug).in_thread(found))


def discussion(
    slug: str, typed: Typed, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> tuple[str, int]:
    """Return the page of an article with the form as typed and what is wrong in it."""
    with tools().database.read() as store:
        site, shown = find_article(store, slug)
        parent = find_parent(store, shown, typed.parent)
        part = part_of(store, site, shown, Asked() if errors else Asked.of_the_address())
    return (
        render_template(
            "article.html",
            site=site,
            article=shown,
            **{field.name: getattr(part, field.name) for field in fields(part)},
            links=PageLinks(slug),
            parent=parent,
            typed=typed,
            errors=errors or {},
            labels=LABELS,
            policy=tools().engine.policy,
        ),
        status,
    )


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
    checked = request.form.get("checked", "")
    try:
        outcome = submitting.submit_comment(
            tools(),
            submitting.NewComment(
                site_id=site.id,
                article_id=shown.id,
                body=typed.body,
                writer=readers.writer(site.id, typed.name, typed.email),
                parent_id=typed.parent or None,
                source="form",
                request_id=current_request_id(),
                notify=typed.notify,
                page_language=languages.language(),
                network=limiting.network_key(),
            ),
            ask_first=rewording.must_ask(tools(), shown.id, typed.body, checked),
        )
    except InvalidInput as error:
        return discussion(slug, typed, error.fields or {"body": [str(error)]}, error.status)
    except (
        AuthorBlocked,
        ArticleClosed,
        NotFound,
    ) as error:  # not found: the comment that was to be answered
        return not_posted(error, slug, typed.body)
    if not outcome.repeated:
        rewording.count_sent(tools(), site.id, shown.id, typed.body, checked, outcome.status)
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
def form_expired(_: CSRFError) -> tuple[str, int] | Response:
    """Return the form as it was typed, with a token of this session."""
    sentence = "It was open for too long, or the browser keeps no cookies for this site. Send it again."
    errors = {"form": [sentence]}
    try:
        return discussion((request.view_args or {})["slug"], Typed.of_the_form(), errors, 400)
    except ModerationError as refusal:  # Flask asks nobody about what a handler raises
        return from_service(refusal)


def not_posted(error: ModerationError, slug: str, body: str) -> tuple[str, int]:
    """Return the page that says why a comment was not taken, with its text to copy."""
    clause = error.clause if isinstance(error, AuthorBlocked) else None
    return (
        render_template(
            "not_posted.html",
            title=error.title,
            detail=str(error),
            blocked=isinstance(error, AuthorBlocked),
            block_id=error.block_id if isinstance(error, AuthorBlocked) else None,
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
    sent, quoted = request.args.get("t", ""), True
    try:
        try:
            token = outcome_signer().loads(sent, max_age=QUOTED_FOR)
        except SignatureExpired:
            token, quoted = outcome_signer().loads(sent), False
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
        lapsed=decision is not None and confirming.has_lapsed(comment, decision),
        by_a_moderator=decision is not None and decision.made_by not in NO_PERSONS,
        decided_at=decision.decided_at if decision else None,
        quoted=quoted,
        notice=penalty_said(token["notice"]) if token.get("notice") else None,
    )


def outcome_signer() -> URLSafeTimedSerializer:
    """Return what signs the address of an answer."""
    return URLSafeTimedSerializer(tools().settings.secret_key.get_secret_value(), salt="outcome")
