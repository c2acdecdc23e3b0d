"""Rate limits by network, counted without keeping an address."""

import hashlib
import hmac
import math
import time
from typing import Any

from apiflask import APIFlask
from flask import current_app, request
from flask_limiter import Limiter

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


def seconds_to_wait() -> int:
    """Return the seconds until the network that was just refused may send again."""
    limiter: Limiter = current_app.extensions["moderation.limiter"]
    refused = limiter.current_limit
    return max(1, math.ceil(refused.reset_at - time.time())) if refused else 60
