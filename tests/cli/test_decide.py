"""`moderation decide`: the public contract, line by line."""

import json
import subprocess
import sys

import pytest

from moderation.settings import Settings

ATTACK, CLEAN = "You are an idiot.", "I see it otherwise, and here is why."
UNREAD = "არცახი სომხეთია და მორჩა"
MEMBERS = ["id", "verdict", "clause", "reasons", "scores", "policy_version", "model_versions"]
TARGETS = {"reader", "writer", "public_figure", "group", "self", "quoted", "nobody"}


@pytest.fixture
def decide(run):
    """Decide objects, or lines as they are; give the objects that come out."""

    def decide(*lines, code=0):
        given = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        ran = run("decide", stdin=b"\n".join(given))
        assert ran.code == code, ran.err
        return [json.loads(line) for line in ran.lines]

    return decide


def test_every_line_is_answered_in_its_order(decide):
    given = [{"id": f"c-{number}", "body": ATTACK if number % 3 else CLEAN} for number in range(600)]
    answers = decide(*given)
    assert [answer["id"] for answer in answers] == [line["id"] for line in given]
    assert [answer["verdict"] for answer in answers] == ["publish", "reject", "reject"] * 200


def test_a_published_line_has_no_clause_and_no_reasons_and_all_scores(decide, engine):
    (answer,) = decide({"id": "1", "body": CLEAN})
    assert [*answer] == MEMBERS
    assert (answer["verdict"], answer["clause"], answer["reasons"]) == ("publish", None, [])
    assert {*answer["scores"]} == {*engine.policy.clauses, "toxicity"}
    assert all(0 <= score <= 1 for score in answer["scores"].values())
    assert answer["policy_version"] == engine.policy.version
    assert answer["model_versions"] == engine.model_versions


def test_a_rejected_line_gives_every_reason_the_deciding_one_first(decide):
    (answer,) = decide({"id": "1", "body": "You fucking idiot."})
    assert (answer["verdict"], answer["clause"]) == ("reject", "personal-attack")
    assert [reason["clause"] for reason in answer["reasons"]] == ["personal-attack", "profanity"]
    for reason in answer["reasons"]:
        assert [*reason] == ["clause", "score", "sentence", "spans", "target", "matched_as"]
        assert reason["target"] in TARGETS
        assert 0 <= reason["score"] <= 1
        assert reason["score"] == answer["scores"][reason["clause"]]
    assert answer["reasons"][0]["target"] == "reader"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        pytest.param("😀😀 What fucking nonsense", "fucking", id="beyond the basic plane"),
        pytest.param("e\u0301e\u0301 What fucking nonsense", "fucking", id="combining marks"),
        pytest.param("ﬁﬁ 𝐀𝐁 What f.u.c.k.i.n.g nonsense", "f.u.c.k.i.n.g", id="signs that fold to more"),
    ],
)
def test_spans_count_code_points_of_the_original(decide, body, word):
    (answer,) = decide({"id": "1", "body": body})
    ((start, end),) = answer["reasons"][0]["spans"]
    assert body[start:end] == word


def test_what_cannot_be_read_is_held_under_its_reserved_clause(decide):
    (answer,) = decide({"id": "1", "body": UNREAD})
    assert (answer["verdict"], answer["clause"]) == ("hold", "unread-language")


def test_article_and_parent_tell_whom_a_sentence_is_about(decide):
    body = "Anahit Testyan is an idiot."
    stranger, reader, figure = decide(
        {"id": "1", "body": body},
        {"id": "2", "body": body, "parent": {"author": "Anahit Testyan", "body": "Hello."}},
        {"id": "3", "body": body, "article": {"title": "A vote", "people": ["Anahit Testyan"]}},
    )
    assert stranger["verdict"] != "publish"
    assert (reader["verdict"], reader["reasons"][0]["target"]) == ("reject", "reader")
    assert (figure["verdict"], figure["reasons"][0]["target"]) == ("hold", "public_figure")


def test_no_line_influences_another(decide):
    same = {"body": "Buy my book, it is a good book.", "author": "Ann"}
    answers = decide(*({"id": "1"} | same for _ in range(300)))
    assert all(answer == answers[0] for answer in answers)
    assert decide({"id": "1"} | same) == answers[:1]


def test_blank_lines_are_skipped_and_both_line_ends_are_read(run):
    lines = [
        b"",
        b'{"id": "1", "body": "Yes."}\r',
        b"  \t",
        b'\xef\xbb\xbf{"id": "2", "body": "No."}',
        b"",
        b"",
    ]
    ran = run("decide", stdin=b"\n".join(lines))
    assert (ran.code, [json.loads(line)["id"] for line in ran.lines]) == (0, ["1", "2"])


def test_nothing_in_is_nothing_out(run):
    assert run("decide") == run("decide", stdin="\n\n")
    assert (run("decide").code, run("decide").out) == (0, "")


MALFORMED = [
    pytest.param(b"{", None, id="no JSON"),
    pytest.param(b"[]", None, id="no object"),
    pytest.param(b"\xff", None, id="no UTF-8"),
    pytest.param(b'{"body": "Yes."}', None, id="no id"),
    pytest.param(b'{"id": 7, "body": "Yes."}', None, id="number for an id"),
    pytest.param(b'{"id": "1"}', "1", id="no body"),
    pytest.param(b'{"id": "1", "body": 7}', "1", id="number for a body"),
    pytest.param(b'{"id": "1", "body": ""}', "1", id="empty body"),
    pytest.param(b'{"id": "1", "body": " \\n "}', "1", id="blank body"),
    pytest.param(b'{"id": "1", "body": "a \\ud800 b"}', "1", id="lone surrogate"),
    pytest.param(b'{"id": "1", "body": "a \\u0000 b"}', "1", id="NUL"),
    pytest.param(b'{"id": "1", "body": "%s"}' % (b"x" * 10_001), "1", id="10,001 characters"),
    pytest.param(b'{"id": "1", "body": "Yes.", "article": "A vote"}', "1", id="text for an article"),
    pytest.param(b'{"id": "1", "body": "Yes.", "article": {"people": "Ann"}}', "1", id="text for a list"),
    pytest.param(b'{"id": "1", "body": "Yes.", "article": {"people": [7]}}', "1", id="number for a name"),
    pytest.param(b'{"id": "1", "body": "Yes.", "parent": {"body": 7}}', "1", id="number for a parent's body"),
    pytest.param(b"[" * 100_000, None, id="nested without end"),
    pytest.param(b'{"id": "1", "body": %s}' % (b"9" * 5000), None, id="number without end"),
]


@pytest.mark.parametrize(("line", "named"), MALFORMED)
def test_a_malformed_line_gets_an_error_in_its_place_and_the_rest_is_decided(decide, line, named):
    first, wrong, last = decide({"id": "0", "body": CLEAN}, b"", line, {"id": "9", "body": ATTACK}, code=1)[
        :3
    ]
    assert (first["verdict"], last["verdict"]) == ("publish", "reject")
    assert wrong["line"] == 3
    assert wrong["error"]
    assert wrong.get("id") == named
    assert {*wrong} <= {"id", "line", "error"}


def test_10_000_characters_of_the_widest_kind_are_one_comment(decide):
    assert decide({"id": "1", "body": "😀" * 10_000})[0]["verdict"] in ("publish", "hold", "reject")


@pytest.mark.parametrize(
    "place", [{"author": "\ud800"}, {"id": "\ud800"}, {"article": {"title": "\ud800", "people": ["\udfff"]}}]
)
def test_half_a_surrogate_pair_elsewhere_stops_nothing(decide, place):
    assert len(decide({"id": "1", "body": ATTACK} | place, {"id": "2", "body": ATTACK})) == 2


PROBE = """
import sys
{act}
heavy = {{"sklearn", "scipy", "pyarrow", "altair", "better_profanity"}}
sys.stderr.write(repr(sorted(heavy & {{name.partition(".")[0] for name in sys.modules}})))
"""
ACTS = [
    pytest.param(
        "from moderation.cli import main\nsys.argv = ['moderation', 'decide']\ntry:\n    main()\nexcept SystemExit:\n    pass",
        id="decide",
    ),
    pytest.param("from moderation.web import create_app\ncreate_app()", id="serve"),
]


@pytest.mark.parametrize("act", ACTS)
def test_neither_deciding_nor_serving_loads_what_only_training_needs(act, monkeypatch, tmp_path):
    monkeypatch.setenv("MODERATION_DATABASE_URL", f"sqlite:///{tmp_path}/moderation.db")
    ran = subprocess.run(
        [sys.executable, "-c", PROBE.format(act=act)],
        input=b'{"id": "1", "body": "You are an idiot."}',
        capture_output=True,
        cwd=Settings().policy_path.parent.parent,
        check=True,
    )
    assert ran.stderr.decode().splitlines()[-1].endswith("[]")


def test_a_reader_that_has_enough_ends_it_quietly(tmp_path):
    lines = b'{"id": "1", "body": "You are an idiot."}\n' * 3000
    command = f"{sys.executable} -m moderation decide | head -n 1"
    ran = subprocess.run(
        command,
        shell=True,
        check=False,
        input=lines,
        capture_output=True,
        cwd=Settings().policy_path.parent.parent,
    )
    assert json.loads(ran.stdout)["verdict"] == "reject"
    assert ran.stderr == b""
