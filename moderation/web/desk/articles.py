"""Articles written at the desk, for papers without a CMS, and their discussions."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import acting, publishing
from moderation.services.publishing import ArticleFields
from moderation.store.tables import Article
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import PAGE, View, blueprint, me, needs
from moderation.web.languages import N_
from moderation.web.toolbox import tools

LABELS = {
    "title": ("title", N_("Headline")),
    "slug": ("slug", N_("Name in the address")),
    "source": ("source", N_("Source")),
    "byline": ("byline", N_("Written by")),
    "url": ("url", N_("Address of the whole article")),
    "published_at": ("published_at", N_("Date")),
    "language": ("language", N_("Language")),
    "summary": ("summary", N_("Summary")),
    "text": ("text", N_("Full text")),
    "people": ("people", N_("People in it")),
    "closes_after_days": ("closes_after_days", N_("Closes by itself after")),
}


@blueprint.get("/articles")
@needs("read")
def articles() -> View:
    """List the articles, newest first."""
    with tools().database.read() as store:
        page = store.articles.page(after=request.args.get("after"), limit=PAGE, elsewhere=True)
        counts = store.threads.counts(article.id for article in page.items)
        sites, now = {site.id: site for site in store.sites.all()}, tools().now()
    discussions = {
        article.id: publishing.discussion_at(sites[article.site_id], article, now) for article in page.items
    }
    return render_template(
        "desk/articles.html", articles=page.items, discussions=discussions, counts=counts, next=page.next
    )


@blueprint.get("/articles/new")
@needs("read")
def new_article() -> View:
    """Show the empty form."""
    return form_of(None, {"language": "en", "published_at": f"{tools().now():%Y-%m-%d}"})


@blueprint.get("/articles/<article_id>")
@needs("read")
def article(article_id: str) -> View:
    """Show an article to be edited, and the state of its discussion."""
    found = the_article(article_id)
    return form_of(found, typed_before(found))


@blueprint.post("/articles")
@needs("edit_articles")
def create_article() -> View:
    """Save a new article."""
    with tools().database.read() as store:
        site = next(iter(store.sites.all()), None)
    if site is None:
        raise NotFound("There is no site yet. Make one with 'moderation serve --seed'.")
    return save(site.id, None)


@blueprint.post("/articles/<article_id>")
@needs("edit_articles")
def save_article(article_id: str) -> View:
    """Save the changes to an article."""
    found = the_article(article_id)
    return save(found.site_id, found)


@blueprint.post("/articles/<article_id>/discussion")
@needs("edit_articles")
def set_discussion(article_id: str) -> View:
    """Open, hold first or close the discussion."""
    publishing.set_discussion(
        tools(), article_id, request.form.get("discussion", ""), me().id, current_request_id()
    )
    flash(gettext("The discussion is changed."))
    return redirect(url_for("desk.article", article_id=article_id), 303)


def the_article(article_id: str) -> Article:
    """Return the article with this id."""
    with tools().database.read() as store:
        found = store.articles.get(article_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("There is no such article.")
    return found


def typed_before(found: Article) -> dict[str, str]:
    """Return the fields of an article as the form shows them."""
    return {
        **{
            name: getattr(found, name)
            for name in ("title", "slug", "source", "byline", "url", "language", "summary", "text")
        },
        "published_at": f"{found.published_at:%Y-%m-%d}",
        "people": "\n".join(found.people),
        "closes_after_days": "" if found.closes_after_days is None else str(found.closes_after_days),
    }


def form_of(
    found: Article | None,
    typed: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> tuple[str, int]:
    """Return the form as typed and what is wrong in it."""
    now, site = tools().now(), None
    if found is not None:
        with tools().database.read() as store:
            site = store.sites.get(found.site_id)
    discussion = publishing.discussion_at(site, found, now) if found and site else "open"
    page = render_template(
        "desk/article.html",
        article=found,
        discussion=discussion,
        actions=acting.actions_on_article(discussion, me()),
        closing=publishing.closes_at(site, found) if found and site else None,
        site_closes_after=site.closes_after_days if site else None,
        typed=typed,
        errors=errors or {},
        labels={name: (field, gettext(label)) for name, (field, label) in LABELS.items()},
    )
    return page, status


def save(site_id: str, found: Article | None) -> View:
    """Save what the form sent, or show it again with what is wrong."""
    form = request.form
    try:
        saved = publishing.save_article(
            tools(),
            site_id,
            fields_of(form, found),
            article_id=found.id if found else None,
            actor=me().id,
            request_id=current_request_id(),
        )
    except Conflict as error:
        return form_of(found, form, {"slug": [str(error)]}, error.status)
    except InvalidInput as error:
        return form_of(found, form, error.fields, error.status)
    flash(gettext("Saved."))
    return redirect(url_for("desk.article", article_id=saved.id), 303)


def fields_of(form: Mapping[str, str], found: Article | None) -> ArticleFields:
    """Return what the form says of an article; a date left as it was keeps its hour."""

    def lines(name: str) -> str | None:
        return form[name].replace("\r\n", "\n").strip() if name in form else None

    date, before = lines("published_at"), f"{found.published_at:%Y-%m-%d}" if found else None
    try:
        published_at = (
            datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC) if date and date != before else None
        )
    except ValueError as error:
        raise InvalidInput(
            "The article could not be saved.", {"published_at": ["Write a date such as 2026-11-23."]}
        ) from error
    people = lines("people")
    return ArticleFields(
        title=lines("title"),
        slug=lines("slug") or None,
        source=lines("source"),
        byline=lines("byline"),
        url=lines("url"),
        summary=lines("summary"),
        text=lines("text"),
        people=tuple(name.strip() for name in people.splitlines() if name.strip())
        if people is not None
        else None,
        language=lines("language") or None,
        published_at=published_at,
        closes_after_days=publishing.days_of(form["closes_after_days"])
        if "closes_after_days" in form
        else None,
    )
