"""Network addresses: what counts as one network, and the keyed hashes that are kept in place of an address."""

import hashlib
import hmac
import ipaddress
from datetime import timedelta

from moderation.services import Tools
from moderation.store.tables import Comment, NetworkKey, NetworkSeen
from moderation.store.unit_of_work import Store


def network_of(address: str | None) -> str:
    """Return the network an address belongs to: an IPv4 address itself, the /64 of an IPv6 one; "" for neither.

    An IPv6 customer holds at least a /64 and may change the rest at will.
    """
    try:
        ip = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.IPv6Network((int(ip), 64), strict=False))
    return str(ip)


def hashes_of(tools: Tools, store: Store, site_id: str, address: str | None) -> dict[str, str]:
    """Return the hash of an address's network under each of the site's keys, by the id of the key."""
    network = network_of(address)
    if not network:
        return {}
    return {key.id: _hash(tools, key, network) for key in store.networks.keys(site_id)}


def current_hash(tools: Tools, store: Store, site_id: str, address: str | None) -> tuple[str, str] | None:
    """Return the id of the site's newest key, made anew where it is old, and the hash under it; None for no address."""
    network = network_of(address)
    if not network:
        return None
    now = tools.now()
    key = store.networks.key(site_id, now, now - _key_lasts(tools))
    return key.id, _hash(tools, key, network)


def note(tools: Tools, store: Store, comment: Comment, address: str | None) -> None:
    """Keep, for a limited time and as a keyed hash, from where a comment came."""
    found = current_hash(tools, store, comment.site_id, address)
    if found is not None:
        key_id, value = found
        store.networks.saw(
            NetworkSeen(
                comment_id=comment.id,
                author_id=comment.author_id,
                key_id=key_id,
                hash=value,
                seen_at=tools.now(),
            )
        )


def forget_due(tools: Tools) -> int:
    """Delete the hashes whose time is over and the keys that nothing needs any more; return how many went."""
    now = tools.now()
    seen_before = now - timedelta(days=tools.engine.policy.networks.kept_days)
    made_before = now - _key_lasts(tools)
    with tools.database.read() as store:
        if not store.networks.has_due(now, seen_before, made_before):
            return 0
    with tools.database.begin() as store:
        gone, keys = store.networks.forget(now, seen_before, made_before)
        for key in keys:
            store.audit.append(
                at=now, actor="clock", action="network_key.destroyed", subject=f"network_key:{key.id}"
            )
    return gone + len(keys)


def _key_lasts(tools: Tools) -> timedelta:
    return timedelta(days=tools.engine.policy.networks.key_days)


def _hash(tools: Tools, key: NetworkKey, network: str) -> str:
    """Return the hash under the site's key and the service's secret: a copied database alone cannot be searched."""
    secret = tools.settings.secret_key.get_secret_value().encode()
    both = hmac.new(secret, b"network key:" + key.secret, hashlib.sha256).digest()
    return hmac.new(both, network.encode(), hashlib.sha256).hexdigest()
