"""The discussion of an article in a frame on the site's own page: the script, the frame, the form inside it.

Browsers keep no cookies for a frame of another site, so nothing here needs one. A form carries a token that we
signed, for one article and a few hours; and a browser tells of every form which page sent it, so that one sent by
any page but our own frame is refused before (see `refuse_other_sites`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIBlueprint
from flask import (
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from flask_limiter import RateLimitExceeded
from itsdangerous import BadData, URLSafeTimedSerializer

from moderation.errors import AuthorBlocked, InvalidInput, ModerationError, NotFound, NotSignedIn, Reconsider
from moderation.services import publishing, rewording, submitting
from moderation.services.checking import check_fields
from moderation.services.publishing import ArticleFields, discussion_at, external_id_of_page
from moderation.store.tables import Article, Site
from moderation.store.threads import Order
from moderation.store.unit_of_work import Store
from moderation.telemetry import current_request_id
from moderation.web import discussions, languages, limiting, pages, readers
from moderation.web.discussions import ANY, FIELDS, LABELS, Asked, PageLinks, Typed, answering
from moderation.web.feeds import kept_a_while
from moderation.web.pages import QUOTED_FOR
from moderation.web.rewording import facts, is_for_script, token_sent
from moderation.web.toolbox import tools
from moderation.web.wording import penalty_said, worded

# Of APIFlask, which looks at every blueprint that has a before_request; it describes nothing of this one.
blueprint = APIBlueprint("embed", __name__, enable_openapi=False)

FORM_LASTS = 12 * 3600  # seconds; a reader may come back to a page in the evening
CARRIED = ("origin", "theme")  # what the page on the site's side said, kept on every address in the frame
EXPIRED = "The form was open for too long. Your text is still here: send it again."
SIGNED_OFF = "Your sign-in on this page is over. Load the page again, or write as a guest."
THEMES = ("light", "dark")
_LONGEST_URL, _LONGEST_TITLE = 2000, 500
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)


@blueprint.before_request
def ask_for_the_token() -> None:
    """Refuse a form that is none of ours before anything else is looked at; see who is reading."""
    needed = "token" if request.endpoint == "embed.sign_on" else "csrf_token"
    if request.method == "POST" and needed not in request.form:
        raise InvalidInput("The form has no token. Open the page and send it again.", status=400)
    g.signed_off = not readers.know_by_pass()


@blueprint.get("/embed.js")
def script() -> Response:
    """Return the script that a site's page loads."""
    text = Path(current_app.static_folder or "", "embed.js").read_bytes()
    answer = Response(text, content_type="text/javascript; charset=utf-8")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    kept_a_while(answer)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@blueprint.get("/embed/thread")
def arrive() -> tuple[str, int]:
    """Show the discussion of the article that the page names, or of the page itself."""
    with tools().database.read() as store:
        site, known = discussions.find_named(store, request.args.get("site"), request.args)
    shown = known or newcomer(site, request.args)
    return frame(site, shown, Typed())


@blueprint.get("/embed/articles/<article_id>")
def article(article_id: str) -> tuple[str, int]:
    """Show another part of a discussion, or the form for a reply."""
    with tools().database.read() as store:
        site, shown = find(store, article_id)
    return frame(site, shown, Typed(parent=request.args.get("reply-to", "")))


@blueprint.get("/embed/articles/<article_id>/threads/<top_id>")
def thread(article_id: str, top_id: str) -> tuple[str, int]:
    """Show a comment with all its replies, page after page."""
    after, before, aimed = (request.args.get(name) for name in ("after", "before", "around"))
    with tools().database.read() as store:
        site, shown = find(store, article_id)
        found = discussions.find_thread(store, shown, top_id, after, before, aimed)
    allow(site)
    page = render_template(
        "embed/thread.html",
        site=site,
        article=shown,
        thread=found,
        aimed=aimed or "",
        discussion=discussion_at(site, shown, tools().now()),
        links=FrameLinks(article_id),
        **of_the_frame(site),
    )
    return page, 200


@blueprint.post("/embed/articles/<article_id>/comments")
def post_comment(article_id: str) -> Any:
    """Hand in a comment from the frame."""
    with tools().database.read() as store:
        site, shown = find(store, article_id)
    return post(site, shown, {"article": article_id})


@blueprint.post("/embed/sites/<site_slug>/comments")
def post_first_comment(site_slug: str) -> Any:
    """Hand in the first comment on a page that is not known yet: with it, its article is set up."""
    with tools().database.read() as store:
        site, known = discussions.find_named(store, site_slug, request.args)
    shown = known or newcomer(site, request.args)
    return post(site, shown, {"site": site.id, "url": request.args.get("url", "")}, set_up=known is None)


def post(site: Site, shown: Article, bound_to: Mapping[str, str], *, set_up: bool = False) -> Any:
    """Return the way to what became of the comment, or the form with what is wrong in it."""
    typed = Typed.of_the_form()
    token = token_of_the_form(bound_to)
    if token is None:
        return frame(site, shown, typed, {"form": [EXPIRED]}, 400)
    if g.signed_off:
        return frame(site, shown, typed, {"form": [SIGNED_OFF]}, NotSignedIn.status)
    if unknown := sorted(set(request.form) - FIELDS):
        wrong = f"The form has no field {unknown[0][:40]!r}. Send it as it stands here."
        return frame(site, shown, typed, {"form": [wrong]}, 422)
    checked = token_sent()
    try:
        if set_up:
            check_fields(new_comment(site, shown, typed), tools().engine.policy.limits.longest_comment)
            shown = save_newcomer(site, shown, str(token.get("title", "")))
        outcome = submitting.submit_comment(
            tools(),
            new_comment(site, shown, typed),
            ask_first=rewording.must_ask(tools(), shown.id, typed.body, checked),
        )
    except InvalidInput as error:
        return frame(site, shown, typed, error.fields or {"body": [str(error)]}, error.status)
    except Reconsider as error:  # it would be refused: said once before it is sent
        advice = rewording.advice_on(
            tools(), site.id, shown.id, typed.body, error.decision, checked, halted=True
        )
        return frame(site, shown, typed, None, error.status, advised(advice, typed.body))
    except ModerationError as error:  # blocked, closed, or what was to be answered is gone: the text is kept
        g.refusing_block = error.block_id if isinstance(error, AuthorBlocked) else None
        return frame(site, shown, typed, {"form": [str(error)]}, error.status)
    if not outcome.repeated:
        rewording.count_sent(tools(), site.id, shown.id, typed.body, checked, outcome.status)
    posted = pages.outcome_signer().dumps({"comment": outcome.comment.id, "notice": outcome.notice})
    return redirect(url_for("embed.article", article_id=shown.id, posted=posted) + "#posted", 303)


@blueprint.post("/embed/articles/<article_id>/check")
def check(article_id: str) -> Any:
    """Tell which words of a text break which sentence of the policy, under the form in the frame."""
    typed = Typed.of_the_form()
    with tools().database.read() as store:
        site, shown = find(store, article_id)
    if token_of_the_form({"article": article_id}) is None:
        return ("", 400) if is_for_script() else frame(site, shown, typed, {"form": [EXPIRED]}, 400)
    try:
        advice = rewording.advise(
            tools(), site.id, shown.id, typed.body, typed.parent or None, typed.name, token_sent()
        )
    except ModerationError as error:
        if is_for_script():
            return "", error.status
        fields = error.fields if isinstance(error, InvalidInput) else {}
        return frame(site, shown, typed, fields or {"body": [str(error)]}, error.status)
    if is_for_script():
        return render_template("check_panel.html", **facts(advice, typed.body))
    return frame(site, shown, typed, advice=advised(advice, typed.body))


def advised(advice: rewording.Advice, body: str) -> dict[str, Any]:
    """Return what the check says, for the form that stands in the frame."""
    return {"advised": True, "asked": True, **facts(advice, body)}


def token_of_the_form(bound_to: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what we signed with the form, or None where it was for something else, or too long ago."""
    try:
        token = signer().loads(request.form.get("csrf_token", ""), max_age=FORM_LASTS)
    except BadData:
        return None
    return token if {name: token.get(name) for name in bound_to} == bound_to else None


def new_comment(site: Site, shown: Article, typed: Typed) -> submitting.NewComment:
    """Return what the form hands in."""
    return submitting.NewComment(
        site_id=site.id,
        article_id=shown.id,
        body=typed.body,
        writer=readers.writer(site.id, typed.name, typed.email),
        parent_id=typed.parent or None,
        source="embed",
        request_id=current_request_id(),
        notify=typed.notify,
        page_language=languages.language(),
        network=limiting.network_key(),
    )


def find(store: Store, article_id: str) -> tuple[Site, Article]:
    """Return an article and its site, which may show it from now on."""
    shown = store.articles.get(article_id)
    site = store.sites.get(shown.site_id) if shown else None
    if shown is None or site is None or not shown.has_page:
        raise NotFound("There is no such article.")
    languages.of_site(site)
    allow(site)
    return site, shown


def newcomer(site: Site, asked: Mapping[str, str]) -> Article:
    """Return an article that is not stored yet, for a page of the site; NotFound where the site wants none set up."""
    allow(site)
    url = asked.get("url", "").partition("#")[0]
    if not site.sets_up_articles or not 0 < len(url) <= _LONGEST_URL or not of_the_site(site, url):
        raise NotFound(
            gettext("There is no discussion of this page yet. The site has not told us of the article.")
        )
    title = " ".join(asked.get("title", "").split())[:_LONGEST_TITLE]
    now = tools().now()
    return Article(
        site_id=site.id,
        external_id=external_id_of_page(url),
        slug="",
        title=title or url,
        url=url,
        language=site.language,
        published_at=now,
        updated_at=now,
    )


def of_the_site(site: Site, url: str) -> bool:
    """Return whether an address belongs to a registered origin of the site."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}".lower() in site.origins


def save_newcomer(site: Site, shown: Article, title: str) -> Article:
    """Return the article of a page, stored; `title` is the one that was signed with the form."""
    try:
        return publishing.save_article(
            tools(),
            site.id,
            ArticleFields(title=title or shown.url, url=shown.url, language=site.language),
            external_id=shown.external_id,
            actor="embed",
            request_id=current_request_id(),
        )
    except InvalidInput:  # a headline with signs that no headline has: the address says enough
        return publishing.save_article(
            tools(),
            site.id,
            ArticleFields(title=urlsplit(shown.url).path.strip("/") or shown.url, url=shown.url),
            external_id=shown.external_id,
            actor="embed",
            request_id=current_request_id(),
        )


def frame(
    site: Site,
    shown: Article,
    typed: Typed,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
    advice: Mapping[str, Any] | None = None,
) -> tuple[str, int]:
    """Return the frame with a part of the discussion, the form as typed, and what the check before posting says."""
    allow(site)
    known = bool(shown.slug)
    with tools().database.read() as store:
        parent = discussions.find_parent(store, shown, typed.parent)
        part = discussions.part_of(store, site, shown, Asked() if errors else Asked.of_the_address())
        posted = what_became(store, shown)
    bound_to = {"article": shown.id} if known else {"site": site.id, "url": shown.url, "title": shown.title}
    action = (
        url_for("embed.post_comment", article_id=shown.id)
        if known
        else url_for("embed.post_first_comment", site_slug=site.slug, url=shown.url)
    )
    page = render_template(
        "embed/discussion.html",
        site=site,
        article=shown,
        **{field.name: getattr(part, field.name) for field in fields(part)},
        links=FrameLinks(shown.id, known=known),
        action=action,
        form_token=signer().dumps(bound_to),
        check=url_for("embed.check", article_id=shown.id) if known else "",
        **(advice or {}),
        parent=parent,
        typed=typed,
        posted=posted,
        errors=errors or {},
        labels=LABELS,
        policy=tools().engine.policy,
        **of_the_frame(site),
    )
    return page, status


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the comment that was just sent."""

    state: str
    body: str
    reasons: list[dict[str, Any]]
    notice: dict[str, str] | None
    address: str


def what_became(store: Store, shown: Article) -> Posted | None:
    """Return what became of the comment whose answer the address carries, or None."""
    signed = request.args.get("posted", "")
    try:
        token = pages.outcome_signer().loads(signed, max_age=QUOTED_FOR) if signed else {}
    except BadData:
        token = {}
    comment = store.comments.get(token["comment"]) if token.get("comment") else None
    if comment is None or comment.article_id != shown.id:
        return None
    decision = store.comments.decision(comment)
    reasons = [
        reason | worded(reason["clause"], reason["sentence"])
        for reason in (decision.public["reasons"] if decision else [])
    ]
    return Posted(
        comment.state,
        comment.body,
        reasons if comment.state != "published" else [],
        penalty_said(token["notice"]) if token.get("notice") else None,
        url_for("pages.outcome", slug=shown.slug, comment_id=comment.id, t=signed),
    )


def of_the_frame(site: Site) -> dict[str, Any]:
    """Return what the outermost part of the frame needs: the origin it talks to, the theme, that it is one."""
    origin, theme = request.args.get("origin", ""), request.args.get("theme", "")
    return {
        "framed": True,
        "embedder": origin if origin in site.origins else "",
        "theme": theme if theme in THEMES else "",
        "sign_on": url_for("embed.sign_on", site_slug=site.slug),
    }


class FrameLinks(PageLinks):
    """Where the parts of a discussion lead inside the frame; a comment's own address leads out of it."""

    def __init__(self, article_id: str, *, known: bool = True) -> None:
        self._article, self._known = article_id, known
        self._permalink = url_for("pages.comment", comment_id=ANY)
        self._reply = url_for("embed.article", article_id=article_id, **answering(ANY)) + "#comment-form"

    def write(self) -> str:
        """Return where a comment that answers none is written."""
        return url_for("embed.article", article_id=self._article) + "#comment-form"

    def mine(self) -> str:
        """Return where a reader finds what he wrote; nowhere yet on a page whose article is not known."""
        return url_for("embed.list_mine", article_id=self._article) if self._known else ""

    def page(self, order: Order, **place: Any) -> str:
        """Return where the comments go on from a place."""
        chosen: dict[str, Any] = {} if order == "newest" else {"order": order}
        return url_for("embed.article", article_id=self._article, **chosen, **place) + "#comments"

    def thread(self, top_id: str, **place: Any) -> str:
        """Return where a thread goes on from a place."""
        return url_for("embed.thread", article_id=self._article, top_id=top_id, **place) + "#comments"


@blueprint.url_defaults
def carry(endpoint: str, values: dict[str, Any]) -> None:
    """Carry on what the page outside said, on every address inside the frame."""
    if endpoint.startswith("embed."):
        for name in CARRIED:
            if value := request.args.get(name):
                values.setdefault(name, value)


def allow(site: Site) -> None:
    """Let the pages of this site, and no others, show the answer in a frame."""
    g.frame_ancestors = site.origins


@blueprint.after_request
def name_the_ancestors(answer: Response) -> Response:
    """Say which pages may show the frame: those of the site's registered origins, or none."""
    ancestors = " ".join(g.get("frame_ancestors", ())) or "'none'"
    answer.headers["Content-Security-Policy"] = _POLICY.format(ancestors)
    answer.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    return answer


@blueprint.errorhandler(RateLimitExceeded)
def too_fast(_: RateLimitExceeded) -> Response:
    """Return 429 with the seconds to wait; the form keeps the text."""
    wait = limiting.seconds_to_wait()
    sentence = gettext(
        "You write faster than we take comments. Wait %(wait)s seconds, then send it again.", wait=wait
    )
    if request.endpoint == "embed.sign_on":
        return make_response({"detail": sentence}, 429)
    named = request.view_args or {}
    try:
        with tools().database.read() as store:
            if "article_id" in named:
                site, shown = find(store, named["article_id"])
            else:
                site, known = discussions.find_named(store, named["site_slug"], request.args)
                shown = known or newcomer(site, request.args)
    except ModerationError as error:  # Flask asks nobody about what a handler raises
        return make_response(nothing(error))
    answer = make_response(frame(site, shown, Typed.of_the_form(), {"form": [sentence]}, 429))
    answer.headers["Retry-After"] = str(wait)
    return answer


@blueprint.errorhandler(ModerationError)
def nothing(error: ModerationError) -> tuple[str, int]:
    """Say in the frame why there is nothing in it."""
    origin = request.args.get("origin", "")
    embedder = origin if origin in g.get("frame_ancestors", ()) else ""
    page = render_template("embed/nothing.html", detail=str(error), embedder=embedder, theme="")
    return page, error.status


def signer() -> URLSafeTimedSerializer:
    """Return what signs the form inside a frame."""
    return URLSafeTimedSerializer(tools().settings.secret_key.get_secret_value(), salt="embed-form")
