"""Bytes of other systems: one file is one foreign protocol, found by lying in this folder.

    types.py               the events every protocol speaks, and what a protocol must offer
    strict_json.py         JSON without the liberties that let two parsers disagree
    signatures.py          HMAC as several senders write it
    standard_webhooks.py   what a CMS sends us, and how what we send is signed
    hub_signature.py       the same events, signed as GitHub signs
    ghost.py, contentful.py, coral_webhook.py   what these systems send by themselves; foreign.py makes it ours
    outgoing.py            what we send, and when it is tried again

A file that binds `PROTOCOL` is served at POST /hooks/<name>/<site>.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from moderation.protocols.types import WebhookProtocol


@cache
def protocols() -> Mapping[str, WebhookProtocol]:
    """Return the webhook protocols of this folder by name."""
    found: dict[str, WebhookProtocol] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        protocol: WebhookProtocol | None = getattr(importlib.import_module(module.name), "PROTOCOL", None)
        if protocol is None:
            continue
        if protocol.name in found:
            raise RuntimeError(f"{module.name}: {protocol.name!r} is taken; rename one")
        found[protocol.name] = protocol
    return MappingProxyType(found)
