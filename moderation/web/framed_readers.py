"""Who writes in a frame on another site: the page hands its reader's token in, and a signed pass stands for a session.

Browsers keep no cookies for such a frame. The site's token is used up once; the pass that it is exchanged for says who
the reader is for as long as a session would, and is kept by the page around the frame, which had the token too.
"""

from apiflask import APIBlueprint
from flask import redirect, request, url_for
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from moderation.errors import ModerationError, NotSignedIn
from moderation.services import signing_on
from moderation.services.checking import Writer
from moderation.store.tables import Author
from moderation.telemetry import current_request_id
from moderation.web import readers
from moderation.web.sign_on import find_site
from moderation.web.toolbox import tools
from moderation.web.wording import said

blueprint = APIBlueprint("framed_readers", __name__, enable_openapi=False)

FIELD = "pass"
_OVER = "Your sign-in is over. Load the page again and send your comment then; copy it first."


@blueprint.post("/embed/sites/<site_slug>/reader")
def exchange(site_slug: str) -> tuple[dict[str, str], int]:
    """Return the pass of the reader whom the site's token names, and the name he writes under; or why there is none."""
    try:
        author = signing_on.sign_on(
            tools(), find_site(site_slug).id, request.form.get("token", ""), current_request_id()
        )
    except ModerationError as error:  # for the script in the frame, which shows the sentence
        return {"detail": said(str(error))}, error.status
    signed = _signer().dumps(readers.signed_in_now(author))
    return {FIELD: signed, "name": author.name}, 200


@blueprint.post("/embed/mine")
def open_mine() -> Response:
    """Begin a session by a pass, in a window of its own where browsers keep it, and show what its reader wrote."""
    readers.begin(_author_of_the_form())
    return redirect(url_for("mine.mine"), 303)


def writer(site_id: str) -> Writer | None:
    """Return who hands in a form that carries a pass, or None where it carries none.

    Raises:
        NotSignedIn: the pass does not hold here any more; who was signed on must not write as a guest unawares.
    """
    if FIELD not in request.form:
        return None
    author = _author_of_the_form()
    if author.site_id != site_id:
        raise NotSignedIn(_OVER)
    return Writer(author.name, author.email, author.external_id, proven=True, address=request.remote_addr)


def _author_of_the_form() -> Author:
    try:
        author = readers.known(_signer().loads(request.form.get(FIELD, "")))
    except BadData:
        author = None
    if author is None or author.external_id is None:
        raise NotSignedIn(_OVER)
    return author


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(tools().settings.secret_key.get_secret_value(), salt="framed-reader")
