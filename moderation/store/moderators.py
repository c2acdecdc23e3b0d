"""Accounts of the desk, and the links that open or reopen them once."""

from datetime import datetime

from sqlalchemy import false, func, or_, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Moderator, OneTimeLink
from moderation.store.writing import added, changed, insert_if_absent


class Moderators:
    """People who may sign in, and one-time links."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, moderator: Moderator) -> bool:
        """Store a new account; return False if the e-mail address has one already."""
        moderator.email = moderator.email.lower()
        return insert_if_absent(self._session, moderator)

    def get(self, moderator_id: str) -> Moderator | None:
        """Return the account with this id."""
        return self._session.get(Moderator, moderator_id)

    def get_by_email(self, email: str) -> Moderator | None:
        """Return the account of this e-mail address, in whatever case it is written."""
        return self._session.scalar(select(Moderator).where(Moderator.email == email.lower()))

    def all(self) -> list[Moderator]:
        """Return all accounts, closed ones too, by name."""
        return [*self._session.scalars(select(Moderator).order_by(Moderator.name, Moderator.id))]

    def count_administrators(self) -> int:
        """Return how many administrators can sign in."""
        count = select(func.count()).where(
            Moderator.role == "administrator",
            Moderator.deactivated_at.is_(None),
            Moderator.password_hash.is_not(None),
        )
        return self._session.scalar(count) or 0

    def lock_administrators(self) -> int:
        """Return how many administrators can sign in; until the transaction ends nobody else makes them fewer."""
        administrators = select(Moderator.id).where(
            Moderator.role == "administrator",
            Moderator.deactivated_at.is_(None),
            Moderator.password_hash.is_not(None),
        )
        return len(self._session.scalars(administrators.order_by(Moderator.id).with_for_update()).all())

    def set_password(self, moderator_id: str, password_hash: str) -> None:
        """Set a new password, end all sessions and forget failed sign-ins."""
        self._change(
            moderator_id,
            password_hash=password_hash,
            session_epoch=Moderator.session_epoch + 1,
            failed_sign_ins=0,
            next_sign_in_at=None,
        )

    def rehash_password(self, moderator_id: str, password_hash: str) -> None:
        """Store the same password under newer hash settings; sessions go on."""
        self._change(moderator_id, password_hash=password_hash)

    def set_role(self, moderator_id: str, role: str) -> None:
        """Give another role and end all sessions."""
        self._change(moderator_id, role=role, session_epoch=Moderator.session_epoch + 1)

    def end_sessions(self, moderator_id: str) -> None:
        """End all sessions of an account."""
        self._change(moderator_id, session_epoch=Moderator.session_epoch + 1)

    def deactivate(self, moderator_id: str, at: datetime) -> bool:
        """Close an account, end its sessions and revoke its links; return whether it was open."""
        close = (
            update(Moderator)
            .where(Moderator.id == moderator_id, Moderator.deactivated_at.is_(None))
            .values(deactivated_at=at, session_epoch=Moderator.session_epoch + 1)
        )
        if changed(self._session, close) == 0:
            return False
        self.revoke_links(at, moderator_id=moderator_id)
        return True

    def reopen(self, moderator_id: str, *, name: str, role: str) -> None:
        """Open a closed account again, under the name and the role of its new invitation."""
        self._change(moderator_id, name=name, role=role, deactivated_at=None)

    def signed_in(self, moderator_id: str, at: datetime) -> None:
        """Note a sign-in; earlier failures are forgotten."""
        self._change(moderator_id, last_signed_in_at=at, failed_sign_ins=0, next_sign_in_at=None)

    def heard_of(self, moderator_id: str, at: datetime) -> None:
        """Note that somebody is at the desk."""
        self._change(moderator_id, seen_at=at)

    def present(self, since: datetime) -> list[Moderator]:
        """Return who was heard of since then, by name."""
        seen = select(Moderator).where(Moderator.seen_at >= since, Moderator.deactivated_at.is_(None))
        return [*self._session.scalars(seen.order_by(Moderator.name, Moderator.id))]

    def sign_in_failed(self, moderator_id: str, next_sign_in_at: datetime | None) -> int:
        """Count a failed sign-in and hear no other before `next_sign_in_at`; return the failures in a row."""
        self._change(
            moderator_id, failed_sign_ins=Moderator.failed_sign_ins + 1, next_sign_in_at=next_sign_in_at
        )
        return (
            self._session.scalar(select(Moderator.failed_sign_ins).where(Moderator.id == moderator_id)) or 0
        )

    def pause_sign_in(self, moderator_id: str, until: datetime) -> None:
        """Hear no password and no code of this account before then."""
        self._change(moderator_id, next_sign_in_at=until)

    def _change(self, moderator_id: str, **values: object) -> None:
        self._session.execute(update(Moderator).where(Moderator.id == moderator_id).values(values))

    # one-time links

    def add_link(self, link: OneTimeLink) -> OneTimeLink:
        """Store a new link (the digest of its token)."""
        link.email = link.email.lower()
        return added(self._session, link)

    def find_link(self, digest: str, now: datetime) -> OneTimeLink | None:
        """Return the link if it still works, without using it."""
        works = select(OneTimeLink).where(
            OneTimeLink.digest == digest, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
        )
        return self._session.scalar(works)

    def take_link(self, digest: str, now: datetime) -> OneTimeLink | None:
        """Use a link up and return it, or None if it is unknown, used or expired; of two one gets it."""
        use = (
            update(OneTimeLink)
            .where(OneTimeLink.digest == digest, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
            .values(used_at=now)
        )
        if changed(self._session, use) == 0:
            return None
        return self._session.scalar(select(OneTimeLink).where(OneTimeLink.digest == digest))

    def links_open(self, now: datetime) -> list[OneTimeLink]:
        """Return the links that still work, newest first."""
        works = select(OneTimeLink).where(OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        return [*self._session.scalars(works.order_by(OneTimeLink.id.desc()))]

    def revoke_links(
        self,
        at: datetime,
        *,
        link_id: str | None = None,
        moderator_id: str | None = None,
        email: str | None = None,
    ) -> int:
        """Revoke the links with this id, of this account or for this address; return how many worked."""
        meant = [OneTimeLink.id == link_id] if link_id else []
        meant += [OneTimeLink.moderator_id == moderator_id] if moderator_id else []
        meant += [OneTimeLink.email == email.lower()] if email else []
        revoke = (
            update(OneTimeLink).where(or_(false(), *meant), OneTimeLink.used_at.is_(None)).values(used_at=at)
        )
        return changed(self._session, revoke)
