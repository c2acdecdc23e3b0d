"""No secret stands in a log line, among the figures, on a page about an error or in what is printed of the settings."""

import json
import re
from dataclasses import replace

import httpx
import jwt
import pyotp
import pytest

from moderation import worker
from moderation.errors import ModerationError
from moderation.mail import mailer_for
from moderation.protocols import standard_webhooks
from moderation.safe_http import SafeClient
from moderation.services import Tools, admitting, signing_on
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics
from moderation.web import create_app
from tests.builders import an_api_key, an_endpoint, digest_of, stored
from tests.web.conftest import ATTACK, CLEAN, PASSWORD, Browser
from tests.workbench import log_settings_kept

MARK = "hush"
SECRET_KEY = f"{MARK}-secret-key-of-thirty-two-characters"
SMTP = f"smtp+plain://{MARK}-user:{MARK}-password@127.0.0.1:1"
SIGN_ON_SECRET = f"{MARK}-sign-on-secret-of-thirty-two-bytes"
KEY = f"mk_{MARK}"
ADDRESSES = [name for name in Settings.model_fields if name.endswith("_url")]


@pytest.fixture
def settings():
    return Settings(
        secret_key=SECRET_KEY,
        smtp_url=SMTP,
        posting_limit="1000 per minute",
        sign_in_limit="1000 per minute",
        live_streams=0,
    )


def fails(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"cannot reach {request.url}")


@pytest.fixture
def tools(database, engine, clock, settings) -> Tools:
    return Tools(
        settings=settings,
        database=database,
        engine=engine,
        http=SafeClient(False, httpx.MockTransport(fails), lambda host, port: ["93.184.215.14"]),
        mailer=mailer_for(SMTP, "comments@paper.example"),
        metrics=Metrics(),
        now=clock,
    )


@pytest.fixture
def secrets(newsroom, tools):
    """What the site's systems sign with, with one endpoint whose address holds a token."""
    inbound, outbound = standard_webhooks.new_secret(), standard_webhooks.new_secret()
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).inbound_secrets = [inbound]
        endpoint = an_endpoint(
            newsroom.site, url=f"https://hooks.example/?token={MARK}-token", secret=outbound
        )
        stored(store, endpoint, an_api_key(newsroom.site, digest=digest_of(KEY), scopes=[]))
    signing_on.set_key(tools, newsroom.site.id, "k1", "cli", secret=SIGN_ON_SECRET)
    return [inbound, outbound]


class Once:
    """One round of the worker."""

    def __init__(self):
        self.over = False

    def is_set(self):
        return self.over

    def wait(self, _timeout=None):
        self.over = True
        return True

    def set(self):
        self.over = True


@pytest.fixture
def journey(app, client, tools, clock, newsroom, secrets, monkeypatch):
    """Readers, moderators and systems use what is secret, rightly and wrongly; what was said to them on errors."""
    used, said = [MARK, PASSWORD, *secrets, *(secret.removeprefix("whsec_") for secret in secrets)], []

    def tell(answer):
        if answer.status_code >= 400:
            said.append(answer.text)
        return answer

    # A moderator: invitation, password, second factor, recovery code, session.
    link = admitting.invite(tools, "mo@paper.example", "administrator", "cli")
    browser = app.test_client()
    tell(client.get("/desk/welcome/none"))
    browser.send(browser.page(f"/desk/welcome/{link}"), link, name="Mo", password=PASSWORD)
    browser.send(browser.page("/desk/account/second-factor"), "/second-factor", password=PASSWORD)
    page = browser.page("/desk/account/second-factor")
    totp = pyotp.TOTP(re.search(r'class="one-time">([A-Z2-7 ]+)<', page.html)[1].replace(" ", ""))
    paper = browser.read(browser.send(page, "/confirm", code=totp.at(clock())))
    codes = re.findall(r"<code>([^<]+)</code>", paper.html)
    clock.advance(minutes=5)
    for password, code in (
        (f"{MARK} is wrong", ""),
        (PASSWORD, "000000"),
        (PASSWORD, codes[0] if codes else ""),
    ):
        tell(
            browser.send(
                browser.page("/desk/sign-in"), "/sign-in", email="mo@paper.example", password=password
            )
        )
        if code:
            tell(browser.send(browser.page("/desk/sign-in/code"), "/code", code=code))
    used += [link, totp.secret, *codes, browser.get_cookie("moderation").value]

    # A site's systems: keys, signatures, tokens.
    call = {"article": {"slug": "karabakh"}, "body": CLEAN, "author": {"name": "Ann"}}
    for key in (KEY, f"{KEY}x"):
        tell(client.post("/api/v1/comments", json=call, headers={"Authorization": f"Bearer {key}"}))
        tell(client.post(f"/v1alpha1/comments:analyze?key={key}", json={"comment": {"text": CLEAN}}))
    body = json.dumps({"type": "comment.submitted", "data": {}}).encode()
    for secret in (secrets[0], standard_webhooks.new_secret()):
        headers = standard_webhooks.sign("m1", clock(), body, secret)
        tell(client.post("/hooks/standard-webhooks/paper", data=body, headers=headers))
        used.append(headers["webhook-signature"].removeprefix("v1,"))
    token = jwt.encode({"user": {"id": "1"}}, SIGN_ON_SECRET, headers={"kid": "k1"})
    used.append(token)
    tell(client.post("/sso", data={"site": "paper", "token": token}))

    # Readers, mail and news that cannot be sent, and accidents.
    client.comment(CLEAN)
    tell(client.comment(ATTACK, name="Bedros", email="bedros@example.com"))
    worker.run(tools, Once())

    def accident(*_, **__):
        raise RuntimeError(f"{MARK}: {tools.settings!r} {vars(tools.mailer)}")

    monkeypatch.setattr("moderation.web.pages.find_article", accident)
    tell(client.get("/articles/karabakh"))
    monkeypatch.setattr("moderation.web.pages.discussion", accident)
    client.post(f"/articles/{MARK}/comments", data={"body": CLEAN})  # where the handler itself breaks
    tell(client.get("/nowhere/at/all"))
    said.extend(client.get(address).text for address in ("/metrics", "/health/live", "/health/ready"))
    assert len(said) > 12
    assert len(codes) == 10
    return used, said


def test_no_secret_is_logged_counted_or_told(journey, log):
    used, said = journey
    lines = log.getvalue()
    events = {json.loads(line)["event"] for line in lines.splitlines()}
    assert {"answered", "refused", "accident", "delivery_tried"} <= events
    assert [secret for secret in used if secret in lines] == []
    assert [secret for secret in used if secret in "".join(said)] == []


def test_a_database_that_is_away_tells_neither_its_address_nor_its_password(tools, log):
    away = Database(f"postgresql+psycopg://{MARK}-user:{MARK}-password@127.0.0.1:1/{MARK}?connect_timeout=1")
    app = create_app(replace(tools, database=away))
    app.test_client_class = Browser
    client = app.test_client()
    answers = [client.get(address) for address in ("/", "/health/ready", "/articles/karabakh")]
    assert {answer.status_code for answer in answers} == {503}
    assert not [answer for answer in answers if MARK in answer.text]
    assert MARK not in log.getvalue()
    with pytest.raises(ModerationError) as refused, away.read() as store:
        store.sites.all()
    assert MARK not in str(refused.value) + repr(refused.value.private)
    away.dispose()


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address",
    [
        f"scheme://user:{MARK}@host.example/name",
        f"scheme://:{MARK}@host.example:1/0",
        f"scheme://user:p@{MARK}@host.example/name",
        f"scheme://host.example/name?user=u&password={MARK}",
        f"scheme://u:{MARK}@host.example/name?sslpassword={MARK}",
    ],
)
def test_of_an_address_among_the_settings_no_password_is_shown(monkeypatch, capsys, name, address):
    shown = {"base_url": "https", "redis_url": "redis"}.get(name, "scheme")
    monkeypatch.setenv(f"MODERATION_{name.upper()}", address.replace("scheme", shown))
    monkeypatch.setattr("sys.argv", ["moderation", "settings"])
    from moderation.cli import main  # noqa: PLC0415

    with log_settings_kept(), pytest.raises(SystemExit):
        main()
        raise SystemExit
    printed = capsys.readouterr()
    assert MARK not in printed.out + printed.err
    if name == "redis_url" and "?" in address:  # a password may stand before the host alone
        assert "MODERATION_REDIS_URL" in printed.err
        return
    assert "host.example" in printed.out
    assert MARK not in repr(Settings())


def test_the_secret_key_is_printed_nowhere(monkeypatch):
    monkeypatch.setenv("MODERATION_SECRET_KEY", SECRET_KEY)
    assert MARK not in repr(Settings()) + str(Settings())


@pytest.mark.parametrize("secret", ["development-secret-not-for-production", "short", ""])
def test_production_refuses_the_secret_of_development(secret):
    with pytest.raises(ValueError, match="SECRET_KEY"):
        Settings(environment="production", secret_key=secret)
    with pytest.raises(ValueError, match="SECRET_KEY"):
        Settings(environment="production")
