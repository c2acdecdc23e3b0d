"""The policy file: what is valid is read whole, what is not is refused naming file, key and remedy."""

import shutil

import pytest

from moderation.engine.detectors import find_detectors
from moderation.engine.policy import load_policy
from moderation.engine.types import RESERVED_CLAUSES
from moderation.errors import PolicyInvalid
from moderation.settings import Settings

DETECTORS = frozenset(detector.name for detector in find_detectors())


@pytest.fixture
def copy(tmp_path):
    """A copy of the real policy with its lexicon, to be spoilt."""
    config = Settings().policy_path.parent
    shutil.copytree(config / "lexicon", tmp_path / "config" / "lexicon")
    shutil.copytree(config / "languages", tmp_path / "config" / "languages")
    shutil.copytree(Settings().seeds_dir, tmp_path / "seeds")
    shutil.copy(config / "policy.toml", tmp_path / "config" / "policy.toml")
    return tmp_path / "config" / "policy.toml"


def test_the_shipped_policy_is_valid_and_speaks_the_paper_s_words(policy):
    assert policy.words.strip().startswith("Comments are welcomed and encouraged.")
    assert (
        "reserves the right to block users who violate any of our posting standards and policies."
        in policy.words
    )


def test_every_reserved_clause_is_worded(policy):
    assert set(policy.reserved) == set(RESERVED_CLAUSES)


def test_the_version_names_the_content(copy):
    first = load_policy(copy, DETECTORS).version
    assert load_policy(copy, DETECTORS).version == first
    with (copy.parent / "lexicon" / "en.toml").open("a") as lexicon:
        lexicon.write("\n# a remark\n")
    assert load_policy(copy, DETECTORS).version != first


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param(
            "hold_at = 0.45\nreject_at = 0.85\nstrike_points = 3",
            "hold_at = 0.9\nreject_at = 0.85\nstrike_points = 3",
            "clauses.threat: hold_at",
            id="hold above reject",
        ),
        pytest.param(
            "threat = 1.0", "thraet = 1.0", "clauses.threat.detectors.thraet", id="unknown detector"
        ),
        pytest.param(
            "[reserved.premoderated]",
            "[reserved.premod]",
            "reserved.premoderated: is missing",
            id="reserved clause missing",
        ),
        pytest.param('spam = "spam"', 'spam = "ham"', "learned.spam", id="learned label without clause"),
        pytest.param("at_points = 4", "at_points = 1", "ladder: order 2000", id="ladder falls"),
        pytest.param(
            'penalty = "premoderate"', 'penalty = "tickle"', "ladder.1.penalty", id="unknown penalty"
        ),
        pytest.param(
            'title_hy = "Ոչ մի սպառնալիք"\n', "", "clauses.threat.title_hy", id="no title in Armenian"
        ),
        pytest.param(
            'title_hy = "Ոչ մի հայհոյանք"', 'title_hy = ""', "clauses.profanity.title_hy", id="an empty title"
        ),
        pytest.param(
            "severe_points = 4",
            "severe_points = 1",
            "clauses.threat.severe_points",
            id="a severe breach costs less",
        ),
        pytest.param(
            "severe_points = 4\nsevere_from",
            "severe_from",
            "clauses.threat.severe_from",
            id="severe without points",
        ),
        pytest.param(
            'penalty = "warn"',
            'penalty = "warn"\ncovers = ["network"]',
            "ladder: order 1000",
            id="a warning that covers a network",
        ),
        pytest.param(
            'penalty = "block"',
            'penalty = "block"\ncovers = ["planet"]',
            "ladder.2.covers.0",
            id="covers what is not",
        ),
        pytest.param("abuse_share = 0.8", "abuse_share = 8", "reports.abuse_share", id="no share of abuse"),
        pytest.param("severity = 90", "severety = 90", "clauses.threat.severety", id="unknown key"),
        pytest.param("hold_at = 0.45", "hold_at = 45", "hold_at", id="not a share"),
        pytest.param("[clauses.threat]", "[clauses.threat", "is not TOML", id="broken TOML"),
        pytest.param("quoted = 0.4", "qouted = 0.4", "clauses.threat.targets.qouted", id="unknown target"),
    ],
)
def test_a_policy_that_does_not_hold_is_refused_by_file_and_key(copy, old, new, named):
    text = copy.read_text("utf-8")
    assert old in text
    copy.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(copy, DETECTORS)
    assert str(copy) in str(refused.value)
    assert named in str(refused.value)
    assert "." in str(refused.value).split(named, 1)[1]  # a remedy follows


def test_a_policy_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        load_policy(tmp_path / "none.toml")


def test_clauses_must_be_tables(copy):
    copy.write_text("clauses = 3\n", "utf-8")
    with pytest.raises(PolicyInvalid):
        load_policy(copy)


def test_a_policy_without_a_lexicon_is_refused(copy):
    shutil.rmtree(copy.parent / "lexicon")
    with pytest.raises(PolicyInvalid, match="no lexicon"):
        load_policy(copy, DETECTORS)


def test_one_form_in_two_entries_is_refused(copy):
    twice = 'language = "en"\n' + 2 * '[[entry]]\nlemma = "blahblah"\nkind = "insult"\nseverity = "mild"\n'
    (copy.parent / "lexicon" / "en.toml").write_text(twice, "utf-8")
    with pytest.raises(PolicyInvalid, match="stands in both 'blahblah'"):
        load_policy(copy, DETECTORS)


def test_a_lexicon_with_an_unknown_key_is_refused(copy):
    (copy.parent / "lexicon" / "en.toml").write_text('language = "en"\n[[entry]]\nlema = "x"\n', "utf-8")
    with pytest.raises(PolicyInvalid, match=r"en\.toml"):
        load_policy(copy, DETECTORS)


@pytest.mark.parametrize("name", ["policy.md", "policy.hy.md"])
def test_every_clause_is_written_in_the_policy_s_text_in_both_languages(copy, policy, name):
    readings = policy.readings_hy if "hy" in name else policy.readings
    assert set(readings) >= {*policy.clauses, *policy.reserved}
    written = copy.parent.parent / "seeds" / name
    written.write_text(written.read_text("utf-8").replace("## threat", "## menace"), "utf-8")
    with pytest.raises(PolicyInvalid, match="threat: is not written"):
        load_policy(copy, DETECTORS)


def test_the_words_of_data_and_page_are_the_same(copy):
    written = copy.parent.parent / "seeds" / "policy.md"
    written.write_text(written.read_text("utf-8").replace("welcomed", "tolerated"), "utf-8")
    with pytest.raises(PolicyInvalid, match="words: are not those"):
        load_policy(copy, DETECTORS)


def test_a_policy_without_word_lists_is_refused(copy):
    """Else no Latin text would count as unread, and Armenian in Latin letters would be published."""
    shutil.rmtree(copy.parent / "languages")
    with pytest.raises(PolicyInvalid, match="no words found"):
        load_policy(copy, DETECTORS)


def test_a_policy_under_which_a_model_rejects_alone_is_refused(copy):
    text = copy.read_text("utf-8")
    copy.write_text(text.replace("learned = 0.84", "learned = 0.9"), "utf-8")
    with pytest.raises(PolicyInvalid, match=r"personal-attack\.detectors\.learned"):
        load_policy(copy, DETECTORS)


def test_a_clause_is_worded_in_english_and_in_armenian(policy):
    for clause_id in (*policy.clauses, *policy.reserved):
        for word in (policy.clause_title, policy.clause_sentence):
            assert word(clause_id).isascii()
            assert any("Ա" <= char <= "և" for char in word(clause_id, "hy"))
