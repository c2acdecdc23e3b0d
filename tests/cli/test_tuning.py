"""`moderation policy tune`: labelled decisions in, thresholds with what they promise out, or a refusal."""

import json

import pytest

from moderation.engine.policy import load_policy

ATTACK = {"body": "You are a stupid idiot.", "verdict": "reject", "clause": "personal-attack"}
CALM = {"body": "The council met again about the old road.", "verdict": "publish"}
UNSURE = {"body": "What a day.", "verdict": "hold"}


@pytest.fixture
def tune(run, policy_copy, tmp_path):
    """Tune a policy whose clause on attacks states rates; `rows` are objects or bytes."""
    text = policy_copy.read_text("utf-8")
    head = "[clauses.personal-attack]\n"
    stated = text.replace(head, head + "reject_precision = 0.97\npublish_miss_rate = 0.02\n")
    policy_copy.write_text(stated, "utf-8")

    def tune(rows, *more):
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        (tmp_path / "rows.jsonl").write_bytes(b"\n".join(lines))
        return run("policy", "tune", str(policy_copy), "--decisions", str(tmp_path / "rows.jsonl"), *more)

    return tune


def test_thresholds_come_with_what_they_promise_and_expected_shares(tune, policy_copy):
    draft = policy_copy.with_name("draft.toml")
    ran = tune([ATTACK, CALM] * 300 + [UNSURE] * 3, "--out", str(draft))
    assert ran.code == 0, ran.err
    assert "personal-attack: reject_at = " in ran.out
    assert "0 of 300 rejections are wrong" in ran.out
    assert "0 of 300 published comments break it" in ran.out
    assert "600 labelled comments (3 more labelled hold say neither)" in ran.out
    assert "with the thresholds above: publish 50.0 % (46.0 to 54.0), hold 0.0 %" in ran.out
    drafted, before = load_policy(draft), load_policy(policy_copy)
    assert drafted.clauses["personal-attack"].reject_at != before.clauses["personal-attack"].reject_at
    assert drafted.clauses["threat"] == before.clauses["threat"]


def test_too_few_rows_are_refused_and_leave_no_draft(tune, policy_copy):
    draft = policy_copy.with_name("draft.toml")
    ran = tune([ATTACK, CALM] * 20, "--out", str(draft))
    assert ran.code == 1
    assert "personal-attack: reject_at refused: " in ran.out
    assert "such comments are needed" in ran.out
    assert not draft.exists()


def test_the_rates_are_shown(run, tune, policy_copy):
    shown = run("policy", "show", str(policy_copy)).out
    assert "at least 97 % of its rejections must be right" in shown
    assert "at most 2 % of what it lets pass may break it" in shown


def test_a_policy_that_states_no_rate_has_nothing_to_tune(run, tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps(CALM))
    ran = run("policy", "tune", "--decisions", str(tmp_path / "rows.jsonl"))
    assert ran.code == 2
    assert "no clause states reject_precision or publish_miss_rate" in ran.err


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(b"{", "Line 2: the line is not JSON", id="no JSON"),
        pytest.param({"verdict": "publish"}, "Line 2: body: is missing", id="no body"),
        pytest.param({"body": "A.", "verdict": "approve"}, "Line 2: verdict: is none of", id="no verdict of ours"),
        pytest.param({"body": "A."}, "Line 2: verdict: is missing", id="no verdict"),
        pytest.param({"body": "A.", "verdict": "reject"}, "Line 2: clause: names no clause", id="no clause"),
        pytest.param(
            {"body": "A.", "verdict": "reject", "clause": "rude"}, "Line 2: clause: names no clause", id="unknown clause"
        ),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_with_field_and_remedy(tune, row, said):
    ran = tune([CALM, row])
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_file_that_is_not_there_is_named(run):
    ran = run("policy", "tune", "--decisions", "nowhere.jsonl")
    assert ran.code == 2
    assert "nowhere.jsonl: cannot be read" in ran.err
