"""Two policies compared: every change is named, and so is every golden decision it turns."""

import shutil

import pytest

from moderation.engine import Engine
from moderation.engine.comparing import differences, flips
from moderation.engine.golden import read_golden, run_golden
from moderation.engine.policy import load_policy
from moderation.settings import Settings
from tests.builders import NOW


@pytest.fixture
def draft(tmp_path):
    config = Settings().policy_path.parent
    shutil.copytree(config, tmp_path / "config")
    shutil.copytree(config.parent / "seeds", tmp_path / "seeds")
    return tmp_path / "config" / "policy.toml"


def test_a_policy_does_not_differ_from_itself(policy, draft):
    assert list(differences(policy, load_policy(draft))) == []


def test_every_kind_of_change_has_a_line(policy, draft):
    draft.write_text(
        draft.read_text("utf-8")
        .replace("strike_points = 3", "strike_points = 4", 1)
        .replace('"putin", ', "", 1),
        "utf-8",
    )
    words = draft.parent / "lexicon" / "az.toml"
    words.write_text(words.read_text("utf-8").replace('severity = "mild"', 'severity = "strong"', 1), "utf-8")
    with (draft.parent / "languages" / "az.txt").open("a", encoding="utf-8") as listed:
        listed.write("qwertyuiop\n")
    lines = list(differences(policy, load_policy(draft)))
    assert "clauses.threat.strike_points: 3 -> 4" in lines
    assert "people.public_figures: removed 'putin'" in lines
    assert any(line.startswith("lexicon.az.") and line.endswith("'mild' -> 'strong'") for line in lines)
    assert "languages.az: 1 words added, 0 removed" in lines


def test_a_word_added_or_taken_away_is_named(policy, draft):
    words = draft.parent / "lexicon" / "az.toml"
    text = words.read_text("utf-8")
    words.write_text(
        text + '\n[[entry]]\nlemma = "yepyenisöz"\nkind = "insult"\nseverity = "mild"\n', "utf-8"
    )
    assert list(differences(policy, load_policy(draft))) == ["lexicon.az.yepyenisöz: added"]
    assert list(differences(load_policy(draft), policy)) == ["lexicon.az.yepyenisöz: removed"]


def test_golden_decisions_that_turn_are_named(policy, draft):
    draft.write_text(
        draft.read_text("utf-8").replace("profanity = 1.0, learned", "profanity = 0.5, learned", 1), "utf-8"
    )
    cases = [
        c
        for c in read_golden(Settings().policy_path.parent / "decisions", policy)
        if c.file == "profanity.en.toml"
    ]
    before, after = (run_golden(Engine(p, {}), cases, NOW) for p in (policy, load_policy(draft)))
    turned = list(flips(before, after))
    assert turned
    assert all(old.case is new.case and old.got != new.got for old, new in turned)
    assert ("reject profanity", "hold profanity") in {(old.got, new.got) for old, new in turned}
