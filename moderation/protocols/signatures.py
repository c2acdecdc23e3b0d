"""HMAC-SHA256 as several senders write it: `sha256=<hex>`, compared in a time that does not tell which secret fits."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from moderation.protocols.types import SignatureWrong, TimestampAhead, TimestampOld

TOLERANCE = timedelta(seconds=300)  # as in the libraries of Standard Webhooks
_MOST_SIGNATURES = 10  # during a change there are two; without a limit a header costs as much as it is long


def hex_digest(signed: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of what is signed, in hexadecimal; the secret is used as the text it is."""
    return hmac.digest(secret.encode(), signed, hashlib.sha256).hex()


def require(signed: bytes, signatures: Iterable[str], secrets: Sequence[str], remedy: str) -> None:
    """Return if one of the hexadecimal signatures is one of the secrets'; else raise SignatureWrong with the remedy."""
    held = False
    given = [*signatures][:_MOST_SIGNATURES]
    for secret in secrets:
        expected = hex_digest(signed, secret).encode()
        for signature in given:
            held |= hmac.compare_digest(expected, signature.encode("utf-8", "surrogateescape"))
    if not held:
        raise SignatureWrong(f"No signature fits: {remedy}.")


def require_now(milliseconds: int, now: datetime) -> None:
    """Return if a signed time is within five minutes of now; ask only once the signature is known to be right."""
    age = now.timestamp() - milliseconds / 1000
    if age > TOLERANCE.total_seconds():
        raise TimestampOld("The message is over five minutes old: sign each attempt anew.")
    if age < -TOLERANCE.total_seconds():
        raise TimestampAhead("The message is over five minutes ahead of our time: set the sender's clock.")


def lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by their names in small letters."""
    return {name.lower(): value for name, value in headers.items()}


def id_of_body(body: bytes) -> str:
    """Return the id of a message whose sender gives it none that is signed: the same bytes are the same message."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
