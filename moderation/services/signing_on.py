"""Single sign-on: a site says by a short-lived signed token who its reader is, and the reader is known here."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, cast

import jwt
from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError

from moderation.engine.text import unreadable_because
from moderation.errors import InvalidInput, NotFound, NotSignedIn
from moderation.services import Tools, addresses
from moderation.services.checking import LONGEST_ID, LONGEST_NAME, unfit
from moderation.services.naming import refuse_names_of_staff
from moderation.store.tables import Author, SignOnKey, Site

Algorithm = Literal["HS256", "RS256"]
LONGEST_TOKEN = 8192
_SHORTEST_SECRET = 32  # bytes; RFC 7518 section 3.2 asks for as many as the hash has
_CLOCKS_DIFFER = timedelta(seconds=30)
_STAFF = frozenset(
    {"STAFF", "MODERATOR", "ADMIN"}
)  # Coral's roles; what they may do here is a badge, no more
_NOT_ACCEPTED = "The sign-in did not work: {why}. Go back to the paper's page and sign in there again."

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


class _User(BaseModel):
    """Coral's `user`; what else stands in it is not read."""

    model_config = ConfigDict(strict=True, extra="ignore")

    id: Text
    username: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    email: Annotated[str, Field(max_length=addresses.LONGEST)] | None = None
    role: str | None = None
    badges: list[str] | None = None


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    user: _User
    jti: Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
    exp: StrictInt | StrictFloat
    iat: StrictInt | StrictFloat | None = None
    nbf: StrictInt | StrictFloat | None = None


def sign_on(tools: Tools, site_id: str, token: str, request_id: str = "") -> Author:
    """Return the reader that a site's token names, made or brought up to date; the token is used up.

    Raises:
        NotSignedIn: says what is wrong with the token, and nothing of what stands in it.
        InvalidInput: the display name would pass for one of the staff.
    """
    now = tools.now()
    with tools.database.read() as store:
        site = store.sites.get(site_id)
        keys = {key.kid: key for key in store.readers.keys(site_id) if key.revoked_at is None}
    if site is None:
        raise NotFound("There is no such site.")
    key, claims = _read(token, site, keys)
    expires_at = _check_times(claims, now, timedelta(minutes=tools.settings.sign_on_minutes))
    user = claims.user
    _check_user(user)
    staff = key.names_staff and (user.role or "").upper() in _STAFF
    with tools.database.begin() as store:
        digest = hashlib.sha256(claims.jti.encode()).hexdigest()
        if not store.readers.spend(f"sign-on:{site.id}", digest, expires_at + _CLOCKS_DIFFER):
            raise NotSignedIn(_NOT_ACCEPTED.format(why="this token was used before"))
        author = store.people.find_or_create(
            site_id=site.id, name=user.username.strip(), now=now, external_id=user.id, email=user.email
        )
        if key.names_staff and (author.role == "staff") != staff:
            store.people.set_role(author.id, "staff" if staff else "reader")
        refuse_names_of_staff(tools, store, site, user.username, author)
        if user.email:
            store.readers.confirm(author.id, now)  # by the site, which knows its readers
        store.audit.append(
            at=now,
            actor=f"author:{author.id}",
            action="author.signed_in",
            subject=f"author:{author.id}",
            detail={"by": "sign-on", "key": key.id, "staff": staff},
            request_id=request_id,
        )
        return author


def set_key(
    tools: Tools,
    site_id: str,
    kid: str,
    by: str,
    *,
    algorithm: str = "HS256",
    secret: str = "",
    issuer: str = "",
    names_staff: bool = False,
) -> SignOnKey:
    """Return a new key of a site: a shared secret (made if none is given), or the public key of a pair.

    Raises:
        InvalidInput: names what is wrong with it, or that the site has a key of this name.
    """
    problems: dict[str, list[str]] = {}
    if not (kid.isprintable() and 1 <= len(kid) <= LONGEST_ID):
        problems["kid"] = [f"Give a name of 1 to {LONGEST_ID} printable characters."]
    if algorithm not in ("HS256", "RS256"):
        problems["algorithm"] = ["One of HS256, RS256."]
    elif algorithm == "HS256":
        secret = secret or secrets.token_urlsafe(48)
        if len(secret.encode()) < _SHORTEST_SECRET:
            problems["secret"] = [f"Give {_SHORTEST_SECRET} bytes or more, or leave it out to have one made."]
    elif problem := _problem_with_public_key(secret):
        problems["secret"] = [problem]
    if problems:
        raise InvalidInput("The key could not be set.", problems)
    now = tools.now()
    with tools.database.begin() as store:
        key = SignOnKey(
            site_id=site_id,
            kid=kid,
            algorithm=algorithm,
            secret=secret,
            issuer=issuer,
            names_staff=names_staff,
            created_at=now,
        )
        if not store.readers.add_key(key):
            raise InvalidInput(
                "The key could not be set.", {"kid": ["The site has a key of this name. Choose another."]}
            )
        store.audit.append(
            at=now,
            actor=by,
            action="sign_on_key.set",
            subject=f"site:{site_id}",
            detail={"key": key.id, "algorithm": algorithm, "names_staff": names_staff},
        )
        return key


def revoke_key(tools: Tools, site_id: str, kid: str, by: str) -> None:
    """Accept tokens of this key no more."""
    now = tools.now()
    with tools.database.begin() as store:
        if not store.readers.revoke_key(site_id, kid, now):
            raise NotFound("There is no such key in force.")
        store.audit.append(at=now, actor=by, action="sign_on_key.revoked", subject=f"site:{site_id}")


def _read(token: str, site: Site, keys: Mapping[str, SignOnKey]) -> tuple[SignOnKey, _Claims]:
    """Return the key that signed the token and its claims; the algorithm is the key's, whatever the token says."""
    if not keys:
        raise NotSignedIn("This site has no single sign-on. Comment as a guest.")
    try:
        if len(token) > LONGEST_TOKEN:
            raise jwt.DecodeError
        kid = jwt.get_unverified_header(token).get("kid")
        key = next(iter(keys.values())) if kid is None and len(keys) == 1 else keys.get(str(kid))
        if key is None:
            raise NotSignedIn(
                _NOT_ACCEPTED.format(why="it was signed with a key (kid) that is not known here")
            )
        said: dict[str, Any] = jwt.decode(
            token,
            key.secret,
            algorithms=[key.algorithm],
            audience=site.slug,
            issuer=key.issuer or None,
            # The times are checked below, by the clock that everything here goes by.
            options={
                "require": ["exp", "jti", "aud"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_sub": False,
            },
        )
        return key, _Claims.model_validate(said)
    except jwt.MissingRequiredClaimError as error:
        raise NotSignedIn(_NOT_ACCEPTED.format(why=f"the token has no {error.claim}")) from None
    except jwt.InvalidAudienceError:
        raise NotSignedIn(_NOT_ACCEPTED.format(why=f"its aud is not {site.slug}")) from None
    except jwt.InvalidIssuerError:
        raise NotSignedIn(_NOT_ACCEPTED.format(why="its iss is not the one agreed on")) from None
    except jwt.InvalidAlgorithmError:
        raise NotSignedIn(_NOT_ACCEPTED.format(why="its algorithm is not the one agreed on")) from None
    except jwt.InvalidSignatureError:
        raise NotSignedIn(_NOT_ACCEPTED.format(why="its signature does not hold")) from None
    except ValidationError as error:
        claim = ".".join(str(part) for part in error.errors()[0]["loc"][:2])
        raise NotSignedIn(_NOT_ACCEPTED.format(why=f"its claim {claim} is missing or malformed")) from None
    except (jwt.PyJWTError, ValueError):
        raise NotSignedIn(_NOT_ACCEPTED.format(why="it could not be read")) from None


def _check_times(claims: _Claims, now: datetime, longest: timedelta) -> datetime:
    """Return when the token expires, or raise where it has, or would too late."""
    try:
        expires_at = datetime.fromtimestamp(claims.exp, UTC)
        begins = [datetime.fromtimestamp(at, UTC) for at in (claims.iat, claims.nbf) if at is not None]
    except (ValueError, OverflowError, OSError):
        raise NotSignedIn(_NOT_ACCEPTED.format(why="its times are none")) from None
    if expires_at <= now - _CLOCKS_DIFFER:
        raise NotSignedIn(_NOT_ACCEPTED.format(why="it has expired"))
    if expires_at > now + longest + _CLOCKS_DIFFER:
        minutes = int(longest.total_seconds()) // 60
        raise NotSignedIn(_NOT_ACCEPTED.format(why=f"its exp is more than {minutes} minutes ahead"))
    if any(begin > now + _CLOCKS_DIFFER for begin in begins):
        raise NotSignedIn(_NOT_ACCEPTED.format(why="it is from the future; compare the clocks"))
    return expires_at


def _check_user(user: _User) -> None:
    name = unreadable_because(user.username, LONGEST_NAME) or unfit(user.username, lines=False)
    if name or not user.id.isprintable():
        raise NotSignedIn(
            _NOT_ACCEPTED.format(why=f"the {'username ' + name if name else 'user id is not printable'}")
        )
    if user.email and addresses.problem_with(user.email):
        raise NotSignedIn(_NOT_ACCEPTED.format(why="its user.email is no e-mail address"))


def _problem_with_public_key(pem: str) -> str:
    try:
        key = cast("Any", jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).prepare_key(pem))
    except (ValueError, TypeError, jwt.PyJWTError):
        return "Give an RSA public key in PEM (-----BEGIN PUBLIC KEY-----)."
    if hasattr(key, "private_numbers"):
        return "This is the private key. Keep it, and give the public one."
    if key.key_size < 2048:
        return "Give a key of 2048 bits or more."
    return ""
