"""`moderation policy`: what holds is shown, what does not is refused by file, key and remedy."""

import subprocess
import sys
from pathlib import Path

import pytest

from moderation.bootstrap.engine import build_engine
from moderation.errors import PolicyInvalid
from moderation.settings import Settings

HOME = Settings().policy_path.parent.parent
BROKEN = [
    pytest.param("[clauses.threat]", "[clauses.threat", "is not TOML", id="no TOML"),
    pytest.param(
        "hold_at = 0.45", "hold_at = 0.99", "hold_at 0.99 is above reject_at", id="hold above reject"
    ),
    pytest.param(
        "{ threat = 1.0", "{ thread = 1.0", "clauses.threat.detectors.thread", id="unknown detector"
    ),
    pytest.param('title = "No threats"', 'titel = "No threats"', "clauses.threat.title", id="unknown key"),
    pytest.param("hold_at = 0.45", 'hold_at = "low"', "clauses.threat.hold_at", id="wrong type"),
    pytest.param(
        "[reserved.held-first]", "[reserved.held]", "reserved.held-first", id="reserved clause missing"
    ),
    pytest.param('spam = "spam"', 'spam = "junk"', "learned.spam", id="label without a clause"),
    pytest.param("at_points = 4", "at_points = 1", "ladder", id="ladder that falls"),
]


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(("old", "new", "said"), BROKEN)
def test_a_broken_policy_is_refused_in_one_sentence_that_names_file_and_key(
    run, policy_copy, old, new, said, monkeypatch
):
    spoil(policy_copy, old, new)
    checked = run("policy", "check", str(policy_copy))
    assert (checked.code, checked.out) == (2, "")
    assert checked.err.startswith(f"moderation: {policy_copy}: ")
    assert said in checked.err
    assert checked.err.count("\n") == 1
    monkeypatch.setenv("MODERATION_POLICY_PATH", str(policy_copy))
    assert run("decide", stdin='{"id": "1", "body": "Yes."}') == checked


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("lexicon/en.toml", "[[", "[["[:1]),
        ("decisions/spam.en.toml", 'verdict = "', 'verdict = "maybe-'),
        ("decisions/spam.en.toml", "clause = ", "clause = 7 # "),
    ],
)
def test_a_broken_lexicon_or_golden_decision_is_named(run, policy_copy, monkeypatch, file, old, new):
    spoil(policy_copy.parent / file, old, new)
    monkeypatch.setenv("MODERATION_POLICY_PATH", str(policy_copy))
    checked = run("policy", "check")
    assert (checked.code, checked.out) == (2, "")
    assert file in checked.err
    assert "Traceback" not in checked.err


def test_a_policy_that_is_not_there_is_named(run):
    checked = run("policy", "check", "nowhere.toml")
    assert (checked.code, checked.out) == (2, "")
    assert "nowhere.toml" in checked.err


def test_a_bad_file_never_replaces_a_good_one(policy_copy, engine):
    good = build_engine(Settings(policy_path=policy_copy))
    version = good.policy.version
    spoil(policy_copy, "hold_at = 0.45", "hold_at = 0.99")
    with pytest.raises(PolicyInvalid):
        build_engine(Settings(policy_path=policy_copy))
    assert good.policy.version == version == engine.policy.version


def test_another_word_is_another_version(run, policy_copy):
    versions = {run("policy", "check", str(policy_copy)).out}
    for file, old, new in (
        ("policy.toml", "No threats", "No threats, please"),
        ("lexicon/en.toml", "\n", "\n# A note.\n"),
        ("languages/en.txt", "\n", "\n# A note.\n"),
    ):
        spoil(policy_copy.parent / file, old, new)
        versions.add(run("policy", "check", str(policy_copy)).out)
    assert len(versions) == 4


def test_the_policy_in_use_is_valid_and_shown_with_every_clause_and_rung(run, engine):
    checked, shown = run("policy", "check"), run("policy", "show")
    assert (checked.code, shown.code) == (0, 0)
    assert engine.policy.version in checked.out
    assert engine.policy.words in shown.out
    for clause in engine.policy.clauses.values():
        assert clause.id in shown.out
        assert clause.sentence in shown.out
    for clause_id in engine.policy.reserved:
        assert clause_id in shown.out
    assert "4 points in 90 days: premoderate 14 days" in shown.out
    assert "9 points in 90 days: block until lifted" in shown.out
    assert "In shadow (seen, without effect): " in shown.out


def test_the_golden_decisions_hold_under_the_policy_in_use_and_not_under_a_lenient_one(run, policy_copy):
    assert run("policy", "test").code == 0
    spoil(policy_copy, "detectors = { profanity = 1.0", "detectors = { profanity = 0.1")
    lenient = run("policy", "test", str(policy_copy))
    assert lenient.code == 1
    assert "profanity.en.toml: reject profanity expected, got" in lenient.out


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MODERATION_PORT", "many"),
        ("MODERATION_ENVIRONMENT", "production"),
        ("MODERATION_TRUSTED_PROXIES", "9"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_starts(run, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    ran = run("decide")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("moderation: MODERATION_")


def test_secrets_are_masked_among_the_settings(run, monkeypatch):
    monkeypatch.setenv("MODERATION_SECRET_KEY", "a secret of thirty-two characters")
    monkeypatch.setenv("MODERATION_DATABASE_URL", "postgresql://me:pa@ss-word@db.example/moderation")
    monkeypatch.setenv("MODERATION_SMTP_URL", "smtp://user:pass-word@mail.example:587")
    monkeypatch.setenv("MODERATION_REDIS_URL", "redis://:pass-word@redis.example:6379/0")
    ran = run("settings")
    assert ran.code == 0
    for secret in ("thirty-two", "ss-word", "pass-word"):
        assert secret not in ran.out
    assert "db.example/moderation" in ran.out
    assert {line.partition("=")[0] for line in ran.lines} == {
        f"MODERATION_{name.upper()}" for name in Settings.model_fields
    }


def test_a_refusal_is_one_sentence_and_status_2_for_the_program_itself(policy_copy):
    spoil(policy_copy, "hold_at = 0.45", "hold_at = 0.99")
    program = [sys.executable, "-m", "moderation", "policy", "check", str(policy_copy)]
    ran = subprocess.run(program, capture_output=True, text=True, cwd=HOME, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"moderation: {policy_copy}: clauses.threat")
    assert ran.stderr.count("\n") == 1


def test_a_draft_is_compared_key_by_key_and_row_by_row(run, policy_copy):
    assert run("policy", "diff", str(policy_copy)).out.startswith("No difference.")
    spoil(policy_copy, "reject_at = 0.85\nstrike_points = 1", "reject_at = 1.0\nstrike_points = 2")
    compared = run("policy", "diff", str(policy_copy))
    assert compared.code == 0
    assert "clauses.sexual.reject_at: 0.85 -> 1.0" in compared.out
    assert "clauses.sexual.strike_points: 1 -> 2" in compared.out
    assert "reject sexual -> hold sexual" in compared.out
    tested = run("policy", "test", str(policy_copy))
    assert "reject sexual -> hold sexual" in tested.out
