"""Signed addresses that let a reader, without an account, come back to one decision, one block or one appeal."""

from dataclasses import dataclass
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer

from moderation.errors import NotFound
from moderation.services import Tools

Kind = Literal["decision", "block", "appeal"]


@dataclass(frozen=True, slots=True)
class About:
    """What a link is about.

    The link of a decision stands on the author's own page and in mail. That of a block stands on the page for whoever
    types the author's address: it lets appeal, and shows nothing that was written.
    """

    kind: Kind
    id: str


def path_of(tools: Tools, kind: Kind, id_: str) -> str:
    """Return the address, on this service, of the page about a decision, a block or an appeal."""
    return f"/appeals/{_signer(tools).dumps([kind, id_])}"


def address_of(tools: Tools, kind: Kind, id_: str) -> str:
    """Return the whole address, for mail."""
    return tools.settings.base_url.rstrip("/") + path_of(tools, kind, id_)


def read(tools: Tools, token: str) -> About:
    """Return what a link is about.

    Raises:
        NotFound: it is none of ours.
    """
    try:
        kind, id_ = _signer(tools).loads(token)
    except (BadData, ValueError, TypeError):
        raise NotFound("There is no such page. Open the link as it was given to you.") from None
    if kind not in ("decision", "block", "appeal") or not isinstance(id_, str):
        raise NotFound("There is no such page. Open the link as it was given to you.")
    return About(kind, id_)


def _signer(tools: Tools) -> URLSafeSerializer:
    return URLSafeSerializer(tools.settings.secret_key.get_secret_value(), salt="appeal")
