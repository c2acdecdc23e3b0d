"""The block list out and in, and whether somebody is blocked."""

import csv
import io
import json

import pytest

from moderation.errors import AuthorBlocked, InvalidInput
from moderation.services import listing, penalising
from moderation.services.checking import Writer
from moderation.store.penalties import Which
from moderation.store.tables import AuditEvent, Author, Block, Step
from tests.builders import DAY, NOW, a_block, a_writer, stored
from tests.workbench import everything, rows

ALL = Which()
HEADER = "kind,subject,penalty,clause,starts_at,ends_at,note\n"


def cells(text) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def load(tools, text):
    return listing.import_blocks(tools, text.encode(), "m1")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_is_taken_for_a_formula(tools, submit, sign):
    note = f'{sign}HYPERLINK("http://evil.example","x")'
    author_id = submit_author(tools, submit)
    with tools.database.begin() as store:
        store.penalties.add_block(a_block(store.people.get(author_id), note=note))
    (row,) = cells(listing.as_csv(listing.entries(tools, ALL)))
    assert row["note"] == f"'{note}"
    assert json.loads(listing.as_json(listing.entries(tools, ALL)))["blocks"][0]["note"] == note


def submit_author(tools, submit) -> str:
    return submit().comment.author_id


def test_what_is_exported_is_read_back_word_for_word_and_twice_does_no_harm(tools, newsroom, submit):
    author_id = submit_author(tools, submit)
    penalising.block_author(tools, author_id, "m1", "spam", 30, "=1+1, said «she»\nand more")
    penalising.block_domain(tools, "spam.example", "m1", None, None)
    penalising.block_address(tools, "192.0.2.7", "m1", "spam", 7)
    before = {row.id: (row.subject, row.note, row.ends_at) for row in rows(tools.database, Block)}
    for export in (listing.as_csv, listing.as_json):
        text = export(listing.entries(tools, ALL))
        assert load(tools, text) == listing.Imported(0, 3)
        with tools.database.begin() as store:
            store.sites._session.query(Step).delete()
            store.sites._session.query(Block).delete()
        assert load(tools, text) == listing.Imported(3, 0)
        assert {r.id: (r.subject, r.note, r.ends_at) for r in rows(tools.database, Block)} == before


def test_every_kind_of_entry_keeps_out_whom_it_names(tools, newsroom, submit):
    done = load(
        tools,
        HEADER
        + "email,Ann@Example.com,,personal-attack,,,\n"
        + "email_domain,spam.example,block,,,2030-01-01,\n"
        + "address,2001:db8::1,,,,,\n"
        + "external_id,u-9,premoderate,,,,\n",
    )
    assert done == listing.Imported(4, 0)
    for writer in (
        a_writer("Ann"),
        Writer("Bo", "bo@spam.example"),
        Writer("Cy", "cy@example.org", address="2001:db8::ffff:1"),
    ):
        with pytest.raises(AuthorBlocked):
            submit("A calm remark.", writer=writer)
    held = submit("A calm remark.", writer=Writer("Di", external_id="u-9"), source="api")
    assert (held.status, held.decision["clause"]) == ("held", "premoderated")
    assert "192.0" not in str(everything(tools.database)["blocks"])
    assert "2001:db8" not in str(everything(tools.database))


def test_the_same_list_of_addresses_twice_adds_nothing(tools, newsroom):
    text = HEADER + "email,ann@example.com,,,,,\naddress,192.0.2.7,,,,,\n"
    assert load(tools, text) == listing.Imported(2, 0)
    assert load(tools, text) == listing.Imported(0, 2)
    assert len(rows(tools.database, Author)) == 1


def test_one_wrong_line_keeps_all_out_and_each_is_named(tools, newsroom):
    before = everything(tools.database)
    lines = [
        "email_domain,good.example,,,,,",
        "email,nobody,,,,,",
        "email_domain,not a domain,,,,,",
        "address,999.1.1.1,,,,,",
        "author,unknown,,,,,",
        "planet,mars,,,,,",
        "email_domain,,,,,,",
        "email_domain,a.example,exile,,,,",
        "email_domain,b.example,,no-such,,,",
        "email_domain,c.example,,,yesterday,,",
        "email_domain,d.example,,,2030-01-02,2030-01-01,",
        "network,key:hash,,,,,",
    ]
    with pytest.raises(InvalidInput) as refused:
        load(tools, HEADER + "\n".join(lines) + "\n")
    assert [*refused.value.fields] == [f"line {number}" for number in range(3, 14)]
    assert all(sentences[0].endswith(".") for sentences in refused.value.fields.values())
    assert everything(tools.database) == before


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no column kind"),
        (b"kind,subject\n", "no entries"),
        (b"\xff\xfe", "UTF-8"),
        (b"name,reason\nx,y\n", "no column kind"),
        (b'kind,subject\n"x', "not CSV"),
        (b"kind,subject\nemail,a@b.example,more\n", "more or fewer cells"),
        (b'{"blocks": 1}', "no list"),
        (b"[1]", "no list"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"x" * (listing.LONGEST_FILE + 1), "Split it"),
    ],
)
def test_what_is_no_list_is_refused_whole(tools, newsroom, data, says):
    with pytest.raises(InvalidInput) as refused:
        listing.import_blocks(tools, data, "m1")
    assert says in refused.value.fields["file"][0]


def test_what_is_over_or_was_a_warning_is_not_taken(tools, newsroom):
    over = HEADER + "email_domain,a.example,,,2020-01-01,2020-02-01,\nemail_domain,b.example,warn,,,,\n"
    assert load(tools, over) == listing.Imported(0, 2)
    assert rows(tools.database, Block) == []


def test_an_import_is_written_down(tools, newsroom):
    load(tools, HEADER + "email_domain,a.example,,,,,\n")
    assert [event.action for event in rows(tools.database, AuditEvent)][-2:] == [
        "domain.blocked",
        "blocks.imported",
    ]
    assert "a.example" not in str([event.detail for event in rows(tools.database, AuditEvent)])


def test_the_list_is_chosen_by_filters(tools, submit):
    author_id = submit_author(tools, submit)
    with tools.database.begin() as store:
        author = store.people.get(author_id)
        stored(
            store,
            a_block(author, penalty="warn", ends_at=NOW),
            a_block(author, clause="spam", given_by="m1"),
            a_block(author, lifted_at=NOW + DAY, penalty="premoderate"),
        )

    def chosen(**which) -> int:
        return len([*listing.entries(tools, Which(**which))])

    assert chosen() == 3
    assert chosen(in_force=True) == 1
    assert chosen(in_force=False) == 2
    assert chosen(penalty="warn") == 1
    assert chosen(clause="spam", kind="author") == 1
    assert chosen(given_by="people") == 1
    assert chosen(given_by="ladder") == 2
    assert chosen(kind="network") == 0
    assert chosen(site_id="another") == 0


def test_whether_somebody_is_blocked_why_and_until_when(tools, newsroom, submit):
    author_id = submit_author(tools, submit)

    def asked(**who) -> str | None:
        answer = listing.is_blocked(tools, **who)
        assert bool(answer.sentence) == (answer.block is not None)
        return answer.block.id if answer.block else None

    everybody = {"author_id": author_id, "email": "ann@example.com", "address": "192.0.2.7"}
    assert all(asked(**{name: value}) is None for name, value in everybody.items())
    block = penalising.block_author(tools, author_id, "m1", "spam", 30)
    assert asked(author_id=author_id) == asked(email="ANN@example.com") == block.id
    assert asked(email="bo@example.com") is None
    assert "No advertising" in listing.is_blocked(tools, author_id=author_id).sentence
    address = penalising.block_address(tools, "192.0.2.7", "m1", None, None)
    assert asked(address="192.0.2.7") == asked(address="::ffff:192.0.2.7") == address.id
    domain = penalising.block_domain(tools, "spam.example", "m1", None, None)
    assert asked(email="bo@spam.example") == domain.id
    for wrong in ({"email": "nobody"}, {"address": "nowhere"}):
        with pytest.raises(InvalidInput):
            listing.is_blocked(tools, **wrong)
