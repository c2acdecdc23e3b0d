"""Strikes, what the ladder makes of them, and what follows when one is overruled. Blocks: `penalising.py`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from moderation.engine.penalties import CountedStrike, next_penalty
from moderation.engine.policy import Rung
from moderation.services import Tools, informing
from moderation.services.delivering import tell_of_block
from moderation.services.penalising import cover, end_block
from moderation.store.tables import Article, Author, Block, Comment, Site, Strike
from moderation.store.unit_of_work import Store

_GRAVITY = ("warn", "premoderate", "block")


def penalise(
    tools: Tools,
    store: Store,
    site: Site,
    article: Article,
    author: Author,
    comment: Comment,
    clause: str,
    given_by: str,
    now: datetime,
    request_id: str,
    *,
    score: float = 0.0,
    severe: bool = False,
) -> str | None:
    """Give the clause's strike and the penalty it leads to; return what the author is told, or None.

    Called inside the transaction that rejects the comment. A moderator's later rejection gives no second strike. The
    points are those of the clause, or its higher ones where the score says so or a moderator calls the breach severe.
    """
    policy = tools.engine.policy
    points = policy.clauses[clause].points(score=score, severe=severe) if clause in policy.clauses else 0
    if points == 0 or any(strike.overruled_at is None for strike in store.penalties.strikes_for(comment.id)):
        return None
    strike = store.penalties.add_strike(
        Strike(
            author_id=author.id,
            comment_id=comment.id,
            clause=clause,
            points=points,
            given_by=given_by,
            given_at=now,
            expires_at=now + policy.strikes_expire_after,
        )
    )
    store.audit.append(
        at=now,
        actor=given_by,
        action="strike.given",
        subject=f"author:{author.id}",
        detail={"strike": strike.id, "comment": comment.id, "clause": clause, "points": points},
        request_id=request_id,
    )
    strikes = store.penalties.strikes_active(author.id, now)
    rung = next_penalty(map(_counted, strikes), policy.ladder, now)
    if rung is None or _already_in_force(store, author, rung, now):
        return None
    block = _block_of(rung, site, author, clause, strikes, now)
    _give(tools, store, site, author, block, rung, now, request_id, article=article, comment=comment)
    return rung.sentence


def _give(
    tools: Tools,
    store: Store,
    site: Site,
    author: Author,
    block: Block,
    rung: Rung,
    now: datetime,
    request_id: str,
    *,
    article: Article | None = None,
    comment: Comment | None = None,
) -> None:
    """Store what the ladder gives, with all it covers, and tell the site and the author of it."""
    store.penalties.add_block(block)
    store.audit.append(
        at=now,
        actor="ladder",
        action=f"author.{_PAST[block.penalty]}",
        subject=f"block:{block.id}",
        detail={
            "author": author.id,
            "clause": block.clause,
            "strikes": block.strike_ids,
            "days": rung.lasts_days,
        },
        request_id=request_id,
    )
    if block.penalty == "block":
        cover(store, author, block, rung.covers, now, request_id)
        tell_of_block(store, site, author, block, now, article=article, comment=comment)
    informing.of_penalty(tools, store, site, author, block, rung, now)


_PAST = {"warn": "warned", "premoderate": "premoderated", "block": "blocked"}


def _counted(strike: Strike) -> CountedStrike:
    return CountedStrike(strike.points, strike.given_at, strike.expires_at, strike.overruled_at is not None)


def _already_in_force(store: Store, author: Author, rung: Rung, now: datetime) -> bool:
    """Tell whether the author bears this penalty, or a harder one, already."""
    for block in store.people.standing(author.id, now).blocks:
        harder = _GRAVITY.index(block.penalty) - _GRAVITY.index(rung.penalty)
        if harder > 0 or (harder == 0 and not (rung.lasts_days is None and block.ends_at is not None)):
            return True
    return False


def _block_of(
    rung: Rung, site: Site, author: Author, clause: str, strikes: Sequence[Strike], now: datetime
) -> Block:
    days = timedelta(days=rung.lasts_days) if rung.lasts_days else None
    is_warning = rung.penalty == "warn"  # a moment, recorded; nothing lasts and nothing expires
    return Block(
        site_id=site.id,
        subject_kind="author",
        subject=author.id,
        penalty=rung.penalty,
        clause=clause,
        strike_ids=[strike.id for strike in strikes],
        comment_ids=list(dict.fromkeys(strike.comment_id for strike in strikes)),
        given_by="ladder",
        starts_at=now,
        ends_at=now if is_warning else (now + days if days else None),
        expired_at=now if is_warning else None,
    )


def overrule(tools: Tools, store: Store, comment: Comment, by: str, now: datetime, request_id: str) -> None:
    """Take back the strikes given for a comment, and the ladder's penalties that rest on them and no longer follow."""
    taken_back = store.penalties.overrule_strikes(comment.id, by, now)
    if not taken_back:
        return
    for strike in taken_back:
        store.audit.append(
            at=now,
            actor=by,
            action="strike.overruled",
            subject=f"author:{comment.author_id}",
            detail={"strike": strike.id, "comment": comment.id, "points": strike.points},
            request_id=request_id,
        )
    strikes = store.penalties.strikes_active(comment.author_id, now)
    rung = next_penalty(map(_counted, strikes), tools.engine.policy.ladder, now)
    lifted = False
    # A penalty may have stayed when one of its strikes was overruled, and follow no longer now that another is.
    overruled = {
        s.comment_id for s in store.penalties.strikes(comment.author_id) if s.overruled_at is not None
    }
    resting = {block.id: block for id_ in overruled for block in store.penalties.blocks_resting_on(id_, now)}
    for block in resting.values():
        if block.given_by == "ladder" and not _follows(block, rung):
            end_block(tools, store, block.id, by, now, None, request_id, because="overruled")
            lifted = True
    if lifted and rung is not None and strikes:
        _put_in_place(tools, store, comment, rung, strikes, now, request_id)


def _put_in_place(
    tools: Tools,
    store: Store,
    comment: Comment,
    rung: Rung,
    strikes: Sequence[Strike],
    now: datetime,
    request_id: str,
) -> None:
    """Give what the strikes that are left call for, where a harder penalty had stood in its place.

    It is counted from the last of those strikes, as if the overruled one had never been given.
    """
    site, author = store.sites.get(comment.site_id), store.people.get(comment.author_id)
    assert site is not None and author is not None  # noqa: PT018  foreign keys
    if rung.penalty == "warn" or _already_in_force(store, author, rung, now):
        return
    last = max(strikes, key=lambda strike: (strike.given_at, strike.id))
    block = _block_of(rung, site, author, last.clause, strikes, last.given_at)
    if block.ends_at is None or block.ends_at > now:
        _give(tools, store, site, author, block, rung, now, request_id)


def _follows(block: Block, rung: Rung | None) -> bool:
    """Tell whether a penalty as hard as this, and for ever where this is, still follows from the rung reached."""
    if rung is None:
        return False
    harder = _GRAVITY.index(rung.penalty) - _GRAVITY.index(block.penalty)
    return harder > 0 or (harder == 0 and (block.ends_at is not None or rung.lasts_days is None))
