"""Disqus's export: all threads first, then all posts, with spam and what was deleted."""

from collections.abc import Iterable, Iterator
from html import escape
from types import MappingProxyType
from typing import BinaryIO

from moderation.protocols.archives.types import (
    LONGEST_ADDRESS,
    LONGEST_TITLE,
    About,
    Entry,
    Numbers,
    Page,
    Person,
    Record,
    Skip,
    State,
    entry,
    moment,
    name_of,
)
from moderation.protocols.archives.xml_stream import Element, as_told, elements, told
from moderation.protocols.plain_text import line_of, text_of

_INTERNALS = "http://disqus.com/disqus-internals"
_SPACES = MappingProxyType({_INTERNALS: "dsq:", "http://disqus.com": ""})
_KEPT = frozenset({"thread", "post"})
_ID = "dsq:id"


def read(file: BinaryIO) -> Iterator[Entry]:
    """Yield the comments of an export. The threads, which come first, are kept: there are as many as pages.

    Raises:
        InvalidInput: it is no export of Disqus. Broken: it cannot be read on.
    """
    threads: dict[str, Page | None] = {}
    for found in elements(file, "disqus", _KEPT, _SPACES):
        if found.name == "thread" and found.within == "disqus":
            deleted = found.text_of("isDeleted") == "true"
            threads[found.attributes.get(_ID, "")] = None if deleted else _page(found)
        elif found.name == "post":
            yield _entry(found, threads)


def _page(found: Element) -> Page:
    return Page(
        id=found.attributes.get(_ID, ""),
        address=found.text_of("link")[:LONGEST_ADDRESS],
        title=line_of(found.text_of("title"), LONGEST_TITLE),
        published_at=moment(found.text_of("createdAt")),
        closed=found.text_of("isClosed") == "true",
    )


def _entry(found: Element, threads: dict[str, Page | None]) -> Entry:
    place, key = f"line {found.line}", found.attributes.get(_ID, "")
    if found.overlong:
        return Skip(place, key, "too-long")
    thread = _named(found, "thread")
    if thread not in threads:
        return Skip(place, key, "no-page")
    page = threads[thread]
    if page is None:
        return Skip(place, key, "page-deleted")
    author = found.child("author") or found
    user = author.text_of("username")
    return entry(
        Record(
            id=key,
            page=page,
            person=Person(
                name=name_of(author.text_of("name") or user),
                email=author.text_of("email"),
                url=author.text_of("link"),
                id=f"user:{user}" if user and author.text_of("isAnonymous") != "true" else "",
            ),
            body=text_of(found.text_of("message")),
            state=_state(found),
            posted_at=moment(found.text_of("createdAt")),
            parent=_named(found, "parent"),
            place=place,
        )
    )


def _named(found: Element, name: str) -> str:
    child = found.child(name)
    return child.attributes.get(_ID, "") if child is not None else ""


def _state(found: Element) -> State:
    """Return the state; who deleted a post, its author or a moderator, the export does not say."""
    if found.text_of("isSpam") == "true":
        return "spam"
    if found.text_of("isApproved") == "false":
        return "held"
    return "withdrawn" if found.text_of("isDeleted") == "true" else "published"


def write(file: BinaryIO, about: About, pages: Iterable[Page], records: Iterable[Record]) -> int:
    """Write the comments as an export of Disqus; return how many.

    What readers do not see is marked deleted, beside what it is: importers that know no more than that would show it.
    """
    del about
    written = 0
    threads: dict[str, int] = {}
    numbers = Numbers()
    page = ""

    def put(text: str) -> None:
        file.write(text.encode("utf-8"))

    put('<?xml version="1.0" encoding="utf-8"?>\n')
    put(f'<disqus xmlns="http://disqus.com" xmlns:dsq="{_INTERNALS}">\n')
    for found in pages:
        threads[found.id] = len(threads) + 1
        put(_thread(found, threads[found.id]))
    for record in records:
        if record.page.id != page:
            page = record.page.id
            numbers.next_page()
        put(_post(record, numbers.of(record.id), numbers.of(record.parent), threads[page]))
        written += 1
    put("</disqus>\n")
    return written


def _thread(page: Page, number: int) -> str:
    date = f"{page.published_at:%Y-%m-%dT%H:%M:%SZ}" if page.published_at else ""
    return (
        f'<thread dsq:id="{number}">\n<id>{told(page.id)}</id>\n<link>{told(page.address)}</link>\n'
        f"<title>{told(page.title)}</title>\n<message />\n<createdAt>{date}</createdAt>\n"
        f"<isClosed>{_word(page.closed)}</isClosed>\n<isDeleted>false</isDeleted>\n</thread>\n"
    )


def _post(record: Record, number: int, parent: int, thread: int) -> str:
    message = escape(record.body, quote=False).replace("\n", "<br>")
    date = f"{record.posted_at:%Y-%m-%dT%H:%M:%SZ}" if record.posted_at else ""
    address = f"<email>{told(record.person.email)}</email>" if record.person.email else ""
    answers = f'<parent dsq:id="{parent}" />\n' if parent else ""
    return (
        f'<post dsq:id="{number}">\n<id />\n<message>{as_told(message)}</message>\n'
        f"<createdAt>{date}</createdAt>\n<isDeleted>{_word(record.state != 'published')}</isDeleted>\n"
        f"<isSpam>{_word(record.state == 'spam')}</isSpam>\n"
        f"<isApproved>{_word(record.state != 'held')}</isApproved>\n"
        f"<author>{address}<name>{told(record.person.name)}</name><isAnonymous>true</isAnonymous></author>\n"
        f'<thread dsq:id="{thread}" />\n{answers}</post>\n'
    )


def _word(value: bool) -> str:
    return "true" if value else "false"
