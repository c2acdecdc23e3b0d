"""All comments of a site as one file, in the format of another system or in ours, to leave or to keep."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from moderation.errors import InvalidInput
from moderation.protocols.archives import disqus, isso, json_lines, wxr
from moderation.protocols.archives.json_lines import DecisionLine
from moderation.protocols.archives.types import FORMATS, About, Page, Person, Record, State, Writer
from moderation.services import Tools
from moderation.store.leaving import Leaving
from moderation.store.tables import NO_PERSONS, Article, Site

_WRITERS: Mapping[str, Writer] = {"wxr": wxr.write, "disqus": disqus.write, "jsonl": json_lines.write}
_OF_ARTICLES = (
    *("external_id", "slug", "source", "byline", "summary", "text", "language", "discussion"),
    *("closed_at", "closes_after_days", "deleted_at", "elsewhere", "told_at"),
)
_OF_AUTHORS = ("external_id", "role", "created_at", "confirmed_at", "erased_at")
_OF_COMMENTS = ("external_id", "language", "source", "revision", "published_at", "pinned_at")
Told = Callable[[int], None]


def export_site(
    tools: Tools,
    site: Site,
    path: Path,
    wanted: str,
    by: str,
    *,
    addresses: bool = True,
    told: Told = lambda _: None,
) -> int:
    """Return how many comments were written to a new file: all of the site, of one moment.

    Args:
        tools: the tools of this process.
        site: whose comments.
        path: the file, which must not be there yet.
        wanted: the format.
        by: who takes them.
        addresses: whether the e-mail addresses of authors go with them.
        told: is told how many are written, now and then.

    Raises:
        InvalidInput: there is no such format, or the file cannot be made.
    """
    if wanted not in FORMATS:
        raise InvalidInput(f"There is no format {wanted[:20]!r}. Choose {', '.join(FORMATS)}.")
    unfinished = path.with_name(f"{path.name}.part")
    try:
        if path.exists():
            raise InvalidInput(f"{path}: is there already. Name another file, or move it away.")
        # Only who exports may read it; it is whole when it has its name.
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        written = _write(tools, site, unfinished, wanted, addresses=addresses, told=told)
        unfinished.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be written ({error.strerror or error}).") from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    with tools.database.begin() as store:
        store.audit.append(
            at=tools.now(),
            actor=by,
            action="site.exported",
            subject=f"site:{site.id}",
            detail={"format": wanted, "comments": written, "addresses": addresses},
        )
    return written


def count_comments(tools: Tools, site: Site) -> int:
    """Return how many comments a site has, in whatever state."""
    with tools.database.read() as store:
        return store.leaving.count(site.id)


def _write(tools: Tools, site: Site, path: Path, wanted: str, *, addresses: bool, told: Told) -> int:
    about = About(site.name, site.origins[0] if site.origins else "", site.language, tools.now())
    with tools.database.read() as store:

        def pages() -> Iterator[Page]:
            return (_page(tools, article, wanted) for article in store.leaving.articles(site.id))

        def records() -> Iterator[Record]:
            number = 0
            for article in store.leaving.articles(site.id):
                page = _page(tools, article, wanted)
                for found in store.leaving.comments(article.id):
                    number += 1
                    told(number)
                    yield _record(page, found, wanted, addresses=addresses)

        if wanted == "isso":
            return isso.write(path, records())
        with path.open("wb") as file:
            return _WRITERS[wanted](file, about, pages(), records())


def _page(tools: Tools, article: Article, wanted: str) -> Page:
    """Return an article as archives tell of it; to others one without an address stands on our page of it."""
    elsewhere = "" if wanted == "jsonl" else f"{tools.settings.base_url}/articles/{article.slug}"
    return Page(
        id=article.id,
        address=article.url or elsewhere,
        title=article.title,
        published_at=article.published_at,
        closed=article.discussion == "closed",
        own=_columns(article, _OF_ARTICLES) | {"people": tuple(article.people)},
    )


def _record(page: Page, found: Leaving, wanted: str, *, addresses: bool) -> Record:
    comment, author, decision = found.comment, found.author, found.decision
    own = _columns(comment, _OF_COMMENTS)
    if decision is not None:
        who = decision.made_by if decision.made_by in NO_PERSONS else "moderator"
        kept = ("verdict", "clause", "action", "policy_version", "engine_version", "decided_at")
        own["decision"] = DecisionLine(**_columns(decision, kept) | {"made_by": who})
    return Record(
        id=comment.id,
        page=page,
        person=Person(
            name=author.name,
            email=(author.email or "") if addresses else "",
            id=author.id,
            own=_columns(author, _OF_AUTHORS),
        ),
        body=comment.body,
        state=_state(found, wanted),
        posted_at=comment.received_at,
        parent=comment.parent_id or "",
        top=comment.top_id or "",
        own=own,
    )


def _state(found: Leaving, wanted: str) -> State:
    """Return the state in words of archives: others know spam, where we know a clause that was broken."""
    spam = found.comment.state == "rejected" and found.comment.clause == "spam" and wanted != "jsonl"
    return "spam" if spam else cast("State", found.comment.state)


def _columns(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
