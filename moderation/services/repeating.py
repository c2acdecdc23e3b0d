"""Calls that carry an Idempotency-Key: done once, however often they are sent (draft-ietf-httpapi-idempotency-key-header)."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moderation.errors import Conflict, InvalidInput
from moderation.services import Tools

KEPT_FOR = timedelta(hours=24)
_CUT_OFF = timedelta(minutes=1)  # without an answer after so long, whoever began is gone


@dataclass(frozen=True, slots=True)
class Answered:
    """What the first call was answered."""

    status: int
    body: dict[str, Any]


def begin(tools: Tools, site_id: str, name: str, call: bytes) -> Answered | None:
    """Return what the call under this key was answered, or None where it is to be done now.

    Of the call itself a keyed hash is kept: whether somebody is blocked may be asked of an address.

    Raises:
        InvalidInput: the key came with another call. Conflict: that call is still running, or its answer was erased.
    """
    now, secret = tools.now(), tools.settings.secret_key.get_secret_value().encode()
    digest = hmac.new(secret, b"call:" + call, hashlib.sha256).hexdigest()
    with tools.database.begin() as store:
        earlier = store.answers.begin(site_id=site_id, name=name, digest=digest, now=now)
        if earlier is None:
            return None
        age = now - earlier.at
        over = age >= KEPT_FOR or (not earlier.status and earlier.digest == digest and age >= _CUT_OFF)
        if over and store.answers.begin_anew(earlier, digest=digest, now=now):
            return None
    if earlier.digest != digest:
        raise InvalidInput(
            "This Idempotency-Key came before with another call.",
            {"Idempotency-Key": ["Used before. Give every call a key of its own."]},
        )
    if not earlier.status:
        raise Conflict("The call with this Idempotency-Key is still running. Wait and send it again.")
    if earlier.body is None:
        raise Conflict("This call was done; its answer went when somebody's data were erased. Read it anew.")
    return Answered(earlier.status, earlier.body)


def id_of(tools: Tools, site_id: str, name: str, call: bytes, place: int) -> str:
    """Return the id (32 hexadecimal digits) of the comment in this place of a call.

    It is the same whenever the call is sent again: one that was cut off between its comment and its answer finds the
    comment there. Nobody else can tell it beforehand.
    """
    secret = tools.settings.secret_key.get_secret_value().encode()
    made = json.dumps([site_id, name, place]).encode() + call
    return hmac.new(secret, b"comment:" + made, hashlib.sha256).hexdigest()[:32]


def keep(tools: Tools, site_id: str, name: str, answered: Answered) -> None:
    """Keep what a call was answered, for a day."""
    with tools.database.begin() as store:
        store.answers.keep(site_id=site_id, name=name, status=answered.status, body=answered.body)


def forget(tools: Tools, site_id: str, name: str) -> None:
    """Forget a call of which nothing came: it may come again with its key."""
    with tools.database.begin() as store:
        store.answers.forget(site_id=site_id, name=name)


def forget_due(tools: Tools) -> int:
    """Delete the answers whose day is over; return how many."""
    before = tools.now() - KEPT_FOR
    with tools.database.read() as store:
        if not store.answers.has_due(before):
            return 0
    with tools.database.begin() as store:
        return store.answers.forget_before(before)
