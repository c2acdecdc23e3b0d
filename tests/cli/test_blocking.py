"""Commands for the block list."""

import json

from moderation.store.tables import AuditEvent, Block
from tests.workbench import Clock, rows


def test_an_author_is_blocked_listed_and_let_in_again(seeded, run, comment):
    added = run("block", "add", comment.author_id, "--clause", "spam", "--days", "7", "--note", "Again.")
    (block_id,) = added.lines
    ((listed, penalty, subject, clause, by, *_),) = run("block", "list").table
    assert (listed, penalty, subject, clause, by) == (
        block_id,
        "block",
        f"author:{comment.author_id}",
        "spam",
        "cli",
    )
    assert run("block", "lift", block_id, "--note", "A mistake.").lines == [block_id]
    assert run("block", "list").out == ""
    # The rejection's warning is over as well, and part of the whole list.
    assert [line[1] for line in run("block", "list", "--all").table] == ["block", "warn"]
    assert [event.action for event in rows(seeded, AuditEvent)][-2:] == ["author.blocked", "block.lifted"]


def test_a_domain_is_blocked_until_lifted(seeded, run):
    (block_id,) = run("block", "add", "@Bad.example").lines
    ((_, _, subject, clause, _, _, until, evidence),) = run("block", "list").table
    assert (subject, clause, until, evidence) == ("email_domain:bad.example", "-", "until lifted", "-")
    assert run("block", "lift", block_id).code == 0


def test_the_block_list_is_printed_whole_however_long(seeded, run):
    for number in range(60):
        with seeded.begin() as store:
            (site,) = store.sites.all()
            now = Clock().time
            store.penalties.add_block(
                Block(
                    site_id=site.id,
                    subject_kind="email_domain",
                    subject=f"{number}.example",
                    penalty="block",
                    given_by="cli",
                    starts_at=now,
                )
            )
    assert len({line[2] for line in run("block", "list").table}) == 60


def test_the_block_list_is_written_out_read_in_and_asked(seeded, run, comment, tmp_path):
    assert run("block", "check", "--email", "ann@example.com").lines == ["Not blocked."]
    (block_id,) = run("block", "add", comment.author_id, "--days", "7", "--note", "=1+1").lines
    (address_id,) = run("block", "add", "192.0.2.7").lines
    for name, who in (
        ("--email", "ANN@example.com"),
        ("--author", comment.author_id),
        ("--address", "192.0.2.7"),
    ):
        asked = run("block", "check", name, who)
        assert (asked.code, asked.lines[-1]) == (1, address_id if name == "--address" else block_id)
        assert asked.lines[0].startswith("You cannot comment here until")
    exported = run("block", "export").out
    assert ",'=1+1," in exported
    assert "192.0.2.7" not in exported
    (tmp_path / "blocks.csv").write_text(exported)
    assert run("block", "import", "blocks.csv").lines == ["0 added, 2 were in the list already or are past."]
    (tmp_path / "bad.csv").write_text("kind,subject\nemail,nobody\n")
    wrong = run("block", "import", "bad.csv")
    assert wrong.code != 0
    assert "line 2" in wrong.err
    assert run("block", "import", "none.csv").code != 0
    assert run("block", "export", "--format", "xml").code != 0
    everything_ever = json.loads(run("block", "export", "--format", "json", "--all").out)["blocks"]
    assert {entry["kind"] for entry in everything_ever} == {"author", "network"}
