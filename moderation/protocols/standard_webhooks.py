"""Standard Webhooks 1.0.0: what a CMS sends us, and how what we send is signed.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from standardwebhooks import Webhook

from moderation.errors import InvalidInput, Misconfigured
from moderation.protocols import strict_json
from moderation.protocols.signatures import lower_case, require_now
from moderation.protocols.types import (
    ArticleClosed,
    ArticleDeleted,
    ArticlePublished,
    ArticleUpdated,
    CommentDeleted,
    CommentSubmitted,
    Event,
    SignatureMissing,
    SignatureWrong,
)

_ID = re.compile(r"[!-~]{1,200}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_PREFIX = "whsec_"

_EVENTS: dict[str, TypeAdapter[Event]] = {
    "article.published": TypeAdapter(ArticlePublished),
    "article.updated": TypeAdapter(ArticleUpdated),
    "article.closed": TypeAdapter(ArticleClosed),
    "article.deleted": TypeAdapter(ArticleDeleted),
    "comment.submitted": TypeAdapter(CommentSubmitted),
    "comment.edited": TypeAdapter(CommentSubmitted),
    "comment.deleted": TypeAdapter(CommentDeleted),
}
EVENTS = tuple(_EVENTS)

_UNKNOWN = "Unknown field. Remove it."
# Reason and remedy by pydantic's error type; what is missing here keeps pydantic's own words.
_SENTENCES = {
    "missing": "Missing. Add it.",
    "unexpected_keyword_argument": _UNKNOWN,
    "string_type": "Not a string. Send a JSON string.",
    "string_too_short": "Shorter than {min_length} characters. Fill it in or leave the field out.",
    "string_too_long": "Longer than {max_length} characters. Shorten it.",
    "string_pattern_mismatch": "Not in the documented form. It must match {pattern}",
    "int_type": "Not a whole number. Send one without quotes.",
    "greater_than_equal": "Less than {ge}. Send a greater number.",
    "less_than_equal": "More than {le}. Send a smaller number.",
    "tuple_type": "Not a list. Send a JSON array.",
    "too_long": "More than {max_length} entries. Send fewer.",
    "literal_error": "Not a known value. Send {expected}.",
    "dataclass_type": "Not an object. Send a JSON object.",
}


class StandardWebhooks:
    """The protocol as the hooks route uses it."""

    name = "standard-webhooks"

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        now: datetime,
        path: str = "",  # noqa: ARG002  not signed
    ) -> str:
        """Return the message id if any of the secrets signed this message within five minutes of `now`."""
        given = lower_case(headers)
        message_id, seconds = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
        signatures = given.get("webhook-signature", "").split()
        if not (_ID.fullmatch(message_id) and _SECONDS.fullmatch(seconds) and signatures):
            raise SignatureMissing(
                "Send the headers webhook-id, webhook-timestamp (Unix seconds) and webhook-signature."
            )
        signed = b".".join((message_id.encode("ascii"), seconds.encode("ascii"), body))
        if not _is_signed(signed, signatures, secrets):
            raise SignatureWrong(
                "No signature fits: sign id.timestamp.body, byte for byte as sent, with the site's secret."
            )
        # Only after the signature: a stranger learns nothing of our clock.
        require_now(1000 * int(seconds), now)
        return message_id

    def read(self, body: bytes) -> Event:
        """Return the event that a verified body tells."""
        payload = strict_json.parse(body)
        event_type, told, data = (payload.pop(name, None) for name in ("type", "timestamp", "data"))
        if not isinstance(event_type, str):
            raise strict_json.malformed({"type": ["Missing or not a string. Name the event."]})
        if event_type not in _EVENTS:
            raise InvalidInput(
                f"The type of the event is unknown. Known are: {', '.join(EVENTS)}.",
                {"type": ["Unknown. Unsubscribe from this event, or correct its name."]},
                code="unknown-event",
            )
        faults = {strict_json.printable(name): [_UNKNOWN] for name in payload}
        if not isinstance(data, dict):
            raise strict_json.malformed({"data": ["Missing or not an object. Send a JSON object."], **faults})
        # `timestamp` is the event's own, one level up; the other is for systems that show their own discussions.
        faults |= {f"data.{name}": [_UNKNOWN] for name in ("timestamp", "elsewhere") if name in data}
        try:
            event = _EVENTS[event_type].validate_python({**data, "timestamp": told})
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                faults.setdefault(_path(fault), []).append(_sentence(fault))
            raise strict_json.malformed(faults) from None  # the cause quotes what a reader wrote
        if faults:
            raise strict_json.malformed(faults)
        return event


PROTOCOL = StandardWebhooks()


def sign(message_id: str, timestamp: datetime, body: bytes, *secrets: str) -> dict[str, str]:
    """Return the headers that carry `body` (UTF-8) signed at `timestamp`, the time of this attempt, by each secret."""
    text = body.decode("utf-8")
    signature = " ".join(Webhook(key_of(secret)).sign(message_id, timestamp, text) for secret in secrets)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(timestamp.timestamp())),
        "webhook-signature": signature,
    }


def new_secret() -> str:
    """Return a fresh secret: `whsec_` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(randomness.token_bytes(32)).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the key behind a `whsec_` secret, or raise Misconfigured without repeating it."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not (secret.startswith(_PREFIX) and 24 <= len(key) <= 64):
        raise Misconfigured(
            "A webhook secret is `whsec_` and the base64 of 24 to 64 random bytes: make a new one."
        )
    return key


def _is_signed(signed: bytes, signatures: Sequence[str], secrets: Sequence[str]) -> bool:
    """Return whether one of the signatures is one of the secrets', in a time that does not tell which."""
    held = False
    for secret in secrets:
        digest = hmac.digest(key_of(secret), signed, hashlib.sha256)
        expected = b"v1," + base64.b64encode(digest)
        for signature in signatures:
            held |= hmac.compare_digest(expected, signature.encode("utf-8", "surrogateescape"))
    return held


def _path(fault: ErrorDetails) -> str:
    path = ".".join(strict_json.printable(str(step)) for step in fault["loc"])
    return path if path == "timestamp" else f"data.{path}"


def _sentence(fault: ErrorDetails) -> str:
    template = _SENTENCES.get(fault["type"])
    return template.format_map(fault.get("ctx", {})) if template else fault["msg"]
