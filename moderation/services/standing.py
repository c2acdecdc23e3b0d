"""Who may write: blocks, names of staff, addresses not confirmed, newcomers who evade a block; and how an author stands."""

from datetime import UTC, datetime

from moderation.engine import types as engine
from moderation.engine.types import Standing
from moderation.errors import AuthorBlocked, InvalidInput
from moderation.services import Tools, addresses, networks
from moderation.services.addresses import email_key
from moderation.services.checking import FORMS, NewComment, Writer
from moderation.services.naming import refuse_names_of_staff
from moderation.store.tables import Author, Block, Site
from moderation.store.unit_of_work import Store


def refuse_blocked(tools: Tools, store: Store, new: NewComment, author: Author | None, now: datetime) -> None:
    """Raise AuthorBlocked where a block on the author or the address's domain is in force."""
    domain = addresses.domain_of(new.writer.email) if new.writer.email else None
    block = store.penalties.active_block(
        site_id=new.site_id,
        now=now,
        author_id=author.id if author else None,
        email_domain=domain,
        networks=networks.hashes_of(tools, store, new.site_id, new.writer.address),
        erased_key=addresses.erased_key(tools, new.writer.email, new.writer.external_id),
    )
    if block is not None:
        raise AuthorBlocked(
            block_sentence(tools, block), clause=block.clause, until=block.ends_at, block_id=block.id
        )


def block_sentence(tools: Tools, block: Block) -> str:
    """Return the sentence that tells an author of a block: since when, until when, why."""
    policy = tools.engine.policy
    until = f"until {block.ends_at:%d %B %Y, %H:%M} UTC" if block.ends_at else "until the block is lifted"
    known = block.clause in policy.clauses
    why = (
        f" Reason: {policy.clause_title(block.clause)}. {policy.clause_sentence(block.clause)}"
        if block.clause and known
        else ""
    )
    return f"You cannot comment here {until}.{why}"


def refuse_to_pass_for_staff(
    tools: Tools, store: Store, site: Site, writer: Writer, author: Author | None
) -> None:
    """Raise InvalidInput where a guest bears a name, or gives an address, that is somebody's of the staff."""
    if author is not None and author.role == "staff" and not writer.proven:
        raise InvalidInput(
            "The comment could not be taken. Show first that the address is yours.",
            {
                "email": [
                    "Comments from this address carry a badge. Open My comments by the link we send, then write."
                ]
            },
        )
    refuse_names_of_staff(tools, store, site, writer.name, author if writer.proven else None)


def awaits_confirmation(site: Site, new: NewComment, author: Author | None) -> bool:
    """Tell whether a guest's comment waits until the address, where the site wishes that, is confirmed."""
    by_hand = new.source in FORMS and new.writer.external_id is None
    return site.confirms_addresses and by_hand and (author is None or author.confirmed_at is None)


def evasion_by(
    tools: Tools, store: Store, new: NewComment, author: Author | None, now: datetime
) -> engine.Evasion | None:
    """Return the block that a newcomer's e-mail address or network leads to.

    Only somebody who was first seen after that block began: a network is shared by families and schools, and
    readers of long standing have done nothing.
    """
    author_id = author.id if author else None
    block, trace = None, ""
    if new.writer.email and (email := addresses.normal(new.writer.email)):
        key = email_key(tools, email)
        block = store.penalties.blocked_author_with_email(new.site_id, key, email, author_id, now)
        trace = "The e-mail address is that of a blocked author."
    if block is None:
        hashes = networks.hashes_of(tools, store, new.site_id, new.writer.address)
        block = store.networks.blocked_author_seen_at(new.site_id, hashes, author_id, now)
        trace = "The network is one from which a blocked author wrote."
    if block is None or (author is not None and author.created_at < block.starts_at):
        return None
    return engine.Evasion(block.subject, trace)


def standing_of(store: Store, new: NewComment, author: Author | None, now: datetime) -> Standing:
    domain = addresses.domain_of(new.writer.email) if new.writer.email else None
    premoderation = store.penalties.active_premoderation(
        site_id=new.site_id, now=now, author_id=author.id if author else None, email_domain=domain
    )
    until = (premoderation.ends_at or datetime.max.replace(tzinfo=UTC)) if premoderation else None
    if author is None:
        return Standing(approved_comments=0, premoderated_until=until)
    return Standing(
        role=author.role,
        approved_comments=store.people.approved_comments(author.id),
        active_strikes=sum(strike.points for strike in store.penalties.strikes_active(author.id, now)),
        premoderated_until=until,
        first_seen_at=author.created_at,
    )
