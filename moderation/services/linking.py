"""Links by which a guest shows that an address is his: signed, expiring, each used once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from moderation.errors import InvalidInput, NotFound
from moderation.services import Tools, addresses, letters
from moderation.services.mailing import may_be_asked_for, queue_mail
from moderation.store.tables import Author, Site
from moderation.store.unit_of_work import Store

CONFIRM_LASTS, OPEN_LASTS = timedelta(hours=72), timedelta(minutes=30)
SCOPE = "link"
GONE = "This link was used or has expired. Ask for another under My comments."


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says that was signed here and has not expired."""

    author_id: str
    address: str
    digest: str
    expires_at: datetime


def ask_to_confirm(
    tools: Tools, store: Store, site: Site, author: Author, language: str, network: str, now: datetime
) -> bool:
    """Put the mail that asks for confirmation on its way; return False where too many were sent already."""
    if not author.email or not may_be_asked_for(tools, store, author.email, network, now):
        return False
    letter = letters.confirmation(
        language,
        site=site.name,
        link=_address(tools, author, now + CONFIRM_LASTS),
        hours=int(CONFIRM_LASTS.total_seconds()) // 3600,
    )
    queue_mail(
        tools,
        store,
        letter,
        site_id=site.id,
        author_id=author.id,
        kind="address.confirm",
        to=author.email,
        now=now,
        network=network,
    )
    return True


def ask_for_link(tools: Tools, site_id: str, email: str, language: str = "en", network: str = "") -> None:
    """Put the link to one's own comments on its way, if the address has written here; the asker cannot tell.

    Raises:
        InvalidInput: it is no address.
    """
    if problem := addresses.problem_with(email):
        raise InvalidInput("The link could not be sent.", {"email": [problem]})
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get(site_id)
        author = store.people.find(site_id=site_id, email_key=addresses.email_key(tools, email))
        if site is None or not may_be_asked_for(tools, store, email, network, now):
            return
        letter = letters.own_comments(
            language,
            site=site.name,
            link=_address(tools, author, now + OPEN_LASTS) if author else "",
            minutes=int(OPEN_LASTS.total_seconds()) // 60,
        )
        # For a stranger's address a row is written too: it counts for the network, and takes as long.
        queue_mail(
            tools,
            store,
            letter,
            site_id=site.id,
            author_id=author.id if author else None,
            kind="comments.link",
            to=(author.email or "") if author else "",
            now=now,
            network=network,
        )


def read_link(tools: Tools, token: str) -> Link:
    """Return what the link says, or raise NotFound: not signed here, changed, or expired."""
    try:
        said = _signer(tools).loads(token)
        link = Link(
            author_id=str(said["author"]),
            address=str(said["address"]),
            digest=hashlib.sha256(str(said["nonce"]).encode()).hexdigest(),
            expires_at=datetime.fromtimestamp(int(said["until"]), UTC),
        )
    except (BadData, KeyError, TypeError, ValueError):
        raise NotFound(GONE) from None
    if link.expires_at <= tools.now():
        raise NotFound(GONE)
    return link


def _address(tools: Tools, author: Author, until: datetime) -> str:
    token = _signer(tools).dumps(
        {
            "author": author.id,
            "address": (author.email_key or "")[:16],  # a link to another address than today's opens nothing
            "nonce": secrets.token_urlsafe(16),
            "until": int(until.timestamp()),
        }
    )
    return f"{tools.settings.base_url.rstrip('/')}/mine/open/{token}"


def _signer(tools: Tools) -> URLSafeSerializer:
    return URLSafeSerializer(tools.settings.secret_key.get_secret_value(), salt="reader-link")
