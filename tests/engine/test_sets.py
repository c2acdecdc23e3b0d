"""Our own test sets (`tests/sets`), as promises; `python -m bench.sets` and `bench.evasion` print the figures.

The rows put aside count as well: they were written first and never tuned on, so their bars are lower.
"""

from collections import Counter

import pytest

from bench import evasion, sets
from moderation.engine.text import Text


def share(hits):
    hits = list(hits)
    return sum(hits) / len(hits)


@pytest.mark.parametrize(("aside", "least"), [(False, 0.94), (True, 0.80)])
def test_whom_words_are_aimed_at_is_mostly_right(rules, aside, least):
    found = sets.targets(rules)[aside]
    assert len(found) >= 100
    assert share(row["target"] == got for row, got in found) >= least


@pytest.mark.parametrize(
    ("name", "aside", "least"),
    [("targets_more", False, 0.88), ("targets_everyday", False, 0.92), ("targets_aside", True, 0.8)],
)
def test_whom_harder_words_are_aimed_at_is_mostly_right(rules, name, aside, least):
    found = sets.targets(rules, name)[aside]
    assert len(found) >= 120
    assert share(row["target"] == got for row, got in found) >= least


@pytest.mark.parametrize(("aside", "least"), [(False, 0.98), (True, 0.93)])
def test_inflected_armenian_words_are_found(rules, aside, least):
    found = sets.stems(rules)[aside]
    assert len(found) >= 600
    assert share(hit for _, _, hit in found) >= least


@pytest.mark.parametrize("aside", [False, True])
def test_an_innocent_armenian_comment_publishes_in_every_script(rules, aside):
    found = [holds for row, _, holds in sets.triples(rules)[aside] if not row["offends"]]
    assert len(found) >= 25
    assert share(found) >= 0.9


def test_most_offending_armenian_comments_are_seen_in_every_script(rules):
    found = [holds for part in sets.triples(rules).values() for row, _, holds in part if row["offends"]]
    assert len(found) >= 75
    assert share(found) >= 0.85


def test_no_neutral_sentence_about_any_group_is_held_and_none_scores_higher_than_another(rules):
    verdicts, gap, count = sets.identity(rules)
    assert count >= 3 * 60 * 20
    assert verdicts == Counter(publish=count)
    assert gap <= 0.05


def test_clean_sentences_in_the_languages_we_read_are_not_refused(rules):
    verdicts = sets.clean(rules)
    together = sum(verdicts.values(), Counter())
    assert together["reject"] == 0
    for (language, aside), counted in verdicts.items():
        assert counted["publish"] >= (0.8 if aside else 0.85) * counted.total(), (language, aside)
    armenian = sum(
        (counted for (language, _), counted in verdicts.items() if language.startswith("hy")), Counter()
    )
    assert armenian["publish"] >= 0.9 * armenian.total()


def test_innocents_written_to_be_tuned_on_are_never_refused(rules):
    verdicts = Counter(
        sets.decide(rules, row.text).verdict.value for row in evasion.read_innocents() if not row.aside
    )
    assert verdicts["reject"] == 0
    assert verdicts["hold"] <= 0.02 * verdicts.total()


@pytest.mark.parametrize("aside", [False, True])
def test_comments_of_readers_are_published_and_offending_ones_seen(rules, aside):
    verdicts = sets.readers(rules)
    innocent, offending = verdicts[False, aside], verdicts[True, aside]
    assert innocent["publish"] >= (0.95 if aside else 0.97) * innocent.total()
    assert innocent["reject"] <= 0.01 * innocent.total()
    assert offending["publish"] <= (0.20 if aside else 0.08) * offending.total()


@pytest.fixture(scope="module")
def disguised():
    return evasion.generate(evasion.read_seeds())


@pytest.mark.parametrize("aside", [False, True])
def test_words_in_disguise_are_found(rules, disguised, aside):
    rows = [row for row in disguised if row.aside is aside]
    assert len(rows) >= 300
    assert share(sets.decide(rules, row.text).verdict.value != "publish" for row in rows) >= 0.95


def test_what_is_found_lies_where_the_disguised_word_stands(rules, disguised):
    """A span never lies outside the comment, and one of them touches the word."""
    touched = []
    for row in disguised:
        text = Text(row.text)
        spans = [text.original_span(m.start, m.end) for m in rules.policy.lexicon.matches(text)]
        assert all(0 <= span.start < span.end <= len(row.text) for span in spans), row
        if spans:
            touched.append(any(span.start < row.end and row.start < span.end for span in spans))
    assert share(touched) >= 0.99
