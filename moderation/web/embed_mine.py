"""In the frame, a reader whom the site has signed on: the token becomes a pass; what he wrote is changed, withdrawn.

The pass comes with every request of the frame's script, in a header (`web/readers.py`); no cookie counts here.
"""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.errors import AuthorBlocked, Conflict, Forbidden, InvalidInput, NotSignedIn
from moderation.services import amending, signing_on
from moderation.store.tables import Article, Author, Site
from moderation.telemetry import current_request_id
from moderation.web import embed, mine, readers
from moderation.web.embed import blueprint
from moderation.web.sign_on import find_site
from moderation.web.toolbox import tools
from moderation.web.wording import said

__all__ = ["blueprint"]  # the frame's own, with the routes below


@blueprint.post("/embed/sites/<site_slug>/sign-on")
def sign_on(site_slug: str) -> tuple[dict[str, str], int]:
    """Return the pass of the reader whom a site's token names, for the script in the frame, or why there is none."""
    site = find_site(site_slug)
    try:
        author = signing_on.sign_on(tools(), site.id, request.form["token"], current_request_id())
    except (NotSignedIn, InvalidInput) as error:
        fields = error.fields.values() if isinstance(error, InvalidInput) else ()
        sentences = [str(error), *(sentence for found in fields for sentence in found)]
        return {"detail": " ".join(map(said, sentences))}, error.status
    return {"pass": readers.pass_for(author)}, 200


@blueprint.get("/embed/articles/<article_id>/mine")
def list_mine(article_id: str) -> str:
    """Show in the frame what the reader wrote, with what may be done with it now."""
    site, shown, author = find(article_id)
    page = mine.own(author, request.args.get("after"))
    changed = next((own for own in page.items if own.comment.id == request.args.get("changed")), None)
    return render_template(
        "embed/mine.html",
        site=site,
        article=shown,
        author=author,
        shown=page.items,
        next=page.next,
        changed=changed.comment.state if changed else "",
        minutes=tools().engine.policy.limits.edit_minutes,
        token_for=token_for,
        **embed.of_the_frame(site),
    )


@blueprint.get("/embed/articles/<article_id>/mine/<comment_id>")
def edit_page(article_id: str, comment_id: str) -> Any:
    """Show the form in which a comment is changed."""
    site, shown, author = find(article_id)
    with tools().database.read() as store:
        comment = store.comments.get(comment_id)
    if comment is None or comment.author_id != author.id:
        return redirect(url_for("embed.list_mine", article_id=article_id), 303)
    return form(site, shown, comment_id, comment.body)


@blueprint.post("/embed/articles/<article_id>/mine/<comment_id>")
def edit(article_id: str, comment_id: str) -> Any:
    """Change a comment; it is decided anew, and the list says what became of it."""
    site, shown, author = find(article_id)
    body = request.form.get("body", "").replace("\r\n", "\n")
    if embed.token_of_the_form({"comment": comment_id}) is None:
        return form(site, shown, comment_id, body, {"form": [embed.EXPIRED]}), 400
    try:
        amending.edit_comment(tools(), author.id, comment_id, body, current_request_id())
    except InvalidInput as error:
        return form(site, shown, comment_id, body, error.fields or {"body": [str(error)]}), error.status
    except (Forbidden, Conflict, AuthorBlocked) as error:
        return form(site, shown, comment_id, body, {"body": [str(error)]}), error.status
    return redirect(url_for("embed.list_mine", article_id=article_id, changed=comment_id), 303)


@blueprint.post("/embed/articles/<article_id>/mine/<comment_id>/withdraw")
def withdraw(article_id: str, comment_id: str) -> Any:
    """Take a comment back."""
    site, shown, author = find(article_id)
    if embed.token_of_the_form({"comment": comment_id}) is None:
        return form(site, shown, comment_id, "", {"form": [embed.EXPIRED]}), 400
    amending.withdraw_comment(tools(), author.id, comment_id, current_request_id())
    return redirect(url_for("embed.list_mine", article_id=article_id, changed=comment_id), 303)


def find(article_id: str) -> tuple[Site, Article, Author]:
    """Return the article under which the frame stands, its site, and who is reading; NotSignedIn for a guest."""
    with tools().database.read() as store:
        site, shown = embed.find(store, article_id)
    author = readers.reader_of(site.id)
    if author is None:
        raise NotSignedIn(embed.SIGNED_OFF)
    return site, shown, author


def form(
    site: Site, shown: Article, comment_id: str, body: str, errors: dict[str, list[str]] | None = None
) -> str:
    """Return the form with what was typed."""
    return render_template(
        "embed/edit.html",
        site=site,
        article=shown,
        comment_id=comment_id,
        body=body,
        errors=errors or {},
        labels={"body": ("body", gettext("Comment")), "form": ("errors", gettext("The form"))},
        longest=tools().engine.policy.limits.longest_comment,
        token_for=token_for,
        **embed.of_the_frame(site),
    )


def token_for(comment_id: str) -> str:
    """Return what is signed into a form that changes this comment."""
    return embed.signer().dumps({"comment": comment_id})
