"""Rate limits by network, counted without keeping an address."""

import hashlib
import hmac
import math
import time
from typing import Any

from apiflask import APIFlask
from flask import current_app, g, request
from flask_limiter import Limiter
from limits import parse

from moderation.errors import TooManyRequests
from moderation.services.networks import network_of
from moderation.web.toolbox import tools


def network_key() -> str:
    """Return a keyed hash of the asker's network that changes every day, so that it leads back to nobody.

    The keys with which blocks know a network are others (`services/networks.py`).
    """
    bundle = tools()
    address = network_of(request.remote_addr) or request.remote_addr or "unknown"
    secret = bundle.settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"network {bundle.now():%Y-%m-%d} {address}".encode(), hashlib.sha256).hexdigest()


def register(app: APIFlask, limits: dict[str, str]) -> None:
    """Limit the endpoints named in `limits`; a counter that breaks lets pass, and Flask-Limiter logs it."""
    limiter = Limiter(
        network_key, app=app, storage_uri="memory://", strategy="moving-window", swallow_errors=True
    )
    app.extensions["moderation.limiter"] = limiter
    for endpoint, limit in limits.items():
        limited: Any = limiter.limit(limit)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited


def count_call(key_id: str) -> None:
    """Count a call of the API by a key of a site, and keep for the answer how many are left.

    Raises:
        TooManyRequests: none is left; each process counts by itself.
    """
    limiter: Limiter = current_app.extensions["moderation.limiter"]
    limit = parse(tools().settings.api_limit)
    taken = limiter.limiter.hit(limit, "api", key_id)
    reset_at, left = limiter.limiter.get_window_stats(limit, "api", key_id)
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
