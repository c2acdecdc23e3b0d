"""Reports by readers: a page with the rules of the policy to choose from."""

import secrets
from collections.abc import Mapping

from flask import Blueprint, make_response, render_template, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from moderation.errors import InvalidInput, NotFound
from moderation.services import reporting
from moderation.services.reporting import Receipt, Reporter
from moderation.telemetry import current_request_id
from moderation.web import cookies, languages, readers
from moderation.web.limiting import network_key
from moderation.web.toolbox import tools
from moderation.web.wording import said, worded

blueprint = Blueprint("reports", __name__)
View = str | Response | tuple[str, int]
COOKIE, KEPT_FOR = "reporter", 365 * 24 * 3600


@blueprint.get("/comments/<comment_id>/report")
def form(comment_id: str) -> View:
    """Show the comment and the form."""
    return shown(comment_id, {})


@blueprint.post("/comments/<comment_id>/report")
def send(comment_id: str) -> View:
    """Take a report; the browser keeps a random id, by which it is known not to report twice."""
    browser = browser_id() or secrets.token_hex(16)
    author = readers.current()
    reporter = Reporter(browser, author.id if author else None, network_key())
    typed = request.form
    sentence = typed.get("sentence", "").replace("\r\n", "\n")
    try:
        receipt = reporting.report(
            tools(), comment_id, typed.get("clause", ""), reporter, sentence, current_request_id()
        )
    except InvalidInput as error:
        return shown(comment_id, typed, error.fields), error.status
    answer = make_response(shown(comment_id, {}, receipt=receipt))
    cookies.keep(answer, COOKIE, signer().dumps(browser), KEPT_FOR)
    return answer


def shown(
    comment_id: str,
    typed: Mapping[str, str],
    errors: Mapping[str, list[str]] | None = None,
    receipt: Receipt | None = None,
) -> str:
    """Return the page: the comment with the form, or with what became of the report."""
    policy = tools().engine.policy
    with tools().database.read() as store:
        comment = store.comments.get(comment_id)
        article = store.articles.get(comment.article_id) if comment else None
        author = store.people.get(comment.author_id) if comment else None
        site = store.sites.get(comment.site_id) if comment else None
    if comment is None or comment.state != "published" or article is None or not article.has_page:
        raise NotFound("There is no such comment, or it no longer shows.")
    languages.of_site(site)
    rules = [
        (clause.id, worded(clause.id)["title"])
        for clause in sorted(policy.clauses.values(), key=lambda clause: -clause.severity)
    ]
    return render_template(
        "report.html",
        site=site,
        article=article,
        comment=comment,
        author=author,
        rules=rules,
        typed=typed,
        errors={name: [said(one) for one in sentences] for name, sentences in (errors or {}).items()},
        receipt=receipt,
        longest=policy.reports.longest,
    )


def browser_id() -> str:
    """Return the random id in the browser's cookie; "" where there is none of ours."""
    try:
        return str(signer().loads(cookies.kept(COOKIE) or ""))
    except BadData:
        return ""


def signer() -> URLSafeSerializer:
    """Return what signs the cookie."""
    return URLSafeSerializer(tools().settings.secret_key.get_secret_value(), salt="reporter")
