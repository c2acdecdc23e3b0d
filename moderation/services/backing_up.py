"""Backups: taken while the service serves, and put back with the erasures that were made since."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from moderation.errors import Conflict, InvalidInput
from moderation.services import Tools
from moderation.services.remembering import erase_author
from moderation.store.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: comments there are now, persons erased again, positions at which the audit log is broken."""

    comments: int
    erased: int
    broken: tuple[int, ...]


def back_up(tools: Tools, path: Path, by: str) -> int:
    """Return the bytes of a new file with everything there is; that it was taken is in the audit log.

    Raises:
        InvalidInput, Misconfigured, DatabaseAway: there is no file.
    """
    tools.database.back_up(path)
    size = path.stat().st_size
    _note(tools, by, "database.backed_up", {"bytes": size})
    return size


def restore(
    tools: Tools, path: Path, by: str, *, replace: bool = False, erased: Collection[str] = ()
) -> Restored:
    """Return what a restore did: the backup is in the place of what was there, and who was erased since is erased again.

    All sessions and links of accounts end: what was signed out or used since the backup was taken must not work again.

    Args:
        tools: the tools of this process; nobody else serves.
        path: the backup.
        by: who restores.
        replace: whether what is there may go.
        erased: ids of persons who were erased; those that the database knows, whose place the backup takes, are added.

    Raises:
        Conflict: there is something, and it was not said that it may go. InvalidInput, Misconfigured, DatabaseAway:
            nothing was changed.
    """
    known = {author_id for author_id, _ in _erased_in(tools.database, replace=replace)}
    tools.database.restore(path)
    count = 0
    for author_id in sorted({*erased, *known}):
        with tools.database.read() as store:
            author = store.people.get(author_id)
        if author is not None and author.erased_at is None:
            erase_author(tools, author_id, by)
            count += 1
    now = tools.now()
    with tools.database.begin() as store:
        for moderator in store.moderators.all():
            store.moderators.end_sessions(moderator.id)
        for link in store.moderators.links_open(now):
            store.moderators.revoke_links(now, link_id=link.id)
    with tools.database.read() as store:
        comments, broken = store.comments.count(), tuple(store.audit.verify())
    _note(tools, by, "database.restored", {"comments": comments, "erased": count})
    return Restored(comments, count, broken)


def erased_persons(tools: Tools) -> list[tuple[str, datetime]]:
    """Return the ids of all who were erased, with the time: to be kept beside backups, for whoever restores one."""
    with tools.database.read() as store:
        return store.people.erased()


def read_erased(lines: str) -> set[str]:
    """Return the ids of a list as `erased_persons` gives it, one person a line.

    Raises:
        InvalidInput: a line has no id.
    """
    ids = {line.split()[0] for line in lines.splitlines() if line.strip()}
    if wrong := [one for one in ids if not one.isalnum()]:
        raise InvalidInput(
            f"The list of erased persons has lines that are none: {len(wrong)}. Nothing was changed."
        )
    return ids


def _erased_in(database: Database, *, replace: bool) -> list[tuple[str, datetime]]:
    """Return who was erased in the database that is to be replaced; Conflict where it must not be."""
    if database.is_empty():
        return []
    if not replace:
        raise Conflict(
            "The database is not empty. Stop the service, then say --replace to put the backup in its place."
        )
    if not database.is_current():
        raise Conflict(
            "The database is of another version, so nobody knows who was erased in it. Run `moderation db upgrade` first,"
            " or move it away and name a list with --erased."
        )
    with database.read() as store:
        return store.people.erased()


def _note(tools: Tools, by: str, action: str, detail: dict[str, int]) -> None:
    with tools.database.begin() as store:
        store.audit.append(at=tools.now(), actor=by, action=action, subject="database:all", detail=detail)
