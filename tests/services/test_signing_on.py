"""A site says who its reader is by a token that is short-lived, for this site, signed as agreed, and used once."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from moderation.errors import AuthorBlocked, InvalidInput, NotFound, NotSignedIn
from moderation.services.penalising import block_author
from moderation.services.signing_on import revoke_key, set_key, sign_on
from moderation.services.submitting import Writer
from moderation.store.tables import AuditEvent, Author, Moderator, SignOnKey, SpentToken
from tests.builders import a_moderator, a_site, stored
from tests.services.test_at_once import TOGETHER, at_once
from tests.workbench import everything, rows

SECRET = "a secret of thirty-two bytes or more"
USER = {"id": "user-1", "email": "zabel@example.com", "username": "Zabel"}


@pytest.fixture(scope="session")
def pair():
    """An RSA key and its public half in PEM."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    public = private.public_key().public_bytes(serialization.Encoding.PEM, spki)
    return private, public.decode()


@pytest.fixture
def key(tools, newsroom):
    """Set a key of the paper."""

    def key(kid="k1", **given) -> SignOnKey:
        return set_key(tools, newsroom.site.id, kid, "cli", **{"secret": SECRET} | given)

    return key


@pytest.fixture
def claims(clock):
    """The claims of a good token, but for what is changed; None leaves one out."""

    def claims(**changes):
        now = int(clock().timestamp())
        given = {"user": USER, "jti": "t1", "iat": now, "exp": now + 60, "aud": "paper", "iss": "asbarez"}
        return {name: value for name, value in (given | changes).items() if value is not None}

    return claims


@pytest.fixture
def signed(claims):
    """A token as the site's page carries it."""

    def signed(secret=SECRET, kid="k1", algorithm="HS256", **changes) -> str:
        return jwt.encode(
            claims(**changes), secret, algorithm=algorithm, headers={"kid": kid} if kid else None
        )

    return signed


@pytest.fixture
def enter(tools, newsroom):
    return lambda token: sign_on(tools, newsroom.site.id, token)


def test_a_token_makes_a_reader_whom_the_site_knows(tools, key, signed, enter, submit):
    key()
    author = enter(signed())
    assert (author.external_id, author.name, author.email, author.role) == (
        "user-1",
        "Zabel",
        "zabel@example.com",
        "reader",
    )
    comment = submit(writer=Writer("Zabel", None, "user-1", proven=True)).comment
    assert comment.author_id == author.id
    (event,) = [e for e in rows(tools.database, AuditEvent) if e.action == "author.signed_in"]
    assert "zabel" not in json.dumps([event.detail, event.subject, event.actor]).lower()


def test_a_later_token_brings_the_reader_up_to_date(tools, key, signed, enter):
    key()
    first = enter(signed())
    again = enter(signed(jti="t2", user=USER | {"username": "Zabel Q.", "email": None}))
    assert (again.id, again.name, again.email) == (first.id, "Zabel Q.", "zabel@example.com")
    assert len(rows(tools.database, Author)) == 1


def test_a_token_works_once(tools, key, signed, enter):
    key()
    enter(signed())
    before = everything(tools.database)
    with pytest.raises(NotSignedIn, match="used before"):
        enter(signed(exp=int(tools.now().timestamp()) + 90))
    assert everything(tools.database) == before


def test_of_many_with_one_token_at_once_one_enters(tools, key, signed, enter):
    key()
    came = at_once(lambda _: enter(signed()))
    assert [isinstance(one, NotSignedIn) for one in came].count(False) == 1
    assert len(came) == TOGETHER
    assert len(rows(tools.database, SpentToken)) == len(rows(tools.database, Author)) == 1


def test_what_was_spent_is_kept_until_it_would_have_expired(tools, key, signed, enter, clock):
    key()
    enter(signed())
    for seconds, left in ((89, 1), (2, 0)):
        clock.advance(seconds=seconds)
        with tools.database.begin() as store:
            store.readers.forget_spent(clock())
        assert len(rows(tools.database, SpentToken)) == left


def test_rs256_is_read_with_the_public_key(key, signed, enter, pair):
    private, public = pair
    key(algorithm="RS256", secret=public)
    assert enter(signed(private, algorithm="RS256")).external_id == "user-1"


def test_the_public_key_is_no_secret_to_sign_with(key, claims, enter, pair):
    """The classic confusion: HS256 with the public key as its secret. PyJWT would not even make such a token."""
    _, public = pair
    key(algorithm="RS256", secret=public)
    with pytest.raises(NotSignedIn):
        enter(_hs256(claims(), public.encode()))


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_the_algorithm_is_the_key_s_whatever_the_token_says(key, claims, enter, algorithm):
    key()
    secret = "" if algorithm == "none" else SECRET * 2
    token = jwt.encode(claims(), secret or None, algorithm=algorithm, headers={"kid": "k1"})
    with pytest.raises(NotSignedIn, match="algorithm"):
        enter(token)


NOW = 1_795_435_200  # 2026-11-23 12:00 UTC, when everything in a test happens


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"exp": None}, "has no exp", id="no exp"),
        pytest.param({"jti": None}, "has no jti", id="no jti"),
        pytest.param({"aud": None}, "has no aud", id="no aud"),
        pytest.param({"user": None}, "claim user", id="no user"),
        pytest.param({"user": {"id": "user-1"}}, "claim user.username", id="no username"),
        pytest.param({"user": USER | {"id": 7}}, "claim user.id", id="a number for an id"),
        pytest.param({"user": USER | {"email": "nowhere"}}, "user.email", id="no address"),
        pytest.param(
            {"user": USER | {"username": "Z\u202eabel"}}, "username", id="a name that turns the writing"
        ),
        pytest.param({"user": USER | {"username": "x" * 81}}, "claim user.username", id="a long name"),
        pytest.param({"aud": "another-paper"}, "aud is not paper", id="for another site"),
        pytest.param({"exp": NOW - 31}, "expired", id="expired"),
        pytest.param({"exp": NOW + 631}, "more than 10 minutes", id="lasts too long"),
        pytest.param({"exp": "tomorrow"}, "exp", id="no time"),
        pytest.param({"exp": 10**30}, "times are none", id="no time on earth"),
        pytest.param({"iat": NOW + 31}, "future", id="from the future"),
        pytest.param({"nbf": NOW + 31}, "future", id="not valid yet"),
        pytest.param({"jti": ""}, "claim jti", id="an empty jti"),
    ],
)
def test_a_token_that_is_not_good_is_refused_with_the_reason(tools, key, signed, enter, changes, why):
    key()
    try:
        token = signed(**changes)
    except TypeError:  # PyJWT refuses to make it
        token = _hs256({"user": USER, "jti": "t", "aud": "paper"} | changes, SECRET.encode())
    before = everything(tools.database)
    with pytest.raises(NotSignedIn, match=why) as refused:
        enter(token)
    assert "abel" not in str(refused.value)
    assert everything(tools.database) == before


@pytest.mark.parametrize(
    "token", ["", "a.b.c", "....", "x" * 9000, "\ud800", base64.b64encode(b"{}").decode(), "é.é.é"]
)
def test_what_is_no_token_is_refused(key, enter, token):
    key()
    with pytest.raises(NotSignedIn):
        enter(token)


def test_the_issuer_is_checked_where_one_was_agreed_on(key, signed, enter):
    key(issuer="asbarez")
    with pytest.raises(NotSignedIn, match="iss"):
        enter(signed(iss="somebody-else"))
    assert enter(signed(jti="t2")).name == "Zabel"


def test_keys_are_changed_without_a_gap(tools, newsroom, key, signed, enter):
    key("old"), key("new", secret="another secret of thirty-two bytes!!")
    enter(signed(kid="old", jti="t1"))
    enter(signed("another secret of thirty-two bytes!!", kid="new", jti="t2"))
    revoke_key(tools, newsroom.site.id, "old", "cli")
    with pytest.raises(NotSignedIn, match="kid"):
        enter(signed(kid="old", jti="t3"))
    enter(signed("another secret of thirty-two bytes!!", kid=None, jti="t4"))
    with pytest.raises(NotFound):
        revoke_key(tools, newsroom.site.id, "old", "cli")


def test_without_a_kid_and_with_two_keys_none_is_guessed(key, signed, enter):
    key("old"), key("new")
    with pytest.raises(NotSignedIn, match="kid"):
        enter(signed(kid=None))


def test_another_site_s_key_signs_nothing_here(tools, signed, enter, key):
    other = a_site(slug="other")
    with tools.database.begin() as store:
        stored(store, other)
    set_key(tools, other.id, "k1", "cli", secret=SECRET)
    with pytest.raises(NotSignedIn, match="no single sign-on"):
        enter(signed())


@pytest.mark.parametrize("role", ["ADMIN", "MODERATOR", "STAFF"])
def test_a_role_gives_a_badge_only_where_the_key_may(tools, key, signed, enter, role):
    key()
    assert enter(signed(user=USER | {"role": role})).role == "reader"
    key("k2", names_staff=True)
    assert enter(signed(kid="k2", jti="t2", user=USER | {"role": role})).role == "staff"
    assert len(rows(tools.database, Moderator)) == 1  # the newsroom's own
    assert enter(signed(kid="k2", jti="t3", user=USER | {"role": "COMMENTER"})).role == "reader"


def test_a_name_of_the_staff_is_refused_to_a_reader_and_left_to_the_staff(tools, key, signed, enter):
    with tools.database.begin() as store:
        stored(store, a_moderator(name="Ara Kochar"))
    key(names_staff=True)
    user = USER | {"username": "Аrа Kосhаr"}  # Cyrillic а, о, с
    with pytest.raises(InvalidInput) as refused:
        enter(signed(user=user))
    assert "name" in refused.value.fields
    assert enter(signed(user=USER | {"username": "Ara Kochar", "role": "STAFF"})).role == "staff"


def test_who_is_blocked_stays_so_however_signed_on(tools, key, signed, enter, submit):
    key()
    author = enter(signed())
    block_author(tools, author.id, "cli", None, 7)
    enter(signed(jti="t2", user=USER | {"username": "Somebody Else"}))
    with pytest.raises(AuthorBlocked):
        submit(writer=Writer("Somebody Else", None, "user-1", proven=True))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"secret": "short"}, "secret"),
        ({"algorithm": "none"}, "algorithm"),
        ({"algorithm": "RS256"}, "secret"),
        ({"kid": ""}, "kid"),
        ({"kid": "a\nb"}, "kid"),
    ],
)
def test_a_weak_or_unreadable_key_is_refused(tools, newsroom, given, field):
    with pytest.raises(InvalidInput) as refused:
        set_key(tools, newsroom.site.id, **{"kid": "k1", "by": "cli", "secret": SECRET} | given)
    assert field in refused.value.fields
    assert rows(tools.database, SignOnKey) == []


def test_the_private_key_and_a_small_one_are_refused(tools, newsroom, pair):
    private, _ = pair
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = private.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode()
    with pytest.raises(InvalidInput) as refused:
        set_key(tools, newsroom.site.id, "k1", "cli", algorithm="RS256", secret=pem)
    assert "private" in refused.value.fields["secret"][0]


def test_a_kid_is_given_once(key):
    key()
    with pytest.raises(InvalidInput):
        key()


def test_a_secret_is_made_where_none_is_given(tools, newsroom):
    assert len(set_key(tools, newsroom.site.id, "k1", "cli").secret) >= 64


def _hs256(claims: dict, secret: bytes) -> str:
    """A token as RFC 7515 writes it, where PyJWT refuses to make one."""

    def part(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    head = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "k1"}).encode())
    body = head + b"." + part(json.dumps(claims).encode())
    return (body + b"." + part(hmac.new(secret, body, hashlib.sha256).digest())).decode()
