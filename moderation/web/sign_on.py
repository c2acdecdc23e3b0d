"""Single sign-on: a site's token becomes a reader's session. The token comes in the body of a form, never in an address."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import Forbidden, NotFound
from moderation.services import signing_on
from moderation.store.tables import Site
from moderation.telemetry import current_request_id
from moderation.web import readers
from moderation.web.languages import of_site
from moderation.web.toolbox import tools

blueprint = Blueprint("sign_on", __name__)


@blueprint.get("/sso/<site>")
def page(site: str) -> str:
    """Take the token from the fragment of the address, which no server sees, and offer to sign in with it."""
    return render_template(
        "sign_on.html", site=find_site(site), next=place_to_return(request.args.get("next"))
    )


@blueprint.post("/sso")
def sign_on() -> Response:
    """Sign a reader in by a token; a form of the site's own pages, or of the page above, may send it."""
    form = request.form
    site = find_site(form.get("site", ""))
    refuse_strangers(site)
    author = signing_on.sign_on(tools(), site.id, form.get("token", ""), current_request_id())
    readers.begin(author)
    return redirect(place_to_return(form.get("next")), 303)


def find_site(slug: str) -> Site:
    """Return the site of this name, in whose language the page is."""
    with tools().database.read() as store:
        site = store.sites.get_by_slug(slug)
    if site is None:
        raise NotFound("There is no such site.")
    of_site(site)
    return site


def refuse_strangers(site: Site) -> None:
    """Refuse a form of any other page: it could sign a reader in as somebody else, who then reads what he writes."""
    origin = request.headers.get("Origin")
    ours = (request.host_url.rstrip("/"), tools().settings.base_url.rstrip("/"))
    if origin not in (*ours, *site.origins):
        raise Forbidden(
            "The sign-in came from a page that is not the site's. Register the page's origin for this site."
        )


def place_to_return(asked: str | None) -> str:
    """Return the page here that was asked for, or one's own comments: never an address elsewhere."""
    if (
        asked
        and asked.startswith("/")
        and not asked.startswith("//")
        and "\\" not in asked
        and asked.isprintable()
    ):
        return asked
    return url_for("mine.mine")
