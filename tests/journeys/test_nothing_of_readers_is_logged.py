"""One journey through every door, and through what goes wrong at each: no log line and no metric has anything of a reader's."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import httpx
import pytest
from gunicorn.config import Config

from moderation.bootstrap.tools import build_tools
from moderation.cli.processes import StructuredLogger
from moderation.engine import Engine
from moderation.errors import ModerationError
from moderation.mail import MailFailed
from moderation.protocols.standard_webhooks import new_secret, sign
from moderation.services import exporting, importing, retaining
from moderation.services.admitting import invite
from moderation.services.delivering import deliver_due
from moderation.services.mailing import send_due
from moderation.services.remembering import erase_author, export_author
from moderation.settings import Settings
from moderation.store.tables import Appeal, Author, Comment
from moderation.store.threads import Threads
from tests.archives import a_post, a_wxr, a_wxr_comment
from tests.journeys.conftest import PASSWORD
from tests.workbench import a_log, rows

NAME, EMAIL, ADDRESS = "Zabel Quillfeather", "zabel@quillfeather.example", "203.0.113.77"
WORD, INSULT = "The plumorchard is theirs.", "You are a pathetic idiot, plumorchard."
MARKS = (
    "zabel",
    "quillfeather",
    "plumorchard",
    "pathetic",
    ADDRESS,
    "scribbled",
    "mariam",
    "paper.example",
    PASSWORD,
)


class Breaks:
    """A detector that fails over one word, with the text in its message."""

    name, version = "breaks", "1"

    def detect(self, text, context):
        if "breaks" in text.original:
            raise ValueError(f"{context.author_name} wrote {text.original}")
        return iter(())


class NoMail:
    """A mail server that refuses."""

    def send(self, to, subject, text, headers):
        raise MailFailed(f"{to} is unknown: {subject} {text}", kind="SMTPRecipientsRefused")


@pytest.fixture
def tools(tools):
    """The service as a process builds it, with a detector that can fail and mail that is refused."""
    built = build_tools(Settings(database_url=tools.database.url))
    built.database.dispose()
    engine = built.engine
    engine = Engine(engine.policy, engine.scorers, [*engine.detectors, Breaks()], engine._on_failure)
    return replace(tools, engine=engine, metrics=built.metrics, mailer=NoMail())


@pytest.fixture
def log(tools) -> Iterator[StringIO]:
    """All that is logged, by us and by every library, down to the finest level."""
    with a_log(logging.DEBUG) as stream:
        logging.getLogger().setLevel(logging.DEBUG)
        yield stream


def test_no_log_line_and_no_metric_has_words_names_or_addresses(paper, log, receiver, monkeypatch, tmp_path):
    receiver.answers = [
        httpx.Response(500, text=WORD),
        httpx.ConnectError(WORD),
        httpx.Response(400, text=NAME),
    ]
    write(paper)
    be_refused(paper, monkeypatch)
    moderate(paper)
    call(paper)
    move(paper, tmp_path)
    for _ in range(3):
        deliver_due(paper.tools)
        send_due(paper.tools)
    leave(paper)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert {line["event"] for line in lines} >= {
        *("answered", "refused", "accident", "detector_failed", "delivery_tried", "mail_tried", "library_log")
    }
    assert {line["status"] for line in lines if line["event"] == "answered"} >= {
        200,
        303,
        400,
        401,
        403,
        404,
        422,
        500,
    }
    assert [line for line in log.getvalue().splitlines() if marks_in(line)] == []
    metrics = paper.reader().get("/metrics")
    assert metrics.status_code == 200
    assert marks_in(metrics.text) == []


def marks_in(text):
    return [mark for mark in MARKS if mark in text.lower()]


def reader(paper):
    """A reader's browser in that network."""
    browser = paper.reader()
    browser.environ_base["REMOTE_ADDR"] = ADDRESS
    browser.environ_base["HTTP_USER_AGENT"] = NAME
    return browser


def write(paper):
    """Comments that are published, held and rejected; an appeal, a report, a link by mail."""
    browser, slug = reader(paper), paper.article.slug
    for body in (WORD, f"{WORD} It breaks.", INSULT):
        assert browser.comment(body, slug, NAME, EMAIL).status_code == 303
    page = browser.page(browser.comment(f"{INSULT} Again.", slug, NAME, EMAIL).location)
    (link,) = [link for link in page.links if link.startswith("/appeals/")]
    assert browser.send(browser.page(link), link, text=f"{NAME} scribbled: {WORD}").status_code == 303
    published = next(one for one in rows(paper.tools.database, Comment) if one.state == "published")
    page = reader(paper).page(f"/comments/{published.id}/report")
    assert reader(paper).send(page, "/report", clause="spam", sentence=f"{NAME} scribbled.").status_code < 500
    page = browser.page("/mine")
    assert browser.send(page, "/mine/link", email=EMAIL).status_code < 400
    assert browser.send(page, "/mine/link", email=f"{NAME} at home").status_code == 422


def be_refused(paper, monkeypatch):
    """Addresses, forms and tokens that are wrong, with words in them; an accident."""
    browser, slug = reader(paper), paper.article.slug
    for address in (
        f"/articles/{WORD}",
        f"/articles/{slug}?after={WORD}",
        f"/mine/open/{EMAIL}",
        f"/appeals/{WORD}",
    ):
        assert 400 <= browser.get(address).status_code < 500, address
    assert browser.comment("", slug, NAME, EMAIL).status_code == 422
    assert browser.comment(WORD, slug, NAME, f"{NAME} at home").status_code == 422
    assert browser.post(f"/articles/{slug}/comments", data={"body": WORD, "name": NAME}).status_code == 400
    elsewhere = {"Origin": f"https://{EMAIL.partition('@')[2]}"}
    assert browser.post(f"/articles/{slug}/comments", data={"body": WORD}, headers=elsewhere).status_code in (
        400,
        403,
    )
    with monkeypatch.context() as broken:
        broken.setattr(Threads, "page", accident)
        assert browser.get(f"/articles/{slug}").status_code == 500
        assert browser.get(f"/api/v1/comments?{WORD}").status_code in (401, 404, 405)


def accident(*_, **__):
    try:
        raise KeyError(EMAIL)
    except KeyError as error:
        raise RuntimeError(f"{NAME} wrote: {WORD}") from error


def moderate(paper):
    """A sign-in that fails, one that succeeds, decisions, notes and blocks with words in them."""
    browser = reader(paper)
    token = invite(paper.tools, "mariam@paper.example", "administrator", "cli")
    page = browser.page(f"/desk/welcome/{token}")
    assert browser.send(page, f"/welcome/{token}", name="Mariam", password=PASSWORD).status_code == 303
    stranger = reader(paper)
    page = stranger.page("/desk/sign-in")
    assert (
        stranger.send(page, "/sign-in", email="mariam@paper.example", password=f"{PASSWORD}!").status_code
        == 401
    )
    held = next(one for one in rows(paper.tools.database, Comment) if one.state == "held")
    page = browser.page(f"/desk/comments/{held.id}")
    answer = browser.act(page, held.id, "reject", clause="spam", note=f"{NAME} scribbled that.")
    assert answer.status_code == 303, answer.text
    (appeal,) = rows(paper.tools.database, Appeal)
    page = browser.page("/desk/appeals")
    sentence = f"{NAME}, this was scribbled."
    assert browser.send(page, f"/appeals/{appeal.id}", verdict="refuse", sentence=sentence).status_code == 303
    assert browser.get(f"/desk/queue?author={EMAIL}").status_code < 500


def call(paper):
    """The doors for programs: right calls, wrong ones, bytes that are no JSON."""
    browser, bearer = reader(paper), {"Authorization": f"Bearer {paper.key}"}
    taken = set()
    article = {"external_id": "post-9", "title": "A story", "slug": "a-story", "summary": "Told."}
    author = {"name": NAME, "email": EMAIL, "external_id": "zabel-1"}
    comment = {"external_id": "zabel-c", "body": INSULT, "author": author}
    for number, (kind, data) in enumerate(
        (
            ("article.published", {"article": article}),
            ("comment.submitted", {"article": {"external_id": "post-9"}, "comment": comment}),
            ("comment.submitted", {"article": {"external_id": WORD}, "comment": comment}),
            ("comment.submitted", {"article": {"external_id": "post-9"}, "comment": comment | {WORD: NAME}}),
        )
    ):
        body = json.dumps({"type": kind, "timestamp": "2026-11-23T12:00:00Z", "data": data}).encode()
        for secret in (paper.site.inbound_secrets[0], new_secret()):
            headers = sign(f"msg_{number}", paper.tools.now(), body, secret)
            given = headers | {"Content-Type": "application/json"}
            answer = browser.post(f"/hooks/standard-webhooks/{paper.site.slug}", data=body, headers=given)
            assert answer.status_code < 500
            if answer.status_code < 300:
                taken.add(kind)
    for address, value in (
        ("/api/v1/check", {"body": INSULT}),
        ("/api/v1/check", {"body": INSULT, WORD: NAME}),
        ("/api/v1/check", {"body": f"{WORD} It breaks."}),
        ("/api/v1/comments", {"article_id": WORD, "body": WORD, "author": {"name": NAME, "email": EMAIL}}),
        ("/api/v1/blocks/check", {"email": EMAIL}),
        (f"/api/v1/{WORD}", {}),
    ):
        answer = browser.post(address, json=value, headers=bearer)
        assert answer.status_code < 500
        if answer.status_code < 300:
            taken.add(address)
        assert (
            browser.post(address, json=value, headers={"Authorization": f"Bearer {NAME}"}).status_code < 500
        )
        wrong = bearer | {"Content-Type": "application/json"}
        assert browser.post(address, data=f"{{{WORD}", headers=wrong).status_code < 500
    asked = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}
    for wanted, status in ((asked, 200), (asked | {"requestedAttributes": {WORD: {}}}, 400)):
        assert browser.post(f"/v1alpha1/comments:analyze?key={paper.key}", json=wanted).status_code == status
    akismet = {
        "blog": f"https://{NAME}/",
        "user_ip": ADDRESS,
        "comment_content": WORD,
        "comment_author_email": EMAIL,
    }
    assert browser.post("/1.1/comment-check", data={"api_key": paper.key} | akismet).status_code < 500
    assert taken == {"article.published", "comment.submitted", "/api/v1/check", "/api/v1/blocks/check"}


def move(paper, folder):
    """An archive in, which breaks, and one out."""
    said = {"content": WORD, "author": NAME, "author_email": EMAIL, "author_IP": ADDRESS}
    archive = a_wxr(folder / "archive.xml", a_post(a_wxr_comment(1, **said), a_wxr_comment(2, content=" ")))
    archive.write_bytes(archive.read_bytes()[:-30] + f"<{NAME}".encode())
    for done in importing.import_archive(
        paper.tools, paper.site, archive, "cli", address="https://paper.example"
    ):
        assert done.site_id == paper.site.id
    exporting.export_site(paper.tools, paper.site, folder / "out.jsonl", "jsonl", "cli")


def leave(paper):
    """Data given out, forgotten in time, and erased."""
    author = next(one for one in rows(paper.tools.database, Author) if one.email == EMAIL)
    export_author(paper.tools, author.id, "cli")
    retaining.forget(paper.tools, "clock")
    erase_author(paper.tools, author.id, "cli")
    with pytest.raises(ModerationError):
        export_author(paper.tools, author.id, "cli")


def test_the_server_s_own_lines_have_no_address_and_no_request(log):
    """gunicorn says of a request that is none who sent it, and of an accident what was asked for."""
    server = StructuredLogger(Config())
    server.warning("Invalid request from ip=%s: %s" % (ADDRESS, NAME))  # noqa: UP031  as gunicorn makes it
    server.warning(f"Invalid request from ip={ADDRESS}: Invalid HTTP request line: 'GET /{WORD}'")
    try:
        raise ValueError(WORD)
    except ValueError:
        server.exception("Error handling request %s", f"/articles/{WORD}")
    events = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["library_log"] * 3
    assert marks_in(log.getvalue()) == []
