"""What holds for every answer: headers, cookies, forms of other sites, bodies that are too large, logs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.bootstrap.engine import build_engine
from moderation.services import Tools
from moderation.settings import Settings
from moderation.web import create_app
from tests.web.conftest import ATTACK, CLEAN, Browser
from tests.web.reading import Page

FORM = {"name": "Ann", "email": "ann@example.com", "body": CLEAN}


@pytest.fixture
def production(tools, newsroom):
    """A browser of the service as it runs in production."""
    strict = Settings(
        environment="production", secret_key="x" * 40, base_url="https://comments.example", trusted_proxies=1
    )
    app = create_app(Tools(**{**vars(tools), "settings": strict}))
    app.test_client_class = Browser
    return app.test_client()


def test_the_application_builds_its_own_tools_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("MODERATION_DATABASE_URL", f"sqlite:///{tmp_path}/own.db")
    app = create_app()
    tools = app.extensions["moderation.tools"]
    assert tools.engine.policy.version == build_engine(Settings()).policy.version
    assert app.test_client().get("/health/live").status_code == 200
    tools.database.dispose()


@pytest.mark.parametrize(
    "address",
    ["/", "/articles/karabakh", "/nowhere", "/desk/sign-in", "/desk/", "/api/v1/blocks", "/static/style.css"],
)
def test_every_answer_carries_the_headers(client, address):
    headers = client.get(address).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert policy["img-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert len(headers["X-Request-Id"]) == 32


def test_production_insists_on_https(production):
    answer = production.get("/articles/karabakh", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-moderation=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_production_takes_comments_behind_a_proxy(production):
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "comments.example",
        "X-Forwarded-For": "192.0.2.7",
    }
    page = Page(production.get("/articles/karabakh", headers=headers, base_url="https://localhost").text)
    form = page.form("/comments")
    answer = production.post(
        form.action,
        data=form.fields | FORM,
        headers=headers | {"Origin": "https://comments.example"},
        base_url="https://localhost",
    )
    assert answer.status_code == 303, answer.text


def test_the_session_cookie_is_kept_from_scripts(client):
    cookie = client.get("/articles/karabakh").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # development has no TLS


def test_pages_are_not_kept_by_caches_and_the_stylesheet_is(client):
    assert client.get("/articles/karabakh").headers["Cache-Control"] == "no-store"
    page = client.page("/")
    style = next(given["href"] for tag, given in page.tags if tag == "link" and given["rel"] == "stylesheet")
    answer = client.get(style)
    assert "max-age=86400" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/css"


def test_a_form_without_its_token_is_refused(client):
    answer = client.post("/articles/karabakh/comments", data=FORM)
    assert answer.status_code == 400
    page = client.read(answer)
    assert "open for too long" in page.text
    assert page.form("/comments").fields["body"] == CLEAN
    assert client.send(page, "/comments").status_code == 303


def test_a_form_with_the_token_of_another_session_is_refused(client, app):
    form = app.test_client().page("/articles/karabakh").form("/comments")
    assert client.post(form.action, data=form.fields | FORM).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_token(client, headers):
    page = client.page("/articles/karabakh")
    form = page.form("/comments")
    answer = client.post(form.action, data=form.fields | FORM, headers=headers)
    assert answer.status_code == 403
    assert CLEAN not in client.page("/articles/karabakh").text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}])
def test_our_own_forms_are_taken(client, headers):
    form = client.page("/articles/karabakh").form("/comments")
    assert client.post(form.action, data=form.fields | FORM, headers=headers).status_code == 303


def test_a_body_that_is_too_large_is_refused_unread(client, newsroom):
    form = client.page("/articles/karabakh").form("/comments")
    assert client.post(form.action, data=form.fields | FORM | {"body": "x" * 300_000}).status_code == 413
    answer = client.post("/api/v1/check", json={"body": "x" * 300_000}, headers=newsroom.bearer)
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    answer = client.post(
        "/hooks/standard-webhooks/paper", data=b"x" * 1_100_000, content_type="application/json"
    )
    assert answer.status_code == 413


def test_a_comment_of_the_greatest_length_fits_whatever_its_letters(client):
    form = client.page("/articles/karabakh").form("/comments")
    answer = client.post(form.action, data=form.fields | FORM | {"body": "😀" * 10_000})
    assert client.insist(answer).status_code == 303


def test_a_method_that_an_address_does_not_take_is_405_and_names_those_it_takes(client, newsroom):
    answer = client.delete("/articles/karabakh")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    answer = client.put("/api/v1/comments", headers=newsroom.bearer)
    assert answer.status_code == 405
    assert answer.json["code"] == "method-not-allowed"
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "address",
    [
        "/articles/%00",
        "/?older=%00",
        "/desk/comments/%00",
        "/desk/?clause=%00",
        "/api/v1/comments/%00",
        "/desk/welcome/%00",
    ],
)
def test_nul_in_an_address_is_refused_before_a_database_sees_it(administrator, newsroom, address):
    assert administrator.get(address, headers=newsroom.bearer).status_code == 400


@pytest.mark.parametrize("field", ["email", "password", "next"])
def test_nul_in_a_form_is_refused_before_a_database_sees_it(client, field):
    page = client.page("/desk/sign-in")
    assert (
        client.send(page, "/sign-in", **{"email": "a@b.example", "password": "x", field: "a\0b"}).status_code
        == 400
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from([*FORM, "parent"]), st.text(max_size=60)))
def test_whatever_is_typed_is_answered_and_never_an_accident(client, typed):
    answer = client.send(client.page("/articles/karabakh"), "/comments", **typed)
    assert answer.status_code in (303, 400, 403, 404, 422)


def test_logs_tell_ids_and_codes_and_no_words_of_readers(client, log):
    client.comment(f"{ATTACK} Zanzibar", name="Quentin", email="quentin@example.com")
    client.comment("", name="Quentin", email="quentin@example.com")
    lines = log.getvalue()
    assert '"event": "answered"' in lines
    for word in ("Zanzibar", "Quentin", "quentin@"):
        assert word not in lines
    assert "127.0.0.1" not in lines


def test_an_accident_tells_nothing_but_its_request(client, app, log, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("secret of a reader")

    monkeypatch.setattr("moderation.web.pages.find_article", fail)
    answer = client.get("/articles/karabakh")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"] in client.read(answer).text
    assert "RuntimeError" in log.getvalue()
    assert "secret of a reader" not in log.getvalue()
