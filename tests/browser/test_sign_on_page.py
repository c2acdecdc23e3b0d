"""Single sign-on in a browser: the token comes in a fragment or a form, and stays in no address."""

import time

import jwt
import pytest

from moderation.services import utc_now
from moderation.store.tables import SignOnKey
from moderation.store.unit_of_work import Database

pytestmark = pytest.mark.browser
SECRET = "a secret of thirty-two bytes or more"


@pytest.fixture(scope="module")
def key(service):
    """A key of the seeded site."""
    with Database(service.database).begin() as store:
        site = store.sites.get_by_slug("asbarez")
        key = SignOnKey(site_id=site.id, kid="k1", algorithm="HS256", secret=SECRET, created_at=utc_now())
        assert store.readers.add_key(key)


@pytest.fixture
def token(key):
    now = int(time.time())
    user = {"id": "user-1", "username": "Zabel", "email": "zabel@example.com"}
    claims = {"user": user, "jti": f"t{time.monotonic_ns()}", "iat": now, "exp": now + 120, "aud": "asbarez"}
    return jwt.encode(claims, SECRET, headers={"kid": "k1"})


def test_a_token_in_the_fragment_signs_on_and_is_in_no_address_afterwards(
    visitor, service, token, complaints
):
    page = visitor(script=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/sso/asbarez?next={service.article.removeprefix(service.base)}#token={token}")
    page.wait_for_selector("#sign-on button:visible")
    assert token not in page.url
    with page.expect_navigation():
        page.click("#sign-on button")
    assert page.url == service.article
    assert "You write as Zabel" in page.inner_text("#comment-form")
    assert page.evaluate("document.cookie") == ""  # no script can read the session
    assert not [address for address in asked if token.split(".")[1] in address.split("#")[0]]
    page.fill("#body", "I see it otherwise, and here is why.")
    with page.expect_navigation():
        page.click("#comment-form .buttons button")
    assert page.inner_text("h1") == "Your comment is published"
    assert complaints == []


def test_without_a_token_or_a_script_the_page_says_what_to_do(visitor, key, complaints):
    for script in (True, False):
        page = visitor(script=script)
        page.goto("/sso/asbarez")
        assert "comment as a guest" in page.inner_text("main")
        assert not page.is_visible("#sign-on button")
    assert complaints == []
