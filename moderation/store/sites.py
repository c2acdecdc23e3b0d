"""Sites, their API keys, and the endpoints that hear of events."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import STANDARD_WEBHOOKS, ApiKey, Endpoint, Site
from moderation.store.writing import added, changed

# Asked of every call, and written once: to write a question costs more than to answer it.
_KEY = select(ApiKey).where(
    ApiKey.digest == bindparam("digest"),
    ApiKey.revoked_at.is_(None),
    or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > bindparam("now")),
)
_ENDPOINTS = select(Endpoint).where(Endpoint.site_id == bindparam("site_id")).order_by(Endpoint.id)


class Sites:
    """Who sends comments here and who is told of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, site: Site) -> Site:
        """Store a new site."""
        return added(self._session, site)

    def get(self, site_id: str) -> Site | None:
        """Return the site with this id."""
        return self._session.get(Site, site_id)

    def get_by_slug(self, slug: str) -> Site | None:
        """Return the site with this short name."""
        return self._session.scalar(select(Site).where(Site.slug == slug))

    def all(self) -> list[Site]:
        """Return all sites, oldest first."""
        return [*self._session.scalars(select(Site).order_by(Site.created_at, Site.id))]

    def add_key(self, key: ApiKey) -> ApiKey:
        """Store a new API key (its digest)."""
        return added(self._session, key)

    def find_key(self, digest: str, now: datetime) -> ApiKey | None:
        """Return the key with this digest, unless it is revoked or its time is over."""
        return self._session.scalar(_KEY, {"digest": digest, "now": now})

    def key_was_used(self, key_id: str, now: datetime) -> bool:
        """Note the use of a key, at most once a minute; return whether anything was written.

        Ask `ApiKey.last_used_at` first where a write transaction would be opened for this alone.
        """
        stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - timedelta(minutes=1))
        touch = update(ApiKey).where(ApiKey.id == key_id, stale).values(last_used_at=now)
        return changed(self._session, touch) == 1

    def revoke_key(self, key_id: str, now: datetime) -> bool:
        """Revoke a key; return whether it was in force."""
        revoke = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
        return changed(self._session, revoke) == 1

    def rotate_key(self, key_id: str, now: datetime, ends_at: datetime) -> bool:
        """Let a key open nothing more from `ends_at`; return whether it was in force and not rotated before."""
        rotate = update(ApiKey).where(
            ApiKey.id == key_id, ApiKey.revoked_at.is_(None), ApiKey.rotated_at.is_(None)
        )
        return changed(self._session, rotate.values(rotated_at=now, ends_at=ends_at)) == 1

    def keys(self, site_id: str) -> list[ApiKey]:
        """Return all keys of a site, revoked ones too, newest first."""
        return [
            *self._session.scalars(select(ApiKey).where(ApiKey.site_id == site_id).order_by(ApiKey.id.desc()))
        ]

    def add_endpoint(self, endpoint: Endpoint) -> Endpoint:
        """Store a new endpoint."""
        return added(self._session, endpoint)

    def get_endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Return the endpoint with this id."""
        return self._session.get(Endpoint, endpoint_id)

    def endpoints(self, site_id: str) -> list[Endpoint]:
        """Return all endpoints of a site, disabled ones too, oldest first."""
        return [*self._session.scalars(_ENDPOINTS, {"site_id": site_id})]

    def endpoints_for(self, site_id: str, event: str) -> list[Endpoint]:
        """Return the endpoints that want to hear of this event."""
        return [
            endpoint
            for endpoint in self.endpoints(site_id)
            if endpoint.protocol == STANDARD_WEBHOOKS
            and endpoint.disabled_at is None
            and (not endpoint.events or event in endpoint.events)
        ]

    def disable_endpoint(self, endpoint_id: str, now: datetime, because: str) -> bool:
        """Send nothing more there; return whether it was in use."""
        stop = (
            update(Endpoint)
            .where(Endpoint.id == endpoint_id, Endpoint.disabled_at.is_(None))
            .values(disabled_at=now, disabled_because=because)
        )
        return changed(self._session, stop) == 1

    def enable_endpoint(self, endpoint_id: str) -> bool:
        """Send there again what waits; return whether it was disabled."""
        resume = (
            update(Endpoint)
            .where(Endpoint.id == endpoint_id, Endpoint.disabled_at.is_not(None))
            .values(disabled_at=None, disabled_because="", failures=0, rests_until=None)
        )
        return changed(self._session, resume) == 1

    def endpoint_answered(self, endpoint_id: str) -> None:
        """Note that something arrived there: what failed before counts no more."""
        failed = (Endpoint.failures > 0) | Endpoint.rests_until.is_not(None)
        fine = update(Endpoint).where(Endpoint.id == endpoint_id, failed)
        changed(self._session, fine.values(failures=0, rests_until=None))

    def endpoint_failed(self, endpoint_id: str) -> int:
        """Count a failure there; return how many there were in a row."""
        once_more = update(Endpoint).where(Endpoint.id == endpoint_id).values(failures=Endpoint.failures + 1)
        changed(self._session, once_more)
        return self._session.scalar(select(Endpoint.failures).where(Endpoint.id == endpoint_id)) or 0

    def let_rest(self, endpoint_id: str, until: datetime) -> None:
        """Send nothing there until then."""
        changed(self._session, update(Endpoint).where(Endpoint.id == endpoint_id).values(rests_until=until))

    def replace_secret(self, endpoint_id: str, secret: str, former_until: datetime) -> bool:
        """Sign with another secret, and until then with the one before too; return whether there is such an endpoint."""
        replace = (
            update(Endpoint)
            .where(Endpoint.id == endpoint_id, Endpoint.protocol == STANDARD_WEBHOOKS)
            .values(former_secret=Endpoint.secret, secret=secret, former_until=former_until)
        )
        return changed(self._session, replace) == 1
