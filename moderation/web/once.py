"""Idempotency-Key: a call that is sent again is done once (draft-ietf-httpapi-idempotency-key-header-07)."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import request

from moderation.errors import Conflict, InvalidInput, ModerationError
from moderation.services import Tools
from moderation.store.unit_of_work import Store

_CUT_OFF = timedelta(minutes=1)  # without an answer after so long, whoever began is gone
_PROTOCOL = "api"  # beside the webhooks, where what arrived is remembered


def done(
    tools: Tools,
    site_id: str,
    key: str | None,
    do: Callable[[], dict[str, Any]],
    again: Callable[[Store, str], dict[str, Any]],
) -> dict[str, Any]:
    """Return the answer of `do`, or, where the key came before, what `again` says of the id that it led to.

    Of an answer its id alone is kept, and a call that was refused is forgotten: it may come again with its key.

    Raises:
        InvalidInput: the key came with another call. Conflict: that call is still running. What `do` raises.
    """
    if key is None:
        return do()
    now, name = tools.now(), {"site_id": site_id, "protocol": _PROTOCOL, "message_id": key.strip('"')}
    digest = hashlib.sha256(f"{request.endpoint} ".encode() + request.get_data()).hexdigest()
    with tools.database.begin() as store:
        earlier = store.inbox.receive(**name, body_digest=digest, now=now)
    if earlier is not None:
        if earlier.body_digest != digest:
            raise InvalidInput(
                "This Idempotency-Key came before with another call.",
                {"Idempotency-Key": ["Used before. Give every call a key of its own."]},
            )
        if earlier.outcome:
            with tools.database.read() as store:
                return again(store, str(earlier.outcome["id"]))
        if now - earlier.received_at < _CUT_OFF:
            raise Conflict("The call with this Idempotency-Key is still running. Wait and send it again.")
    try:
        answer = do()
    except ModerationError:
        with tools.database.begin() as store:
            store.inbox.forget(**name)
        raise
    with tools.database.begin() as store:
        store.inbox.answer(**name, outcome={"id": answer["id"]})
    return answer
