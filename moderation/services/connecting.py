"""Sites and what ties them to us: the secrets of their webhooks, API keys, endpoints that hear of events."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from moderation.engine.text import unreadable_because
from moderation.errors import InvalidInput, NotFound
from moderation.protocols import coral_webhook, protocols, standard_webhooks
from moderation.protocols.outgoing import EVENTS
from moderation.protocols.standard_webhooks import key_of, new_secret
from moderation.services import Tools
from moderation.services.checking import unfit
from moderation.services.publishing import LONGEST_OPEN
from moderation.store.tables import AKISMET, ApiKey, Endpoint, Site
from moderation.store.unit_of_work import Store

_SHORT_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_CHANGE_OVER = timedelta(days=1)
LONGEST_OVERLAP = 30 * 24  # hours
_SECRETS_ACCEPTED = 2  # the new one, and the one before while the site changes over
# The WordPress plug-in's form takes twelve hexadecimal digits and nothing else, and hosts know no capitals.
_AKISMET_DIGITS = 12
_SENDER_SECRET = re.compile(r"[!-~]{16,200}")
STANDARD, CORAL = standard_webhooks.PROTOCOL.name, coral_webhook.PROTOCOL.name
KEY_SCOPES = (
    "comments",
    "check",
    "blocks",
    "feedback",
)  # and Akismet's, by a key of its own kind
_CORAL_SECRET = re.compile(r"[!-~]{16,200}")


def find_site(tools: Tools, slug: str) -> Site:
    """Return the site with this short name, or raise NotFound."""
    with tools.database.read() as store:
        found = store.sites.get_by_slug(slug)
    if found is None:
        raise NotFound(f"There is no site {slug[:60]!r}. `moderation site list` names them.")
    return found


def add_site(tools: Tools, slug: str, name: str, by: str, origins: Sequence[str] = ()) -> Site:
    """Return a new site with the first secret of its webhooks."""
    if not _SHORT_NAME.fullmatch(slug):
        raise InvalidInput("The short name has small Latin letters, digits and single hyphens only.")
    if problem := unreadable_because(name, 200) or unfit(name, lines=False):
        raise InvalidInput(f"The name {problem}.")
    origins = [origin_of(origin) for origin in origins]
    now = tools.now()
    with tools.database.begin() as store:
        if store.sites.get_by_slug(slug) is not None:
            raise InvalidInput("There is a site of this name already.")
        site = store.sites.add(
            Site(slug=slug, name=name, origins=origins, created_at=now, inbound_secrets=[new_secret()])
        )
        _audit(store, now, by, "site.added", f"site:{site.id}")
        return site


def change_site(
    tools: Tools,
    site_id: str,
    by: str,
    *,
    origins: Sequence[str] | None = None,
    closes_after_days: int | None = None,
    sets_up_articles: bool | None = None,
) -> Site:
    """Return the site with what is said changed; None leaves as it is, 0 days let discussions stay open.

    Raises:
        InvalidInput: an origin is none, or the days are too many.
    """
    wanted = None if origins is None else list(dict.fromkeys(origin_of(origin) for origin in origins))
    if closes_after_days is not None and not 0 <= closes_after_days <= LONGEST_OPEN:
        raise InvalidInput(
            "The site could not be changed.",
            {"closes_after_days": [f"Give days from 1 to {LONGEST_OPEN:,}, or 0 for never."]},
        )
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get(site_id)
        if site is None:
            raise NotFound("There is no such site.")
        if wanted is not None:
            site.origins = wanted
        if closes_after_days is not None:
            site.closes_after_days = closes_after_days or None
        if sets_up_articles is not None:
            site.sets_up_articles = sets_up_articles
        detail = {
            "origins": len(site.origins),
            "closes_after_days": site.closes_after_days,
            "sets_up_articles": site.sets_up_articles,
        }
        store.audit.append(at=now, actor=by, action="site.changed", subject=f"site:{site.id}", detail=detail)
        return site


def origin_of(text: str) -> str:
    """Return an origin as a browser sends it, or raise InvalidInput: https, or http on this machine alone."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    local = host in ("localhost", "127.0.0.1")
    fits = parts.scheme == "https" or (parts.scheme == "http" and local)
    if not fits or not _HOST.fullmatch(host) or parts.path not in ("", "/") or parts.query or parts.username:
        raise InvalidInput(
            "The site could not be changed.",
            {"origin": [f"{text[:60]!r} is no origin. Write one such as https://www.example.com."]},
        )
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def rotate_secret(tools: Tools, site_id: str, by: str) -> Site:
    """Return the site with a new secret first; the one before it is accepted too, earlier ones no more."""
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get(site_id)
        if site is None:
            raise NotFound("There is no such site.")
        site.inbound_secrets = [new_secret(), *site.inbound_secrets][:_SECRETS_ACCEPTED]
        _audit(store, now, by, "site.secret_rotated", f"site:{site.id}")
        return site


def set_confirmation(tools: Tools, site_id: str, wished: bool, by: str) -> Site:
    """Return the site, whose guests' comments wait for a confirmed address from now on, or no more."""
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get(site_id)
        if site is None:
            raise NotFound("There is no such site.")
        site.confirms_addresses = wished
        _audit(
            store, now, by, "site.confirmation_on" if wished else "site.confirmation_off", f"site:{site.id}"
        )
        return site


def take_coral_secret(tools: Tools, site_id: str, secret: str, by: str) -> None:
    """Accept what is signed with a secret that the site's Coral shows, and with the one before it."""
    secret = secret.strip()
    if not _CORAL_SECRET.fullmatch(secret):
        raise InvalidInput(
            "The secret is none of Coral's: copy it whole, with its beginning empsec_ or whsec_."
        )
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get(site_id)
        if site is None:
            raise NotFound("There is no such site.")
        kept = [known for known in site.coral_secrets if known != secret]
        site.coral_secrets = [secret, *kept][:_SECRETS_ACCEPTED]
        _audit(store, now, by, "site.coral_secret_taken", f"site:{site.id}")


def set_sender_secret(tools: Tools, site_id: str, protocol: str, by: str, secret: str = "") -> str:
    """Return the secret with which a system of the site signs from now on, made anew if none is given.

    The one before it is accepted too, earlier ones no more.

    Raises:
        InvalidInput: the protocol has no secrets of its own, or the secret is too short to be one.
    """
    own = sorted(set(protocols()) - {STANDARD, CORAL})
    if protocol not in own:
        raise InvalidInput(
            "The secret could not be set.", {"protocol": [f"Not one of {', '.join(own)}. Choose one."]}
        )
    secret = secret.strip() or secrets.token_urlsafe(32)
    if not _SENDER_SECRET.fullmatch(secret):
        raise InvalidInput("The secret is none: it has 16 to 200 printable characters without spaces.")
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get(site_id)
        if site is None:
            raise NotFound("There is no such site.")
        kept = [known for known in site.sender_secrets.get(protocol, []) if known != secret]
        site.sender_secrets = {**site.sender_secrets, protocol: [secret, *kept][:_SECRETS_ACCEPTED]}
        _audit(store, now, by, "site.sender_secret_set", f"site:{site.id}")
    return secret


def make_key(
    tools: Tools, site_id: str, name: str, by: str, *, akismet: bool = False, scopes: Sequence[str] = ()
) -> str:
    """Return a new API key, of which only the digest is kept; without `scopes` it may do all that its site may.

    One for Akismet's API is short and opens nothing else.

    Raises:
        InvalidInput: a scope is unknown, or none can be given beside Akismet's.
    """
    if (unknown := set(scopes) - set(KEY_SCOPES)) or (akismet and scopes):
        named = min(unknown, default=AKISMET)
        raise InvalidInput(
            "The key could not be made.",
            {"scope": [f"{named!r} cannot be given so. Choose of {', '.join(KEY_SCOPES)}."]},
        )
    now = tools.now()
    with tools.database.begin() as store:
        key, row = _new_key(store, site_id, name, [AKISMET] if akismet else sorted(set(scopes)), now)
        _audit(store, now, by, "key.made", f"key:{row.id}")
    return key


def rotate_key(tools: Tools, site_id: str, key_id: str, by: str, overlap: int = 24) -> str:
    """Return a new key that may do what this one may, which opens nothing more after `overlap` hours.

    Raises:
        NotFound: the site has no such key, or it was revoked or rotated before. InvalidInput: too many hours.
    """
    if not 0 <= overlap <= LONGEST_OVERLAP:
        raise InvalidInput(
            "The key could not be rotated.", {"overlap": [f"Give hours from 0 to {LONGEST_OVERLAP}."]}
        )
    now = tools.now()
    with tools.database.begin() as store:
        former = {key.id: key for key in store.sites.keys(site_id)}.get(key_id)
        if former is None or not store.sites.rotate_key(key_id, now, now + timedelta(hours=overlap)):
            raise NotFound("There is no such key in force, or another took its place already.")
        key, row = _new_key(store, site_id, former.name, list(former.scopes), now)
        detail = {"by": row.id, "hours": overlap}
        store.audit.append(at=now, actor=by, action="key.rotated", subject=f"key:{key_id}", detail=detail)
    return key


def _new_key(store: Store, site_id: str, name: str, scopes: list[str], now: datetime) -> tuple[str, ApiKey]:
    """Return a new key and its row, in which it stands as a digest."""
    akismet = scopes == [AKISMET]
    key = secrets.token_hex(_AKISMET_DIGITS // 2) if akismet else "mk_" + secrets.token_urlsafe(32)
    row = ApiKey(
        site_id=site_id,
        name=name,
        prefix=key[:4] if akismet else key[:10],
        digest=hashlib.sha256(key.encode()).hexdigest(),
        scopes=scopes,
        created_at=now,
    )
    return key, store.sites.add_key(row)


def revoke_key(tools: Tools, site_id: str, key_id: str, by: str) -> None:
    """Make a key of the site useless from now on."""
    now = tools.now()
    with tools.database.begin() as store:
        keys = {key.id: key for key in store.sites.keys(site_id)}
        if key_id not in keys or not store.sites.revoke_key(key_id, now):
            raise NotFound("There is no such key in force.")
        # Kept in full where a WordPress asked to be called back with it.
        for endpoint in store.sites.endpoints(site_id):
            digest = hashlib.sha256(endpoint.secret.encode()).hexdigest()
            if endpoint.protocol == AKISMET and digest == keys[key_id].digest:
                endpoint.secret = ""
                store.sites.disable_endpoint(endpoint.id, now, "Its key was revoked.")
        _audit(store, now, by, "key.revoked", f"key:{key_id}")


def add_endpoint(
    tools: Tools, site_id: str, url: str, by: str, secret: str = "", events: Sequence[str] = ()
) -> Endpoint:
    """Return a new endpoint, whose secret signs what is sent there; no `events` means all.

    Raises:
        AddressRefused, SendFailed: the address may not be sent to. InvalidInput: an event is unknown.
        Misconfigured: the secret is none.
    """
    tools.http.check(url)
    if unknown := set(events) - set(EVENTS):
        raise InvalidInput(
            "The endpoint could not be set up.",
            {"event": [f"There is no event {min(unknown)!r}. One of {', '.join(EVENTS)}."]},
        )
    secret = secret or new_secret()
    key_of(secret)
    now = tools.now()
    with tools.database.begin() as store:
        row = store.sites.add_endpoint(
            Endpoint(site_id=site_id, url=url, secret=secret, events=list(events), created_at=now)
        )
        _audit(store, now, by, "endpoint.added", f"endpoint:{row.id}")
        return row


def enable_endpoint(tools: Tools, site_id: str, endpoint_id: str, by: str) -> None:
    """Send to a disabled endpoint of the site again, what waits first."""
    now = tools.now()
    with tools.database.begin() as store:
        known = {endpoint.id for endpoint in store.sites.endpoints(site_id)}
        if endpoint_id not in known or not store.sites.enable_endpoint(endpoint_id):
            raise NotFound("There is no such disabled endpoint.")
        _audit(store, now, by, "endpoint.enabled", f"endpoint:{endpoint_id}")


def rotate_endpoint_secret(tools: Tools, site_id: str, endpoint_id: str, by: str) -> str:
    """Return the new secret that signs what is sent to an endpoint; for a day the one before signs too."""
    secret, now = new_secret(), tools.now()
    with tools.database.begin() as store:
        known = {endpoint.id for endpoint in store.sites.endpoints(site_id)}
        if endpoint_id not in known or not store.sites.replace_secret(
            endpoint_id, secret, now + _CHANGE_OVER
        ):
            raise NotFound("There is no such endpoint with a secret of ours.")
        _audit(store, now, by, "endpoint.secret_rotated", f"endpoint:{endpoint_id}")
    return secret


def _audit(store: Store, now: datetime, by: str, action: str, subject: str) -> None:
    store.audit.append(at=now, actor=by, action=action, subject=subject)
