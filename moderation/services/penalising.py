"""Blocks given, lifted, expired: each doing beside its undoing. Strikes and the ladder: `striking.py`."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from moderation.errors import InvalidInput, NotFound
from moderation.protocols.outgoing import Unblocked
from moderation.services import Tools, acting, addresses, appealing, informing, networks
from moderation.services.delivering import tell_of_block, tell_of_unblocking
from moderation.services.recording import keep_step
from moderation.store.tables import Author, Block
from moderation.store.unit_of_work import Store

_COVERS = ("email_domain", "network")
_LONGEST_DAYS, _LONGEST_NOTE = 3650, 2000


def cover(
    store: Store, author: Author, block: Block, covers: Sequence[str], now: datetime, request_id: str
) -> None:
    """Give, with an author's block, blocks on the address's domain and on the networks its evidence came from."""
    subjects: list[tuple[str, str, str | None]] = []
    if "email_domain" in covers and author.email:
        subjects.append(("email_domain", addresses.domain_of(author.email), None))
    if "network" in covers:
        seen = store.networks.of_comments(block.comment_ids) or store.networks.of_author(author.id)[:1]
        subjects += dict.fromkeys(("network", row.hash, row.key_id) for row in seen)
    for kind, subject, key_id in subjects:
        companion = store.penalties.add_block(
            Block(
                site_id=block.site_id,
                subject_kind=kind,
                subject=subject,
                network_key_id=key_id,
                penalty="block",
                clause=block.clause,
                strike_ids=block.strike_ids,
                comment_ids=block.comment_ids,
                given_by=block.given_by,
                given_with=block.id,
                starts_at=block.starts_at,
                ends_at=block.ends_at,
            )
        )
        audit_block(store, companion, block.given_by, now, request_id)


def block_author(
    tools: Tools,
    author_id: str,
    by: str,
    clause: str | None,
    days: int | None,
    note: str = "",
    comment_ids: Sequence[str] = (),
    request_id: str = "",
    *,
    covers: Sequence[str] = (),
) -> Block:
    """Return the block put on an author, for `days` or (None) until lifted.

    `covers` adds the domain of the author's address (`email_domain`) or the networks of the comments (`network`).

    Raises:
        NotFound: there is no such author. InvalidInput: names the field that is wrong.
    """
    _check(tools, clause, days, note)
    if wrong := [name for name in covers if name not in _COVERS]:
        raise InvalidInput(
            "The block could not be given.", {"covers": [f"Not {wrong[0][:40]!r}: {' or '.join(_COVERS)}."]}
        )
    now = tools.now()
    with tools.database.begin() as store:
        author = store.people.get(author_id)
        site = store.sites.get(author.site_id) if author else None
        if author is None or site is None or author.erased_at is not None:
            raise NotFound("There is no such author.")
        acting.check(store, by, "block", partial(acting.actions_on_author, author))
        if covers:
            acting.check(store, by, "block-domain", acting.actions_on_list)
        for comment_id in comment_ids:
            comment = store.comments.get(comment_id)
            if comment is None or comment.author_id != author_id:
                raise InvalidInput(
                    "The evidence must be this author's comments.",
                    {"comment_ids": ["Not a comment of this author."]},
                )
        known = store.penalties.active_block(site_id=site.id, now=now, author_id=author_id)
        if known is not None and _lasts(known, now, days) and not covers:
            return known
        ended = _end_for_another(tools, store, known, by, now, request_id)
        block = _given(site.id, "author", author_id, by, clause, days, note, comment_ids, now)
        store.penalties.add_block(block)
        audit_block(store, block, by, now, request_id)
        cover(store, author, block, covers, now, request_id)
        _carry_appeals(tools, store, ended, by, now, request_id)
        evidence = store.comments.get(comment_ids[0]) if comment_ids else None
        article = store.articles.get(evidence.article_id) if evidence else None
        tell_of_block(store, site, author, block, now, article=article, comment=evidence)
        informing.of_penalty(tools, store, site, author, block, None, now)
        more = {acting.WIDELY: bool(covers)}
        keep_step(store, "block", by, now, comment=evidence, block_id=block.id, more=more)
        return block


def block_domain(
    tools: Tools,
    domain: str,
    by: str,
    clause: str | None,
    days: int | None,
    note: str = "",
    site_id: str | None = None,
    request_id: str = "",
) -> Block:
    """Return the block put on everybody with an address at `domain`, on the site or the first one."""
    domain = addresses.normal_domain(domain)
    if not domain:
        raise InvalidInput("The domain is not one.", {"domain": ["Write a domain such as example.com."]})
    _check(tools, clause, days, note)
    now = tools.now()
    with tools.database.begin() as store:
        acting.check(store, by, "block-domain", acting.actions_on_list)
        site = store.sites.get(site_id) if site_id else next(iter(store.sites.all()), None)
        if site is None:
            raise NotFound("There is no such site.")
        known = store.penalties.active_block(site_id=site.id, now=now, email_domain=domain)
        if known is not None and _lasts(known, now, days):
            return known
        ended = _end_for_another(tools, store, known, by, now, request_id)
        block = store.penalties.add_block(
            _given(site.id, "email_domain", domain, by, clause, days, note, (), now)
        )
        audit_block(store, block, by, now, request_id)
        _carry_appeals(tools, store, ended, by, now, request_id)
        _keep_wide_step(store, block, by, now)
        return block


def block_address(
    tools: Tools,
    address: str,
    by: str,
    clause: str | None,
    days: int | None,
    note: str = "",
    site_id: str | None = None,
    request_id: str = "",
) -> Block:
    """Return the block put on a network address: an IPv4 one, or the /64 of an IPv6 one. Only its hash is kept."""
    if not networks.network_of(address):
        raise InvalidInput(
            "The address is not one.", {"address": ["Write an address such as 192.0.2.7 or 2001:db8::1."]}
        )
    _check(tools, clause, days, note)
    now = tools.now()
    with tools.database.begin() as store:
        acting.check(store, by, "block-address", acting.actions_on_list)
        site = store.sites.get(site_id) if site_id else next(iter(store.sites.all()), None)
        if site is None:
            raise NotFound("There is no such site.")
        hashes = networks.hashes_of(tools, store, site.id, address)
        known = store.penalties.active_block(site_id=site.id, now=now, networks=hashes)
        if known is not None and _lasts(known, now, days):
            return known
        ended = _end_for_another(tools, store, known, by, now, request_id)
        found = networks.current_hash(tools, store, site.id, address)
        assert found is not None  # it is an address
        key_id, value = found
        block = _given(site.id, "network", value, by, clause, days, note, (), now)
        block.network_key_id = key_id
        store.penalties.add_block(block)
        audit_block(store, block, by, now, request_id)
        _carry_appeals(tools, store, ended, by, now, request_id)
        _keep_wide_step(store, block, by, now)
        return block


def _lasts(block: Block, now: datetime, days: int | None) -> bool:
    """Tell whether a block in force lasts as long as one of so many days from now: another would change nothing."""
    return block.ends_at is None or (days is not None and block.ends_at >= now + timedelta(days=days))


def _end_for_another(
    tools: Tools, store: Store, known: Block | None, by: str, now: datetime, request_id: str
) -> list[Block]:
    """Return the block that ends because another takes its place, with those given with it."""
    if known is None:
        return []
    ended = [known, *store.penalties.given_with(known.id, now)]
    end_block(tools, store, known.id, by, now, None, request_id, because=None)
    return ended


def _carry_appeals(
    tools: Tools, store: Store, ended: Sequence[Block], by: str, now: datetime, request_id: str
) -> None:
    """Let open appeals go over to the block that took the place of theirs; where none did, they are granted."""
    for block in ended:
        for waiting in store.appeals.open_about(block_id=block.id):
            successor = store.penalties.active_block(site_id=block.site_id, now=now, **place_of(block))
            if successor is None or store.appeals.of_block(successor.id) is not None:
                appealing.settle_with(tools, store, by, now, block_id=block.id, request_id=request_id)
            else:
                appealing.carry(store, waiting, successor, by, now, request_id)


def place_of(block: Block) -> dict[str, Any]:
    """Return whom a block keeps out, as `active_block` asks for it."""
    if block.subject_kind == "network":
        return {"networks": {block.network_key_id: block.subject}}
    return {"author_id" if block.subject_kind == "author" else "email_domain": block.subject}


def lift_block(tools: Tools, block_id: str, by: str, note: str | None = None, request_id: str = "") -> Block:
    """Return the entry of the block list that is lifted now.

    Raises:
        NotFound: there is no such entry, or it is over already.
    """
    check_note(note or "")
    now = tools.now()
    with tools.database.begin() as store:
        known = store.penalties.get_block(block_id)
        if known is None or known.is_over(now):
            raise NotFound("There is no such block in force.")
        acting.check(store, by, "lift", lambda moderator: acting.actions_on_block(known, moderator, now))
        lifted = lift(tools, store, block_id, by, now, note or None, request_id)
        more = {acting.WIDELY: acting.permission_on_block(known) == "block_widely"}
        keep_step(store, "lift", by, now, block_id=block_id, more=more)
        return lifted


def expire_due(tools: Tools) -> int:
    """Record the blocks whose end has come; return how many."""
    now = tools.now()
    with tools.database.read() as store:
        due = store.penalties.due_to_expire(now)
    if not due:
        return 0
    expired = 0
    with tools.database.begin() as store:
        for block in due:
            if store.penalties.mark_expired(block.id, now):
                expired += 1
                store.audit.append(
                    at=now,
                    actor="clock",
                    action="block.expired",
                    subject=f"block:{block.id}",
                    detail={"penalty": block.penalty},
                )
                _tell_it_is_over(tools, store, block, "expired", now)
    return expired


def lift(
    tools: Tools, store: Store, block_id: str, by: str, now: datetime, note: str | None, request_id: str
) -> Block:
    """Return the entry, lifted in the open transaction with the blocks that were given with it."""
    return end_block(tools, store, block_id, by, now, note, request_id, because="lifted")


def _tell_it_is_over(tools: Tools, store: Store, block: Block, because: Unblocked, now: datetime) -> None:
    """Tell the site and the author that a block on an author is over, unless another one goes on."""
    site = store.sites.get(block.site_id)
    author = store.people.get(block.subject) if block.subject_kind == "author" else None
    if site is None or author is None or block.penalty != "block":
        return
    if store.penalties.active_block(site_id=site.id, now=now, author_id=author.id) is None:
        tell_of_unblocking(store, site, author, block, because, now)
        informing.of_unblocking(tools, store, site, author, now)


def end_block(
    tools: Tools,
    store: Store,
    block_id: str,
    by: str,
    now: datetime,
    note: str | None,
    request_id: str,
    *,
    because: Unblocked | None,
) -> Block:
    """Return the entry, lifted; `because` is None where another takes its place at once."""
    companions = store.penalties.given_with(block_id, now)
    lifted = store.penalties.lift_block(block_id, by, now, note)
    if lifted is None:
        raise NotFound("There is no such block in force.")
    store.audit.append(
        at=now,
        actor=by,
        action="block.lifted",
        subject=f"block:{block_id}",
        detail={"penalty": lifted.penalty, "subject_kind": lifted.subject_kind},
        request_id=request_id,
    )
    for companion in companions:
        end_block(tools, store, companion.id, by, now, None, request_id, because=because)
    if because is not None:
        _tell_it_is_over(tools, store, lifted, because, now)
        appealing.settle_with(tools, store, by, now, block_id=block_id, request_id=request_id)
    return lifted


def _check(tools: Tools, clause: str | None, days: int | None, note: str) -> None:
    problems: dict[str, list[str]] = {}
    if clause is not None and clause not in tools.engine.policy.clauses:
        problems["clause"] = [f"There is no such clause. One of {', '.join(tools.engine.policy.clauses)}."]
    if days is not None and not 1 <= days <= _LONGEST_DAYS:
        problems["days"] = [f"Give 1 to {_LONGEST_DAYS} days, or nothing for until lifted."]
    if problem := _problem_with_note(note):
        problems["note"] = [problem]
    if problems:
        raise InvalidInput("The block could not be given. Correct what is named.", problems)


def check_note(note: str) -> None:
    """Raise InvalidInput where a note cannot be kept."""
    if problem := _problem_with_note(note):
        raise InvalidInput("The note cannot be kept.", {"note": [problem]})


def _problem_with_note(note: str) -> str:
    if len(note) > _LONGEST_NOTE:
        return f"Shorten it to {_LONGEST_NOTE} characters."
    if any(char not in "\n\r\t" and unicodedata.category(char) in ("Cc", "Cs") for char in note):
        return "Remove the control characters."
    return ""


def _given(
    site_id: str,
    kind: str,
    subject: str,
    by: str,
    clause: str | None,
    days: int | None,
    note: str,
    comment_ids: Sequence[str],
    now: datetime,
) -> Block:
    return Block(
        site_id=site_id,
        subject_kind=kind,
        subject=subject,
        penalty="block",
        clause=clause,
        comment_ids=list(comment_ids),
        given_by=by,
        starts_at=now,
        ends_at=now + timedelta(days=days) if days else None,
        note=note,
    )


def _keep_wide_step(store: Store, block: Block, by: str, now: datetime) -> None:
    place = {"email_domain": "domain", "network": "address"}[block.subject_kind]
    more = {acting.WIDELY: True}
    keep_step(store, "block", by, now, action=f"block-{place}", block_id=block.id, more=more)


_BLOCKED = {"author": "author.blocked", "email_domain": "domain.blocked", "network": "network.blocked"}


def audit_block(store: Store, block: Block, by: str, now: datetime, request_id: str) -> None:
    """Write down in the audit log that an entry of the block list was given."""
    # An author's id is opaque and may stand in the log; a domain or a hash does not need to.
    store.audit.append(
        at=now,
        actor=by,
        action=_BLOCKED[block.subject_kind],
        subject=f"block:{block.id}",
        detail={
            "author": block.subject if block.subject_kind == "author" else None,
            "clause": block.clause,
            "comments": block.comment_ids,
            "given_with": block.given_with,
            "ends_at": block.ends_at.isoformat() if block.ends_at else None,
        },
        request_id=request_id,
    )
