"""Authors of comments: who they are, how they stand, and their erasure."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from moderation.store.erasing import Erased, erase_author
from moderation.store.exporting import everything_of
from moderation.store.tables import Author, Block, Comment, Strike
from moderation.store.writing import added, insert_if_absent

APPROVED = "published"

# Asked of every comment that arrives, and written once: to write a question costs more than to answer it.
_BY_EXTERNAL_ID = select(Author).where(
    Author.site_id == bindparam("site_id"), Author.external_id == bindparam("external_id")
)
_BY_EMAIL = select(Author).where(
    Author.site_id == bindparam("site_id"), Author.email_key == bindparam("email_key")
)
_LATEST = (
    select(Comment.body)
    .where(Comment.author_id == bindparam("author_id"))
    .order_by(Comment.received_at.desc(), Comment.id.desc())
    .limit(bindparam("limit"))
)
_APPROVED = select(func.count()).where(Comment.author_id == bindparam("author_id"), Comment.state == APPROVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an author stands: comments by state, points in force, entries of the block list in force."""

    comments: Mapping[str, int] = field(default_factory=dict)
    points: int = 0
    blocks: tuple[Block, ...] = ()


class People:
    """Authors, one row per person and site."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_or_create(
        self,
        *,
        site_id: str,
        name: str,
        now: datetime,
        external_id: str | None = None,
        email_key: str | None = None,
        email: str | None = None,
    ) -> Author:
        """Return the author known by this key, under the name given now, or a new one.

        The site's own id decides alone where there is one: an address typed into a form proves nothing, and
        must not burden the account of whoever it belongs to. Without any key each call makes a new author.
        """
        if external_id is not None:
            email_key = None
        known = self.find(site_id=site_id, external_id=external_id, email_key=email_key)
        if known is None:
            author = Author(
                site_id=site_id,
                external_id=external_id,
                email_key=email_key,
                name=name,
                email=email,
                salt=secrets.token_bytes(16),
                created_at=now,
            )
            if insert_if_absent(self._session, author):
                return author
            # Somebody else was quicker with the same key.
            known = self.find(site_id=site_id, external_id=external_id, email_key=email_key)
            assert known is not None
        known.name = name
        known.email = email or known.email
        self._session.flush()
        return known

    def find(
        self, *, site_id: str, external_id: str | None = None, email_key: str | None = None
    ) -> Author | None:
        """Return the author known by the site's own id, or else by the e-mail key."""
        if external_id is not None:
            return self._session.scalar(_BY_EXTERNAL_ID, {"site_id": site_id, "external_id": external_id})
        if email_key is not None:
            return self._session.scalar(_BY_EMAIL, {"site_id": site_id, "email_key": email_key})
        return None

    def add(self, author: Author) -> Author:
        """Store an author as imported from elsewhere; for a comment that arrives, use `find_or_create`."""
        return added(self._session, author)

    def get(self, author_id: str) -> Author | None:
        """Return the author with this id."""
        return self._session.get(Author, author_id)

    def staff(self, site_id: str) -> list[Author]:
        """Return the authors of a site who are its staff."""
        found = select(Author).where(Author.site_id == site_id, Author.role == "staff", Author.name != "")
        return [*self._session.scalars(found)]

    def lock(self, author_id: str) -> None:
        """Let no other transaction count this author's strikes until this one ends.

        Two comments at once would else both see too few. SQLite has one writer anyway.
        """
        if self._session.get_bind().dialect.name == "sqlite":
            return
        self._session.execute(select(Author.id).where(Author.id == author_id).with_for_update())

    def set_role(self, author_id: str, role: str) -> Author | None:
        """Make an author a reader, trusted or staff."""
        author = self._session.get(Author, author_id)
        if author is not None:
            author.role = role
            self._session.flush()
        return author

    def recent_bodies(self, author_id: str, limit: int = 10) -> tuple[str, ...]:
        """Return the author's latest comments, whatever became of them, newest first."""
        return tuple(self._session.scalars(_LATEST, {"author_id": author_id, "limit": limit}))

    def approved_comments(self, author_id: str) -> int:
        """Return how many comments of the author readers can see."""
        return self._session.scalar(_APPROVED, {"author_id": author_id}) or 0

    def standing(self, author_id: str, now: datetime) -> Standing:
        """Return how one author stands."""
        return self.standings([author_id], now)[author_id]

    def standings(self, author_ids: Iterable[str], now: datetime) -> dict[str, Standing]:
        """Return how these authors stand, in three queries for any number of them."""
        ids = set(author_ids)
        comments: dict[str, dict[str, int]] = {author_id: {} for author_id in ids}
        by_state = (
            select(Comment.author_id, Comment.state, func.count())
            .where(Comment.author_id.in_(ids))
            .group_by(Comment.author_id, Comment.state)
        )
        for author_id, state, count in self._session.execute(by_state):
            comments[author_id][state] = count

        in_force = (
            select(Strike.author_id, func.sum(Strike.points))
            .where(Strike.author_id.in_(ids), Strike.overruled_at.is_(None), Strike.expires_at > now)
            .group_by(Strike.author_id)
        )
        points = {author_id: int(total) for author_id, total in self._session.execute(in_force)}

        blocks: dict[str, list[Block]] = {}
        listed = select(Block).where(
            Block.subject_kind == "author", Block.subject.in_(ids), *Block.in_force(now)
        )
        for block in self._session.scalars(listed.order_by(Block.starts_at, Block.id)):
            blocks.setdefault(block.subject, []).append(block)

        return {
            author_id: Standing(
                comments[author_id], points.get(author_id, 0), tuple(blocks.get(author_id, ()))
            )
            for author_id in ids
        }

    def erased(self) -> list[tuple[str, datetime]]:
        """Return the ids of all who were erased and when, the first one first."""
        gone = select(Author.id, Author.erased_at).where(Author.erased_at.is_not(None))
        rows = self._session.execute(gone.order_by(Author.erased_at, Author.id))
        return [(author_id, at) for author_id, at in rows if at is not None]

    def everything_of(self, author: Author) -> dict[str, Any]:
        """Return all that is kept of an author, by kind, as JSON values."""
        return everything_of(self._session, author)

    def erase(self, author_id: str, at: datetime, key: str | None = None) -> Erased:
        """Erase all personal data of an author for good, and return what changed. It cannot be undone.

        A block in force keeps `key`, a keyed hash by which the author is known until the block is over.
        """
        return erase_author(self._session, author_id, at, key)
