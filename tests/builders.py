"""Rows with good defaults: name only what a test is about.

`an_author(site)` makes a row, `stored(store, row, ...)` stores rows, `a_discussion(store)` stores the three
that every comment needs, and `a_stored_comment(store, discussion)` a comment with its first decision.
`a_new_comment(article)` is what a reader hands in.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from moderation.services.submitting import NewComment, Writer
from moderation.store.tables import (
    ApiKey,
    Article,
    Author,
    Block,
    Comment,
    DecisionRow,
    Delivery,
    Endpoint,
    LabelledDecision,
    Moderator,
    OneTimeLink,
    Site,
    Strike,
    Table,
)
from moderation.store.unit_of_work import Store

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

_number = count(1)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def a_site(**changes: Any) -> Site:
    return Site(**{"slug": f"paper-{next(_number)}", "name": "The Paper", "created_at": NOW} | changes)


def an_api_key(site: Site, **changes: Any) -> ApiKey:
    token = f"mk_{next(_number)}"
    fields = {"name": "CMS", "prefix": token[:5], "digest": digest_of(token), "scopes": ["check"]}
    return ApiKey(**{"site_id": site.id, "created_at": NOW} | fields | changes)


def an_endpoint(site: Site, **changes: Any) -> Endpoint:
    fields = {"url": "https://paper.example/hook", "secret": "whsec_c2VjcmV0", "created_at": NOW}
    return Endpoint(**{"site_id": site.id} | fields | changes)


def an_article(site: Site, **changes: Any) -> Article:
    fields = {
        "slug": f"article-{next(_number)}",
        "title": "A headline",
        "published_at": NOW,
        "updated_at": NOW,
    }
    return Article(**{"site_id": site.id} | fields | changes)


def an_author(site: Site, **changes: Any) -> Author:
    fields = {"name": "Ann", "salt": b"0123456789abcdef", "created_at": NOW}
    return Author(**{"site_id": site.id} | fields | changes)


def a_comment(article: Article, author: Author, **changes: Any) -> Comment:
    fields = {"body": "I see it otherwise.", "source": "form", "state": "held", "received_at": NOW}
    fields |= {"site_id": article.site_id, "article_id": article.id, "author_id": author.id} | changes
    if fields["state"] == "published":
        fields.setdefault("published_at", fields["received_at"])
    return Comment(**fields)


VERDICTS = {
    "published": "publish",
    "held": "hold",
    "rejected": "reject",
    "removed": "reject",
    "withdrawn": "hold",
}


def a_decision(comment: Comment | None = None, **changes: Any) -> DecisionRow:
    fields = {
        "comment_id": comment.id if comment else "",
        "made_by": "engine",
        "verdict": VERDICTS[comment.state] if comment else "hold",
        "clause": "personal-attack",
        "policy_version": "p1",
        "engine_version": "1",
        "decided_at": comment.received_at if comment else NOW,
    } | changes
    public = {"verdict": fields["verdict"], "clause": fields["clause"], "reasons": [], "scores": {}}
    return DecisionRow(**{"public": public | {"policy_version": "p1", "model_versions": {}}} | fields)


def a_label(comment: Comment, **changes: Any) -> LabelledDecision:
    fields = {
        "comment_id": comment.id,
        "revision": comment.revision,
        "who": "m1",
        "verdict": "reject",
        "at": NOW,
    }
    return LabelledDecision(**fields | changes)


def a_strike(comment: Comment, **changes: Any) -> Strike:
    fields = {
        "author_id": comment.author_id,
        "comment_id": comment.id,
        "clause": "personal-attack",
        "points": 2,
    }
    fields |= {"given_by": "engine", "given_at": NOW, "expires_at": NOW + 90 * DAY}
    return Strike(**fields | changes)


def a_block(author: Author, **changes: Any) -> Block:
    fields = {"site_id": author.site_id, "subject_kind": "author", "subject": author.id, "penalty": "block"}
    fields |= {"clause": "personal-attack", "given_by": "ladder", "starts_at": NOW, "ends_at": NOW + 7 * DAY}
    return Block(**fields | changes)


def a_moderator(**changes: Any) -> Moderator:
    fields = {
        "email": f"m{next(_number)}@paper.example",
        "name": "Mo",
        "role": "moderator",
        "created_at": NOW,
    }
    return Moderator(**{"password_hash": "$argon2id$..."} | fields | changes)


def a_link(token: str = "token", **changes: Any) -> OneTimeLink:
    fields = {"purpose": "invite", "email": "new@paper.example", "role": "moderator", "created_by": "cli"}
    fields |= {"created_at": NOW, "expires_at": NOW + DAY}
    return OneTimeLink(**{"digest": digest_of(token)} | fields | changes)


def a_delivery(endpoint: Endpoint, comment: Comment | None = None, **changes: Any) -> Delivery:
    fields = {"event": "comment.published", "payload": '{"type":"comment.published"}', "created_at": NOW}
    fields |= {"site_id": endpoint.site_id, "endpoint_id": endpoint.id}
    return Delivery(**fields | {"comment_id": comment.id if comment else None} | changes)


def a_writer(name: str = "Ann") -> Writer:
    return Writer(name, f"{name.lower()}@example.com")


def a_new_comment(
    article: Article, body: str = "I see it otherwise, and here is why.", **changes: Any
) -> NewComment:
    fields = {"site_id": article.site_id, "article_id": article.id, "body": body, "writer": a_writer()}
    return NewComment(**fields | changes)


def stored(store: Store, *rows: Table) -> None:
    """Store rows in the order given, by whichever method stores such rows."""
    for row in rows:
        match row:
            case Site():
                store.sites.add(row)
            case ApiKey():
                store.sites.add_key(row)
            case Endpoint():
                store.sites.add_endpoint(row)
            case Article():
                store.articles.add(row)
            case Author():
                store.people.add(row)
            case Strike():
                store.penalties.add_strike(row)
            case Block():
                store.penalties.add_block(row)
            case Moderator():
                store.moderators.add(row)
            case OneTimeLink():
                store.moderators.add_link(row)
            case Delivery():
                store.outbox.add(row)
            case LabelledDecision():
                store.comments.add_label(row)
            case _:
                raise TypeError(f"a {type(row).__name__} is stored with something else")


@dataclass(frozen=True)
class Discussion:
    site: Site
    article: Article
    author: Author


def a_discussion(store: Store, **author: Any) -> Discussion:
    """Store a site with an article and an author."""
    site = a_site()
    article, writer = an_article(site), an_author(site, **author)
    stored(store, site, article, writer)
    return Discussion(site, article, writer)


def a_stored_comment(store: Store, discussion: Discussion, **changes: Any) -> Comment:
    """Store a comment with the engine's decision; `author=` and `decision=` may be given."""
    author = changes.pop("author", discussion.author)
    decision = changes.pop("decision", None)
    comment = a_comment(discussion.article, author, **changes)
    assert store.comments.add(comment, decision or a_decision(comment))
    return comment
