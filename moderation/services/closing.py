"""Discussions close by themselves as time passes; here that is written down, once, and where days added open one again."""

from moderation.services import Tools


def note_closings(tools: Tools) -> int:
    """Record the discussions that closed by themselves since the last look, or opened again; return how many."""
    now = tools.now()
    with tools.database.read() as store:
        changed = store.articles.closing_changed(now)
    noted = 0
    for article, days in changed:
        closing = article.closed_at is None
        with tools.database.begin() as store:
            if not store.articles.note_closing(article.id, now if closing else None):
                continue  # another worker was quicker
            noted += 1
            store.audit.append(
                at=now,
                actor="clock",
                action="discussion.closed" if closing else "discussion.reopened",
                subject=f"article:{article.id}",
                detail={"days": days},
            )
    return noted
