"""`moderation import` and `moderation export`."""

import json

from tests.archives import a_post, a_wxr, a_wxr_comment, every_trap_of_wxr


def test_an_archive_goes_in_is_listed_reported_decided_and_goes_out(run, seeded, tmp_path):
    ran = run("import", str(every_trap_of_wxr(tmp_path / "a.xml")), "--site", "asbarez")
    assert ran.code == 0, ran.err
    assert ["imported", "9"] in ran.table
    assert "A pingback, an order's note or the like: no reader wrote it." in ran.out
    assert "Importing: 100 %, 13 records" in ran.err
    ((import_id, *_, state, share, number),) = run("import", "list").table
    assert (state, share, number) == ("done", "100%", "9 comments")
    told = json.loads(run("import", "report", import_id, "--json").out)
    assert (told["imported"], len(told["left_out"])) == (9, 4)
    assert "Nothing was changed." in run("import", "decide", import_id).out
    assert "held for a moderator" in run("import", "decide", import_id, "--apply").out
    out = tmp_path / "out.xml"
    ran = run("export", str(out), "--site", "asbarez", "--format", "wxr")
    assert ran.out == f"9 comments of asbarez are in {out}.\n"
    assert out.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_has_an_exit_status_of_its_own(run, seeded, tmp_path):
    path = a_wxr(tmp_path / "a.xml", a_post(a_wxr_comment(1)), tail="")
    ran = run("import", "run", str(path), "--site", "asbarez")
    assert ran.code == 1
    assert "The file breaks at line" in ran.out


def test_what_cannot_be_imported_is_said_in_a_sentence(run, seeded, tmp_path):
    (tmp_path / "empty").touch()
    for path, said in (("nowhere.xml", "cannot be read"), ("empty", "is empty")):
        ran = run("import", path, "--site", "asbarez")
        assert (ran.code, said in ran.err) == (2, True)
