"""A person's own data: given out whole, and erased, while the log of what was done stays and still verifies."""

from typing import Any

from moderation.errors import NotFound
from moderation.services import Tools, addresses
from moderation.store.erasing import Erased


def erase_author(tools: Tools, author_id: str, by: str, request_id: str = "") -> Erased:
    """Return what an erasure changed; it cannot be undone, and it lifts no block.

    Raises:
        NotFound: there is no such author.
    """
    now = tools.now()
    with tools.database.begin() as store:
        author = store.people.get(author_id)
        if author is None or author.erased_at is not None:
            raise NotFound("There is no such author.")
        key = addresses.erased_key(tools, author.email, author.external_id)
        erased = store.people.erase(author_id, now, key)
        store.audit.append(
            at=now,
            actor=by,
            action="author.erased",
            subject=f"author:{author_id}",
            detail={"comments": len(erased.comment_ids), "deliveries": erased.deliveries},
            request_id=request_id,
        )
    tools.database.overwrite()
    return erased


def export_author(tools: Tools, author_id: str, by: str, request_id: str = "") -> dict[str, Any]:
    """Return all that is kept of an author as JSON values: who, what was written, decided, given, reported, appealed.

    Raises:
        NotFound: there is no such author.
    """
    now = tools.now()
    with tools.database.begin() as store:  # it writes that the data were given out
        author = store.people.get(author_id)
        if author is None or author.erased_at is not None:
            raise NotFound("There is no such author.")
        given = {"exported_at": now.isoformat(), **store.people.everything_of(author)}
        store.audit.append(
            at=now,
            actor=by,
            action="author.exported",
            subject=f"author:{author_id}",
            detail={"comments": len(given["comments"])},
            request_id=request_id,
        )
        return given
