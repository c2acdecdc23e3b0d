"""What holds for any bytes: each function takes some and raises where its promise is broken."""

import json
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from moderation.bootstrap.tools import build_tools
from moderation.engine.text import Text, fold
from moderation.errors import BadSignature, ModerationError
from moderation.protocols import akismet, coral, openai, perspective, plain_text, protocols, strict_json
from moderation.protocols.archives import disqus, json_lines, wxr
from moderation.protocols.archives.types import Broken
from moderation.settings import Settings
from moderation.web import create_app
from tests.archives import HEAD, TAIL, a_wxr_comment

Promise = Callable[[bytes], None]
NOW = datetime(2026, 11, 23, 12, 50, tzinfo=UTC)
NOBODYS = ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX" + secrets.token_hex(16)]  # no input can be signed with it
INSIDES = ("Traceback", "site-packages", 'File "', "sqlalchemy", "sqlite3.")
KINDS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=b",
)
ARCHIVES = (wxr.read, disqus.read, json_lines.read)
READERS = (
    *(protocol.read for protocol in protocols().values()),
    lambda body: akismet.read(body, b""),
    lambda body: akismet.read(b"", body, "application/x-www-form-urlencoded", "host", "agent"),
    perspective.read_analyze,
    perspective.read_suggestion,
    openai.read,
    coral.read,
    strict_json.parse,
)


def folding(data: bytes) -> None:
    """Folding twice is folding once, and every word leads back into what was typed."""
    typed = data.decode("utf-8", "ignore")
    once = fold(typed)
    assert fold(once) == once
    text = Text(typed)
    for _, start, end in text.words:
        span = text.original_span(start, end)
        assert 0 <= span.start <= span.end <= len(typed)
    for start, end in text.sentences:
        assert 0 <= start <= end <= len(text.folded)


def messages(data: bytes) -> None:
    """What any protocol cannot read it refuses with a reason."""
    for read in READERS:
        with suppress(ModerationError, perspective.PerspectiveError, openai.OpenAIError, HTTPException):
            read(data)


def archives(data: bytes) -> None:
    """An archive is read as far as it goes, or refused with a reason."""
    with suppress(ModerationError, Broken):
        for _ in ARCHIVES[data[0] % len(ARCHIVES) if data else 0](BytesIO(data[1:])):
            pass


def markup(data: bytes) -> None:
    """Foreign HTML becomes text, which never grows, and text of text is text."""
    typed = data.decode("utf-8", "ignore")
    assert len(plain_text.text_of(typed)) <= 2 * len(typed) + 2


def signatures(data: bytes) -> None:
    """Without the secret no headers sign anything."""
    lines, _, body = data.partition(b"\n\n")
    given = [line.partition(b":") for line in lines.split(b"\n")]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, _, value in given}
    for name, protocol in protocols().items():
        try:
            protocol.verify(headers, body, NOBODYS, NOW, f"/hooks/{name}/paper")
        except BadSignature:
            continue
        raise AssertionError(f"{name} accepted what nobody signed")


@cache
def browser() -> tuple[FlaskClient, list[tuple[str, str]]]:
    """The application on an empty database with its seed, and every way into it: method and address."""
    from moderation.services.seeding import seed  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="moderation-fuzz-"))
    often = "1000000 per second"
    tools = build_tools(
        Settings(
            database_url=f"sqlite:///{folder}/moderation.db",
            live_streams=0,
            **dict.fromkeys(("posting_limit", "checking_limit", "sign_in_limit", "api_limit"), often),
        )
    )
    tools.database.upgrade()
    seed(tools)
    app = create_app(tools)
    ways = [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "desk.stream"
    ]
    return app.test_client(), sorted(ways)


def answers(data: bytes) -> None:
    """Whatever is asked of any address, the answer is no accident and tells nothing of our insides."""
    client, ways = browser()
    head, _, body = data.partition(b"\n")
    method, rule = ways[(head[0] * 256 + head[-1]) % len(ways) if head else 0]
    named = quote(head[1:-1], safe="") or "x"
    address = "/".join(named if part.startswith("<") else part for part in rule.split("/"))
    answer = client.open(
        address,
        method=method,
        query_string=quote(body[:200], safe="=&"),
        data=body,
        content_type=KINDS[len(body) % len(KINDS)],
        headers={"Authorization": f"Bearer {named}"},
    )
    assert answer.status_code < 500, (method, address, answer.status_code)
    if not rule.startswith(("/static", "/openapi", "/docs")):
        assert not [word for word in INSIDES if word in answer.text], (method, address)
    answer.close()


PROMISES: dict[str, Promise] = {
    "folding": folding,
    "messages": messages,
    "archives": archives,
    "markup": markup,
    "signatures": signatures,
    "answers": answers,
}
COMMENT = {"external_id": "c-1", "body": "I agree.", "author": {"name": "Ann"}}
MESSAGE = {
    "type": "comment.submitted",
    "timestamp": "2026-11-23T12:50:00Z",
    "data": {"article": {"external_id": "p"}, "comment": COMMENT},
}
SEEDS: dict[str, list[bytes]] = {
    "folding": [
        "You a\u0301re s.t.u.p.i.d, 1d10t\u200b!".encode(),
        "Դու ապուշ ես։ ｆｕｌｌ".encode(),
        b"f*ck $h1t a55",
    ],
    "messages": [
        json.dumps(MESSAGE).encode(),
        b'{"comment":{"text":"x"},"requestedAttributes":{"TOXICITY":{}}}',
        b"blog=https%3A%2F%2Fa.example&comment_content=x",
        b'{"input":["a"]}',
    ],
    "archives": [
        b"\0" + f"{HEAD}<item>{a_wxr_comment(1)}</item>{TAIL}".encode(),
        b"\x02" + b'{"archive":1}\n{}',
    ],
    "markup": [b"<p>a <b>b</b> &lt;script&gt; <!-- x --><a href='x'>c</a>"],
    "signatures": [
        b"webhook-id:m\nwebhook-timestamp:1700000000\nwebhook-signature:v1,aaaa\n\n{}",
        b"X-Ghost-Signature:sha256=aa, t=1700000000000\n\n{}",
    ],
    "answers": [b"akarabakhb\nbody=x&name=Ann", b'zpaperq\n{"body": "x"}'],
}
