"""`moderation db backup` and `restore`, the list of who was erased, `moderation data forget`, as they are called."""

from moderation.services.remembering import erase_author
from moderation.store.tables import AuditEvent, Author, Comment
from tests.workbench import Clock, Receiver, rows, tools_over


def test_a_backup_is_put_back_with_the_erasures_made_since_and_what_is_over_is_counted(
    seeded, run, comment, engine, tmp_path
):
    made = run("db", "backup", "backup.db")
    assert (made.code, made.out) == (0, f"backup.db: {(tmp_path / 'backup.db').stat().st_size:,} bytes.\n")
    erase_author(tools_over(seeded, engine, Clock(), Receiver()), comment.author_id, "cli")
    (tmp_path / "erased.txt").write_text(run("author", "erased").out)
    refused = run("db", "restore", "backup.db")
    assert (refused.code, refused.out) == (2, "")
    assert "--replace" in refused.err
    done = run("db", "restore", "backup.db", "--replace", "--erased", "erased.txt")
    assert done.out == "Restored: 1 comments. Erased again: 1 persons. Everybody signs in again.\n"
    assert [row.body for row in rows(seeded, Comment)] == [""]
    assert [row.id for row in rows(seeded, Author) if row.erased_at] == [comment.author_id]
    assert ["comments", "0"] in run("data", "forget", "--dry-run").table
    assert rows(seeded, AuditEvent)[-1].action == "database.restored"
