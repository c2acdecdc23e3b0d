"""The rules of Mozilla's HTTP Observatory over every kind of answer, as it is sent in production.

The rules and their points: mdn/mdn-http-observatory, src/grader/charts.js and src/analyzer/tests, read in November
2026; COEP by the note of that name. Left out: what needs a public host (redirection to HTTPS, the preload list) and
subresource integrity, for every script is our own.
"""

from dataclasses import replace

import pytest
from werkzeug.datastructures import Headers

from moderation.settings import Settings
from moderation.web import create_app
from tests.web import test_roles
from tests.web.conftest import Browser
from tests.web.test_roles import MATRIX

addresses = test_roles.addresses
HTTPS = "https://comments.example"
BASE, WANTED = 100, 130
SIX_MONTHS, A_YEAR = 15_768_000, 31_536_000
PRIVATE = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")


def policy_of(headers: Headers) -> dict[str, list[str]]:
    parts = headers.get("Content-Security-Policy", "").split(";")
    return {name: sources for name, *sources in (part.split() for part in parts if part.strip())}


def points_of_policy(headers: Headers) -> int:
    policy = policy_of(headers)
    if not policy:
        return -25
    otherwise = policy.get("default-src", ["*"])
    for kind in ("script-src", "object-src"):
        sources = policy.get(kind, otherwise)
        if {"'unsafe-inline'", "'unsafe-eval'", "data:", "https:", "http:", "*"} & {*sources}:
            return -20
    if any(source.startswith("http:") for name in policy if name.endswith("-src") for source in policy[name]):
        return -20
    if {"'unsafe-inline'", "data:", "https:", "*"} & {*policy.get("style-src", otherwise)}:
        return 0
    closed = policy.get("default-src") == ["'none'"] and policy.get("form-action") in (["'none'"], ["'self'"])
    return 10 if closed else 5


def points_of_cookies(headers: Headers) -> int:
    cookies = [cookie.split("; ") for cookie in headers.getlist("Set-Cookie")]
    if not cookies:
        return 0
    if any("Secure" not in cookie for cookie in cookies):
        return -40
    if any("HttpOnly" not in cookie for cookie in cookies):
        return -30
    strict = all({"SameSite=Lax", "SameSite=Strict"} & {*cookie} for cookie in cookies)
    return 5 if strict else -20


def points_of_sharing(headers: Headers) -> int:
    shared = headers.get("Access-Control-Allow-Origin")
    return -50 if shared and headers.get("Access-Control-Allow-Credentials") == "true" else 0


def points_of_hsts(headers: Headers) -> int:
    said = [part.strip() for part in headers.get("Strict-Transport-Security", "").split(";")]
    seconds = next((int(part[8:]) for part in said if part.startswith("max-age=")), None)
    if seconds is None:
        return -20
    return 0 if seconds >= SIX_MONTHS else -10


def one_of(name: str, otherwise: int, **points: int):
    """Points by the value of a header; one that is not there has none, one that is none of these `otherwise`."""
    by_value = {value.replace("_", "-"): given for value, given in points.items()}

    def count(headers: Headers) -> int:
        value = headers.get(name)
        return 0 if value is None else by_value.get(value, otherwise)

    return count


RULES = {
    "content-security-policy": points_of_policy,
    "cookies": points_of_cookies,
    "cross-origin-resource-sharing": points_of_sharing,
    "strict-transport-security": points_of_hsts,
    "x-frame-options": lambda headers: 5 if policy_of(headers).get("frame-ancestors") else -20,
    "x-content-type-options": lambda headers: 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
    "referrer-policy": one_of("Referrer-Policy", -5, **dict.fromkeys(PRIVATE, 5)),
    "resource-policy": one_of(
        "Cross-Origin-Resource-Policy", -5, same_origin=10, same_site=10, cross_origin=0
    ),
    "opener-policy": one_of("Cross-Origin-Opener-Policy", -5, same_origin=10, same_origin_allow_popups=5),
    "embedder-policy": one_of("Cross-Origin-Embedder-Policy", -5, require_corp=10, credentialless=10),
}


def judged(headers: Headers) -> tuple[int, list[str]]:
    """The score, and the lines that count against it."""
    points = {name: rule(headers) for name, rule in RULES.items()}
    return BASE + sum(points.values()), [f"{name} {given}" for name, given in points.items() if given < 0]


@pytest.fixture
def app(tools):
    """The application as it runs in production; `signed_in` and the rest follow it over HTTPS."""
    strict = Settings(environment="production", secret_key="x" * 40, base_url=HTTPS, live_streams=0)

    class OverHttps(Browser):
        def open(self, *args, **options):
            return super().open(*args, **{"base_url": HTTPS} | options)

    app = create_app(replace(tools, settings=strict))
    app.test_client_class = OverHttps
    return app


@pytest.fixture
def answers(app, administrator, newsroom, addresses):
    """The headers of every page, file and answer that can be asked for: of a guest, a moderator, a site's system."""
    guest, headers = app.test_client(), {}
    for method, endpoint in sorted(MATRIX):
        if method == "GET":
            for who in (guest, administrator) if endpoint.startswith("desk.") else (guest,):
                answer = who.get(addresses[endpoint], headers=newsroom.bearer if who is guest else {})
                headers[f"{endpoint} {who is guest} {answer.status_code}"] = answer.headers
    frame = guest.get("/embed/thread", query_string={"article": "karabakh"})
    assert frame.status_code == 200
    refused = guest.post("/articles/karabakh/comments", data={})
    chosen = guest.get("/", query_string={"lang": "hy"})
    unread = guest.post("/api/v1/comments", data="{", headers=newsroom.bearer)
    nowhere = guest.get("/nowhere/at/all")
    return headers | {
        "frame": frame.headers,
        "refused form": refused.headers,
        "refused call": unread.headers,
        "nowhere": nowhere.headers,
        "language": chosen.headers,
    }


def test_every_answer_in_production_has_130_points_and_none_against_it(answers):
    """And insists on HTTPS for a year, says who may frame it, and is loaded by others only where it is made for them."""
    assert len(answers) > 100
    wrong = {
        name: found for name, headers in answers.items() if (found := judged(headers))[0] < WANTED or found[1]
    }
    assert wrong == {}
    lasting = f"max-age={A_YEAR}; includeSubDomains"
    assert {headers["Strict-Transport-Security"] for headers in answers.values()} == {lasting}
    for name, headers in answers.items():
        policy = policy_of(headers)
        assert policy["default-src"] == ["'none'"], name
        assert {"frame-ancestors", "form-action", "base-uri"} <= policy.keys(), name
        written = headers.get("Content-Type", "")
        assert not written.startswith("text/") or "charset=utf-8" in written, name
    cookies = {
        cookie.partition("=")[0] for headers in answers.values() for cookie in headers.getlist("Set-Cookie")
    }
    assert cookies == {"__Host-moderation", "__Host-language"}
    resource = "Cross-Origin-Resource-Policy"
    shared = {name.split(" ")[0] for name, headers in answers.items() if headers[resource] != "same-origin"}
    assert {"embed.script", "frame"} <= shared
    assert all(name == "frame" or name.startswith(("embed.", "feeds.")) for name in shared)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Content-Security-Policy", None),
        ("Content-Security-Policy", "default-src 'self'; script-src 'unsafe-inline'; frame-ancestors 'none'"),
        ("Content-Security-Policy", "default-src 'none'; form-action 'self'"),
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src http://cdn.example; frame-ancestors 'none'",
        ),
        ("Set-Cookie", "__Host-moderation=x; HttpOnly; Path=/; SameSite=Lax"),
        ("Set-Cookie", "__Host-moderation=x; Secure; Path=/; SameSite=Lax"),
        ("Set-Cookie", "__Host-moderation=x; Secure; HttpOnly; Path=/; SameSite=None"),
        ("Strict-Transport-Security", None),
        ("Strict-Transport-Security", "max-age=86400"),
        ("X-Content-Type-Options", None),
        ("Referrer-Policy", "unsafe-url"),
        ("Cross-Origin-Resource-Policy", "anybody"),
    ],
)
def test_the_scorer_counts_what_is_wrong_against_an_answer(client, header, value):
    weakened = Headers(client.get("/").headers)
    assert judged(weakened)[1] == []
    weakened.pop(header, None)
    if value is not None:
        weakened.set(header, value)
    assert judged(weakened)[1] != []
