"""My comments: a link by mail or single sign-on opens what one wrote; it is changed, withdrawn, taken away, erased."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from moderation.errors import AuthorBlocked, Conflict, Forbidden, InvalidInput, NotSignedIn
from moderation.services import amending, confirming, linking, notifying, remembering
from moderation.store.paging import Page
from moderation.store.tables import Article, Author, Comment, Site
from moderation.store.unit_of_work import Store
from moderation.telemetry import current_request_id
from moderation.web import readers
from moderation.web.languages import language, of_site
from moderation.web.limiting import network_key
from moderation.web.toolbox import tools
from moderation.web.wording import said, worded

blueprint = Blueprint("mine", __name__)

View = str | Response | tuple[str, int]
PAGE = 20


@dataclass(frozen=True, slots=True)
class Mine:
    """A comment as its author sees it: state, reasons in the words of the policy, and what may be done with it now."""

    comment: Comment
    article: Article
    reasons: list[dict[str, Any]]
    marks: list[dict[str, Any]]
    actions: tuple[str, ...]
    lapsed: bool  # withdrawn by the clock: its address was not confirmed in time


@blueprint.get("/mine")
def mine() -> View:
    """Show what the reader wrote, or ask for the address to send a link to."""
    author = readers.current()
    if author is None:
        return ask_page()
    with tools().database.read() as store:
        of_site(site := store.sites.get(author.site_id))
    page = own(author, request.args.get("after"))
    minutes = tools().engine.policy.limits.edit_minutes
    return render_template(
        "mine/list.html", site=site, author=author, shown=page.items, next=page.next, minutes=minutes
    )


def own(author: Author, after: str | None) -> Page[Mine]:
    """Return a page of what a reader wrote, newest first, as he sees it."""
    now, limits = tools().now(), tools().engine.policy.limits
    with tools().database.read() as store:
        page = store.comments.own(author.id, after=after, limit=PAGE)
    shown = []
    for comment, decision, article in page.items:
        public = decision.public["reasons"] if decision else []
        reasons = [reason | worded(reason["clause"], reason["sentence"]) for reason in public]
        telling = reasons if comment.state in ("held", "rejected", "removed") else []
        actions = amending.open_to_author(comment, decision, limits, now)
        lapsed = decision is not None and confirming.has_lapsed(comment, decision)
        shown.append(Mine(comment, article, telling, telling, actions, lapsed))
    return Page(shown, page.next)


def ask_page(email: str = "", errors: dict[str, list[str]] | None = None, sent: bool = False) -> str:
    """Return the page that asks for an address."""
    with tools().database.read() as store:
        site = find_site(store)
    of_site(site)
    return render_template(
        "mine/ask.html",
        site=site,
        email=email,
        errors=errors or {},
        sent=sent,
        labels={"email": ("email", gettext("E-mail"))},
    )


def find_site(store: Store) -> Site | None:
    """Return the site that is named, or the oldest."""
    named = request.values.get("site", "")
    return (store.sites.get_by_slug(named) if named else None) or next(iter(store.sites.all()), None)


@blueprint.post("/mine/link")
def ask() -> View:
    """Send a link, if the address has written here; the answer is the same if it has not."""
    email = request.form.get("email", "")
    with tools().database.read() as store:
        site = find_site(store)
    try:
        linking.ask_for_link(tools(), site.id if site else "", email.strip(), language(), network_key())
    except InvalidInput as error:
        return ask_page(email, {name: [*map(said, found)] for name, found in error.fields.items()}), 422
    return ask_page(sent=True)


@blueprint.get("/mine/open/<token>")
def open_page(token: str) -> View:
    """Show the button that uses the link: a mail program that looks at it beforehand must not use it up."""
    linking.read_link(tools(), token)
    return render_template("mine/open.html", token=token)


@blueprint.post("/mine/open/<token>")
def open_link(token: str) -> View:
    """Use the link: the address is confirmed, and the reader known."""
    author = confirming.open_link(tools(), token, current_request_id())
    readers.begin(author)
    return redirect(url_for("mine.mine"), 303)


@blueprint.post("/mine/sign-out")
def sign_out() -> View:
    """End the reader's sessions, here and elsewhere."""
    author = readers.current()
    if author is not None:
        with tools().database.begin() as store:
            store.readers.end_sessions(author.id)
    readers.end()
    flash(gettext("You are signed out."))
    return redirect(url_for("mine.mine"), 303)


@blueprint.get("/mine/comments/<comment_id>")
def edit_page(comment_id: str) -> View:
    """Show the form in which a comment is changed."""
    with tools().database.read() as store:
        comment = store.comments.get(comment_id)
    author = readers.need()
    if comment is None or comment.author_id != author.id:
        return redirect(url_for("mine.mine"), 303)
    return form(comment_id, comment.body)


def form(comment_id: str, body: str, errors: dict[str, list[str]] | None = None) -> str:
    """Return the form with what was typed."""
    limits = tools().engine.policy.limits
    return render_template(
        "mine/edit.html",
        comment_id=comment_id,
        body=body,
        errors=errors or {},
        labels={"body": ("body", gettext("Comment"))},
        limits=limits,
    )


@blueprint.post("/mine/comments/<comment_id>")
def edit(comment_id: str) -> View:
    """Change a comment; it is decided anew, and the page says what became of it."""
    author, body = readers.need(), request.form.get("body", "").replace("\r\n", "\n")
    try:
        outcome = amending.edit_comment(tools(), author.id, comment_id, body, current_request_id())
    except InvalidInput as error:
        found = error.fields or {"body": [str(error)]}
        return form(comment_id, body, {name: [*map(said, why)] for name, why in found.items()}), error.status
    except (Forbidden, Conflict, AuthorBlocked) as error:
        return form(comment_id, body, {"body": [said(str(error))]}), error.status
    flash(
        {
            "published": gettext("Your changed comment is published."),
            "held": gettext("Your changed comment does not show yet; the reason stands beside it."),
            "rejected": gettext("Your changed comment was not permitted; the reason stands beside it."),
        }[outcome.status]
    )
    return redirect(url_for("mine.mine"), 303)


@blueprint.post("/mine/comments/<comment_id>/withdraw")
def withdraw(comment_id: str) -> View:
    """Take a comment back."""
    amending.withdraw_comment(tools(), readers.need().id, comment_id, current_request_id())
    flash(gettext("You withdrew the comment. Replies to it stay."))
    return redirect(url_for("mine.mine"), 303)


@blueprint.post("/mine/export")
def export() -> View:
    """Give out all that is kept of the reader, as one file of JSON."""
    author = readers.need()
    given = remembering.export_author(tools(), author.id, f"author:{author.id}", current_request_id())
    answer = make_response(given)
    answer.headers["Content-Disposition"] = 'attachment; filename="my-comments.json"'
    return answer


@blueprint.get("/mine/erase")
def erase_page() -> View:
    """Ask once more."""
    readers.need()
    return render_template("mine/erase.html", errors={}, labels={})


@blueprint.post("/mine/erase")
def erase() -> View:
    """Erase the reader for good, if that was said twice."""
    author = readers.need()
    if request.form.get("sure") != "yes":
        errors = {"sure": [gettext("Tick the box if you are sure.")]}
        labels = {"sure": ("sure", gettext("Erase me"))}
        return render_template("mine/erase.html", errors=errors, labels=labels), 422
    remembering.erase_author(tools(), author.id, f"author:{author.id}", current_request_id())
    readers.end()
    flash(gettext("You are erased: your name, your address and every word you wrote here."))
    return redirect(url_for("mine.mine"), 303)


@blueprint.errorhandler(NotSignedIn)
def session_over(_: NotSignedIn) -> View:
    """Ask for the address again where the session is over."""
    return ask_page(), 401


@blueprint.get("/unsubscribe/<token>")
def unsubscribe_page(token: str) -> View:
    """Ask whether to be told of replies no more: a mail program that looks at the link must not decide that."""
    notifying.read_unsubscribe_link(tools(), token)
    return render_template("mine/unsubscribe.html", token=token, done=False)


@blueprint.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> View:
    """Tell of replies no more: the button of the page, or one click in a mail program (RFC 8058)."""
    notifying.unsubscribe(tools(), token, current_request_id())
    return render_template("mine/unsubscribe.html", token=token, done=True)
