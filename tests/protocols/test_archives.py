"""Archives of other systems: every record is read or left out with a reason, and nothing is fetched or expanded."""

import gzip
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import InvalidInput
from moderation.protocols.archives import disqus, isso, json_lines, wxr
from moderation.protocols.archives.files import open_archive
from moderation.protocols.archives.types import REASONS, About, Broken, Page, Person, Record, Skip
from tests.archives import (
    ARMENIAN,
    DISQUS_POSTS,
    HEAD,
    ISSO_ROWS,
    a_disqus,
    a_post,
    a_wxr,
    a_wxr_comment,
    an_isso,
    every_trap_of_wxr,
)

ABOUT = About("Paper", "https://paper.example", "en", datetime(2026, 11, 25, tzinfo=UTC))


def entries(path, wanted="auto"):
    return [*open_archive(path, wanted).entries()]


def by_id(found):
    return {entry.id: entry for entry in found if isinstance(entry, Record)}


def left_out(found):
    return [(entry.id, entry.reason) for entry in found if isinstance(entry, Skip)]


def test_wordpress_comments_come_with_page_person_date_state_and_plain_text(tmp_path):
    found = by_id(entries(every_trap_of_wxr(tmp_path / "a.xml")))
    assert found["3"].body == "An answer before what it answers 🙂"
    assert found["2"].body == f"{ARMENIAN} a ]]> b"
    assert (found["3"].parent, found["2"].parent, found["4"].parent) == ("2", "1", "")
    assert {key: found[key].state for key in ("4", "5", "6")} == {"4": "held", "5": "spam", "6": "removed"}
    assert found["10"].posted_at is None
    page = found["2"].page
    assert (page.address, page.title, page.closed) == ("https://paper.example/?p=7", "Վերնագիր & more", False)
    assert found["2"].posted_at == datetime(2020, 3, 1, 10, 0, 2, tzinfo=UTC)
    assert (found["4"].person.name, found["4"].person.email) == ("Ann", "r4@mail.example")


def test_what_is_left_out_of_wordpress_s_export_has_a_reason_and_a_line(tmp_path):
    found = entries(every_trap_of_wxr(tmp_path / "a.xml"))
    assert left_out(found) == [("8", "not-a-comment"), ("11", "unknown-state"), ("12", "no-text")]
    assert all(
        skip.place.startswith("line ") and skip.reason in REASONS for skip in found if isinstance(skip, Skip)
    )
    assert len(found) == 13


def test_links_of_a_comment_stay_and_no_network_address_is_read(tmp_path):
    first = next(entry for entry in entries(every_trap_of_wxr(tmp_path / "a.xml")) if entry.id == "1")
    assert first.body == "See  https://x.example/ this & that.\nNew line"
    assert "192.0.2.7" not in "".join(
        str(getattr(first.person, name)) for name in ("name", "email", "url", "id")
    )


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_every_version_of_wxr_is_read(tmp_path, version):
    path = a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1)), head=HEAD.replace("1.2/", f"{version}/"))
    assert [entry.id for entry in entries(path)] == ["1"]


def test_control_characters_that_wordpress_exports_end_nothing(tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1, content="a\x0bb\x08c"), a_wxr_comment(2)))
    assert [entry.body for entry in entries(path)] == ["a b c", "Words 2"]


@pytest.mark.parametrize("packed", [False, True])
def test_disqus_posts_come_with_spam_deleted_and_closed(tmp_path, packed):
    found = entries(a_disqus(tmp_path / "d.xml", *DISQUS_POSTS, packed=packed))
    records = by_id(found)
    assert records["1"].body == "Words 1\n\nMore"
    assert {key: records[key].state for key in "134"} == {"1": "published", "3": "spam", "4": "withdrawn"}
    assert (records["2"].parent, records["8"].parent, records["5"].page.closed) == ("1", "2", True)
    assert records["8"].person.id == "user:ann"
    assert left_out(found) == [("6", "page-deleted"), ("7", "no-page")]


def test_isso_s_comments_come_with_their_modes(tmp_path):
    found = entries(an_isso(tmp_path / "c.db", ISSO_ROWS))
    records = by_id(found)
    assert records["1"].body == f"*{ARMENIAN}* 🙂"
    assert [records[key].state for key in "123"] == ["published", "held", "withdrawn"]
    assert records["1"].page.address == "/blog/one/"
    assert records["4"].posted_at is None
    assert left_out(found) == [("5", "no-page"), ("6", "unknown-state")]


def test_isso_s_database_is_not_written_to(tmp_path):
    path = an_isso(tmp_path / "c.db", ISSO_ROWS)
    before = path.read_bytes()
    entries(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["c.db"]


def test_isso_s_comments_that_are_not_merged_yet_are_asked_for(tmp_path):
    path = an_isso(tmp_path / "c.db", ISSO_ROWS)
    (tmp_path / "c.db-wal").write_bytes(b"something")
    with pytest.raises(InvalidInput, match="Stop Isso first"):
        open_archive(path)


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>'
)
OUTSIDE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PLAIN_DTD = '<!DOCTYPE rss SYSTEM "https://evil.example/rss.dtd">'


@pytest.mark.parametrize("declared", [LAUGHS, OUTSIDE, PLAIN_DTD], ids=["laughs", "outside", "dtd"])
@pytest.mark.parametrize("write", [a_wxr, a_disqus])
def test_a_document_type_definition_is_refused_before_anything_is_read(tmp_path, declared, write):
    path = tmp_path / "a.xml"
    write(path, a_post(a_wxr_comment(1)) if write is a_wxr else DISQUS_POSTS[0])
    path.write_bytes(path.read_bytes().replace(b"?>\n", b"?>\n" + declared.encode(), 1))
    found = []
    with pytest.raises(InvalidInput, match="document type definition"):
        found.extend(open_archive(path).entries())
    assert found == []


def test_an_entity_that_nobody_declared_breaks_the_file_there(tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1), a_wxr_comment(2, content="&lol;")))
    found = []
    with pytest.raises(Broken, match="undefined entity"):
        found.extend(open_archive(path).entries())  # list.extend keeps nothing of a generator that raises
    assert ids_until_broken(path) == ["1"]


@pytest.mark.parametrize("encoding", ["TTF-8", "utf-7", "x", "idna", "punycode"])
def test_an_encoding_that_nobody_knows_breaks_the_file_at_its_beginning(encoding):
    """Found by `make fuzz`: expat asks Python for the encoding, which raises what it raises."""
    export = f'<?xml version="1.0" encoding="{encoding}"?>\n<rss version="2.0"><channel></channel></rss>'
    with pytest.raises((Broken, InvalidInput)):
        [*wxr.read(BytesIO(export.encode()))]


def ids_until_broken(path):
    found = []
    with pytest.raises(Broken) as broken:
        for entry in open_archive(path).entries():
            found.append(entry.id)  # noqa: PERF401  it raises
    assert str(broken.value)
    return found


def test_a_truncated_file_is_read_as_far_as_it_goes(tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(*(a_wxr_comment(n) for n in range(1, 400))))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"<wp:comment_id>301<")])
    assert ids_until_broken(path) == [str(n) for n in range(1, 301)]
    packed = gzip.compress(whole)
    path.write_bytes(packed[: len(packed) * 2 // 3])
    assert 0 < len(ids_until_broken(path)) < 399


def test_a_truncated_archive_of_ours_says_in_which_line_it_ends(tmp_path):
    path = tmp_path / "a.jsonl"
    out = BytesIO()
    json_lines.write(out, ABOUT, [], [a_record("1"), a_record("2")])
    path.write_bytes(out.getvalue()[:-20])
    assert ids_until_broken(path) == ["1"]


@pytest.mark.parametrize(
    ("content", "wanted", "said"),
    [
        (b"", "auto", "is empty"),
        (b"<html></html>", "auto", "no archive known"),
        (b"\x1f\x8bnot gzip", "auto", "cannot be read|no archive known"),
        (b"<html></html>", "wxr", "not of this format"),
        (b'{"a": 1}\n', "jsonl", "no archive of ours"),
        (b'{"archive": "moderation", "version": 9}\n', "jsonl", "another version"),
        (b"SQLite format 3\0 and no more", "auto", "not Isso's"),
        (b"x", "atom", "There is no format"),
    ],
)
def test_what_is_no_archive_is_refused_in_a_sentence(tmp_path, content, wanted, said):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=said):
        [*open_archive(path, wanted).entries()]


def test_a_wrong_line_of_ours_is_left_out_alone(tmp_path):
    out = BytesIO()
    json_lines.write(out, ABOUT, [], [a_record("1"), a_record("2")])
    head, article, first, second = out.getvalue().splitlines(keepends=True)
    wrong = [b"not json\n", b'{"comment": {"id": 5}}\n', b"[]\n", b"\n", b'"' + b"x" * 4_100_000 + b'"\n']
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join([head, article, first, *wrong, second]))
    found = entries(path)
    assert [*by_id(found)] == ["1", "2"]
    assert [skip.place for skip in found if isinstance(skip, Skip)] == [
        "line 4",
        "line 5",
        "line 6",
        "line 8",
    ]


def test_a_large_export_is_not_held_in_memory(tmp_path):
    comments = (a_wxr_comment(n, content="x" * 2000) for n in range(1, 6001))
    path = a_wxr(tmp_path / "a.xml", a_post(*comments))
    assert path.stat().st_size > 12_000_000
    tracemalloc.start()
    number = sum(1 for _ in open_archive(path).entries())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 6000
    assert peak < 3_000_000


def test_a_comment_longer_than_any_is_left_out_and_the_next_is_read(tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1, content="x" * 1_500_000), a_wxr_comment(2)))
    assert [getattr(entry, "reason", entry.id) for entry in entries(path)] == ["too-long", "2"]


PAGE = Page("a1", "https://paper.example/one/", "One", datetime(2020, 1, 1, tzinfo=UTC))


def a_record(key, **changes):
    fields = {
        "page": PAGE,
        "person": Person("Ann", "ann@mail.example"),
        "body": f"Words {key}",
        "state": "published",
        "posted_at": datetime(2020, 1, 2, tzinfo=UTC),
    } | changes
    return Record(key, **fields)


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd\u202d\u202e"), max_size=80
)
PIECES = st.sampled_from(["\n", "]]>", "<b>", "&amp;", "<![CDATA[", "🙂", "Ա"])
LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd\u202d\u202e\ufffe\uffff")
BODIES = (
    st.lists(LETTERS | PIECES, min_size=1, max_size=60).map(lambda parts: "".join(parts).strip()).filter(bool)
)


@given(body=BODIES, name=WORDS, state=st.sampled_from(["published", "held", "spam", "removed"]))
def test_what_is_written_as_wxr_is_well_formed_and_read_again(body, name, state):
    out = BytesIO()
    told = [a_record("x", body=body, person=Person(name), state=state), a_record("y", parent="x")]
    assert wxr.write(out, ABOUT, [], told) == 2
    ET.fromstring(out.getvalue())
    first, second = wxr.read(BytesIO(out.getvalue()))
    assert (first.body, first.state, second.parent) == (body, state, first.id)
    assert first.posted_at == told[0].posted_at


@given(
    body=st.text(min_size=1, max_size=200).filter(
        lambda text: not any("\ud800" <= c <= "\udfff" or c == "\0" for c in text)
    )
)
def test_what_is_written_as_json_lines_is_read_letter_by_letter(body):
    out = BytesIO()
    json_lines.write(out, ABOUT, [], [a_record("x", body=body)])
    (found,) = json_lines.read(BytesIO(out.getvalue()))
    assert (found.body, found.person.email, found.page.title) == (body, "ann@mail.example", "One")


@given(body=BODIES)
def test_what_is_written_as_disqus_export_is_read_again(body):
    states = ("published", "held", "spam", "withdrawn")
    out = BytesIO()
    told = [a_record(state, body=body, state=state) for state in states]
    disqus.write(out, ABOUT, [PAGE], told)
    found = [*disqus.read(BytesIO(out.getvalue()))]
    assert [(one.body, one.state) for one in found] == [(body, state) for state in states]


def test_what_readers_do_not_see_is_marked_deleted_for_importers_that_know_no_more():
    out = BytesIO()
    disqus.write(
        out, ABOUT, [PAGE], [a_record("x", state="held"), a_record("y", state="spam"), a_record("z")]
    )
    told = out.getvalue().decode().split("<post ")[1:]
    assert ["<isDeleted>true" in post for post in told] == [True, True, False]


def test_an_isso_database_has_one_level_of_answers_and_no_words_of_what_is_hidden(tmp_path):
    told = [
        a_record("1"),
        a_record("2", parent="1", top="1"),
        a_record("3", parent="2", top="1"),
        a_record("4", state="rejected", body="secret words"),
        replace(a_record("5"), state="held"),
    ]
    path = tmp_path / "new.db"
    assert isso.write(path, told) == 5
    assert b"secret words" not in path.read_bytes()
    found = by_id(entries(path))
    assert [(found[str(n)].parent, found[str(n)].state) for n in range(1, 6)] == [
        ("", "published"),
        ("1", "published"),
        ("1", "published"),
        ("", "withdrawn"),
        ("", "held"),
    ]
