"""Rate limits by network, counted without keeping an address: in Redis for all processes, or by each process for itself.

While the Redis of the settings is away each process counts for itself, so that limits stay on and nobody is refused for
it; the library asks again, after longer and longer, and goes back to it.
"""

import hashlib
import hmac
import math
import time
from typing import Any

import structlog
from apiflask import APIFlask
from flask import current_app, g, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse

from moderation.errors import Misconfigured, TooManyRequests
from moderation.services.networks import network_of
from moderation.web.toolbox import tools

log = structlog.get_logger(__name__)
MEMORY = "memory://"
_PATIENCE = 0.25  # seconds


def network_key() -> str:
    """Return a keyed hash of the asker's network that changes every day, so that it leads back to nobody.

    The keys with which blocks know a network are others (`services/networks.py`).
    """
    bundle = tools()
    address = network_of(request.remote_addr) or request.remote_addr or "unknown"
    secret = bundle.settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"network {bundle.now():%Y-%m-%d} {address}".encode(), hashlib.sha256).hexdigest()


def register(app: APIFlask, limits: dict[str, str]) -> None:
    """Limit the endpoints named in `limits`; a counter that breaks lets pass, and Flask-Limiter logs it.

    Raises:
        Misconfigured: a Redis is named and its package is not there.
    """
    redis_url = app.extensions["moderation.tools"].settings.redis_url
    limiter = Limiter(
        network_key,
        app=app,
        storage_uri=redis_url or MEMORY,
        storage_options=_options() if redis_url else {},
        strategy="moving-window",
        in_memory_fallback_enabled=bool(redis_url),
        swallow_errors=True,
    )
    app.extensions["moderation.limiter"] = limiter
    for endpoint, limit in limits.items():
        limited: Any = limiter.limit(limit)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited


def _options() -> dict[str, Any]:
    """Return how Redis is asked: at once or not at all, for a reader waits."""
    try:
        from redis.backoff import NoBackoff  # noqa: PLC0415  an extra, for where there is a Redis
        from redis.retry import Retry  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise Misconfigured(
            f"MODERATION_REDIS_URL: {error.name} is not installed here. Install moderation[queue]."
        ) from error
    return {
        "socket_connect_timeout": _PATIENCE,
        "socket_timeout": _PATIENCE,
        "retry": Retry(NoBackoff(), 1),  # a connection that was dropped while it lay idle is opened anew
        "key_prefix": "moderation:limits",
    }


def is_alone() -> bool:
    """Tell whether this process counts for itself although a Redis is named, for it is away."""
    limiter: Limiter = current_app.extensions["moderation.limiter"]
    return limiter.limiter.storage is not limiter.storage


def _hit(limiter: Limiter, limit: RateLimitItem, key_id: str) -> tuple[bool, float, int]:
    """Return whether one was left, when the window ends and how many are left now."""
    taken = limiter.limiter.hit(limit, "api", key_id)
    reset_at, left = limiter.limiter.get_window_stats(limit, "api", key_id)
    return taken, reset_at, left


def count_call(key_id: str) -> None:
    """Count a call of the API by a key of a site, and keep for the answer how many are left.

    Raises:
        TooManyRequests: none is left.
    """
    limiter: Limiter = current_app.extensions["moderation.limiter"]
    limit = parse(tools().settings.api_limit)
    try:
        taken, reset_at, left = _hit(limiter, limit, key_id)
    except limiter.storage.base_exceptions:
        # What the library does where it counts by itself; it looks whether Redis is back with the next requests.
        limiter._storage_dead = True  # noqa: SLF001
        log.warning("rate_limits_counted_alone")
        taken, reset_at, left = _hit(limiter, limit, key_id)
    wait = max(1, math.ceil(reset_at - time.time()))
    # https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    g.rate_limit = {
        "RateLimit-Policy": f'"default";q={limit.amount};w={limit.get_expiry()}',
        "RateLimit": f'"default";r={left};t={wait}',
    }
    if not taken:
        raise TooManyRequests(
            "The key has made as many calls as it may for now. Wait, then go on.", retry_after=wait
        )


def seconds_to_wait() -> int:
    """Return the seconds until the network that was just refused may send again."""
    limiter: Limiter = current_app.extensions["moderation.limiter"]
    refused = limiter.current_limit
    return max(1, math.ceil(refused.reset_at - time.time())) if refused else 60
