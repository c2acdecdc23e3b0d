"""WordPress's export (WXR 1.0 to 1.2): posts with their comments, which stand in no order.

Spam is not in it. Texts are HTML, dates without a zone are those of the site, and a comment may come before the one
it answers.
"""

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

_WP = "http://wordpress.org/export/1.2/"
_SPACES = MappingProxyType({"http://wordpress.org/export/": "wp:", "http://": "other:"})
_OF_THE_POST = ("title", "link", "wp:post_id", "wp:post_date_gmt", "wp:comment_status")
_KEPT = frozenset({"wp:comment", *_OF_THE_POST})
_STATES: dict[str, State] = {
    "1": "published",
    "approved": "published",
    "approve": "published",
    "0": "held",
    "hold": "held",
    "spam": "spam",
    "trash": "removed",
    "post-trashed": "removed",
}
_WRITTEN_BY_READERS = ("", "comment", "review")
_APPROVED = {"published": "1", "held": "0", "spam": "spam"}


def read(file: BinaryIO) -> Iterator[Entry]:
    """Yield the comments of an export.

    Raises:
        InvalidInput: it is no export of WordPress. Broken: it cannot be read on.
    """
    post: dict[str, str] = {}
    for found in elements(file, "rss", _KEPT, _SPACES):
        if found.name != "wp:comment":
            if found.within == "item":
                if found.name in post:  # the next post has begun
                    post = {}
                post[found.name] = found.text.strip()
        elif found.within == "item":
            yield _entry(found, post)


def _entry(found: Element, post: dict[str, str]) -> Entry:
    place, key = f"line {found.line}", found.text_of("wp:comment_id")
    if found.text_of("wp:comment_type") not in _WRITTEN_BY_READERS:
        return Skip(place, key, "not-a-comment")
    if found.overlong:
        return Skip(place, key, "too-long")
    state = _STATES.get(found.text_of("wp:comment_approved"))
    if state is None:
        return Skip(place, key, "unknown-state")
    parent, user = found.text_of("wp:comment_parent"), found.text_of("wp:comment_user_id")
    return entry(
        Record(
            id=key,
            page=Page(
                id=post.get("wp:post_id", ""),
                address=post.get("link", "")[:LONGEST_ADDRESS],
                title=line_of(post.get("title", ""), LONGEST_TITLE),
                published_at=moment(post.get("wp:post_date_gmt", "")),
                closed=post.get("wp:comment_status") == "closed",
            ),
            person=Person(
                name=name_of(found.text_of("wp:comment_author")),
                email=found.text_of("wp:comment_author_email"),
                url=found.text_of("wp:comment_author_url"),
                id=f"user:{user}" if user not in ("", "0") else "",
            ),
            body=text_of(found.text_of("wp:comment_content")),
            state=state,
            posted_at=moment(found.text_of("wp:comment_date_gmt"))
            or moment(found.text_of("wp:comment_date")),
            parent="" if parent == "0" else parent,
            place=place,
        )
    )


def write(file: BinaryIO, about: About, pages: Iterable[Page], records: Iterable[Record]) -> int:
    """Write the comments as an export that WordPress's importer reads; return how many."""
    del pages  # each stands with its comments
    written, posts = 0, 0
    page: Page | None = None
    numbers = Numbers()

    def put(text: str) -> None:
        file.write(text.encode("utf-8"))

    put('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"')
    put(f' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="{_WP}">\n<channel>\n')
    put(f"<title>{told(about.name)}</title>\n<link>{told(about.address)}</link>\n")
    put(f"<language>{told(about.language)}</language>\n<wp:wxr_version>1.2</wp:wxr_version>\n")
    put(f"<wp:base_site_url>{told(about.address)}</wp:base_site_url>\n")
    for record in records:
        if page is None or record.page.id != page.id:
            put("</item>\n" if page else "")
            page, posts = record.page, posts + 1
            numbers.next_page()
            put(_head(page, posts))
        put(_comment(record, numbers.of(record.id), numbers.of(record.parent)))
        written += 1
    put(("</item>\n" if page else "") + "</channel>\n</rss>\n")
    return written


def _head(page: Page, number: int) -> str:
    date = f"{page.published_at:%Y-%m-%d %H:%M:%S}" if page.published_at else ""
    return (
        f"<item>\n<title>{told(page.title)}</title>\n<link>{told(page.address)}</link>\n"
        f"<content:encoded><![CDATA[]]></content:encoded>\n<wp:post_id>{number}</wp:post_id>\n"
        f"<wp:post_date>{date}</wp:post_date>\n<wp:post_date_gmt>{date}</wp:post_date_gmt>\n"
        f"<wp:comment_status>{'closed' if page.closed else 'open'}</wp:comment_status>\n"
        "<wp:status>publish</wp:status>\n<wp:post_type>post</wp:post_type>\n"
    )


def _comment(record: Record, number: int, parent: int) -> str:
    date = f"{record.posted_at:%Y-%m-%d %H:%M:%S}" if record.posted_at else ""
    # Isso's importer fails on an element without any text.
    body = escape(record.body, quote=False) or " "
    fields = {
        "id": str(number),
        "author": as_told(escape(record.person.name, quote=False) or " "),
        "author_email": as_told(record.person.email),
        "author_url": as_told(record.person.url),
        "author_IP": "",
        "date": date,
        "date_gmt": date,
        "content": as_told(body),
        "approved": _APPROVED.get(record.state, "trash"),
        "type": "comment",
        "parent": str(parent),
        "user_id": "0",
    }
    told_of = "".join(f"<wp:comment_{name}>{value}</wp:comment_{name}>\n" for name, value in fields.items())
    return f"<wp:comment>\n{told_of}</wp:comment>\n"
