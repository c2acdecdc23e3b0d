"""Marks are scored as the shared task scored them, and their rule is chosen on training rows."""

import json

import pytest
from made_up import a_row, write_rows

from moderation.classifier.marking import Marked, Rule, characters, f1, mean_f1, read_marked, tuned
from moderation.engine.types import Span


@pytest.mark.parametrize(
    ("marked", "gold", "score"),
    [
        pytest.param(set(), set(), 1, id="nothing to mark, nothing marked"),
        pytest.param({1}, set(), 0, id="nothing to mark"),
        pytest.param(set(), {1}, 0, id="nothing marked"),
        pytest.param({1, 2}, {3}, 0, id="elsewhere"),
        pytest.param({1, 2, 3, 4}, {3, 4}, 2 / 3, id="twice too much"),
        pytest.param({1, 2}, {1, 2}, 1, id="all"),
    ],
)
def test_f1_is_that_of_the_shared_task(marked, gold, score):
    assert f1(marked, frozenset(gold)) == pytest.approx(score)


def test_a_blank_between_marked_words_is_marked_with_them():
    assert characters([Span(6, 8), Span(0, 5)]) == set(range(8))
    assert characters([Span(0, 2), Span(9, 10)]) == {0, 1, 9}


def row(*shares, listed=(), gold=()):
    spans = [Span(3 * number, 3 * number + 2) for number in range(len(shares))]
    return Marked("", frozenset(gold), list(zip(spans, shares, strict=True)), [spans[n] for n in listed])


def test_a_rule_marks_what_reaches_it_and_else_the_highest():
    rule = Rule(0.5, 0.3)
    assert rule.marks(row(0.1, 0.6, 0.7)) == [Span(3, 5), Span(6, 8)]
    assert rule.marks(row(0.1, 0.4, 0.2)) == [Span(3, 5)]
    assert rule.marks(row(0.25, 0.1, listed=[0])) == [Span(0, 2)]
    assert rule.marks(row()) == []


def test_the_rule_found_is_the_one_that_marks_as_people_did():
    """People marked words from 0.6 on, and those of the lexicon whatever they add."""
    rows = [row(0.55, 0.65, 0.05, listed=[2], gold={3, 4, 5, 6, 7})] * 10
    rule = tuned(rows)
    assert mean_f1(rows, rule.marks) == 1
    assert 0.55 < rule.threshold <= 0.65


def test_rows_with_marks_are_read_with_what_each_word_adds(tmp_path, toy, policy):
    class Renamed:
        def contributions(self, folded, label):
            return toy.contributions(folded, {"toxicity": "personal-attack"}[label])

    text = "You idiot, the blorgo came"
    rows = [
        a_row(text, toxic=1.0) | {"spans": json.dumps([4, 5, 6, 7, 8])},
        a_row("another source", source="cad_reddit") | {"spans": "[0]"},
        a_row("no marks"),
    ]
    (read,) = read_marked(write_rows(tmp_path / "some.parquet", rows), Renamed(), policy.lexicon)
    assert read.gold == frozenset(range(4, 9))
    assert read.listed == [Span(4, 9)]
    by_word = {text[span.start : span.end]: share for span, share in read.shares}
    assert max(by_word, key=by_word.__getitem__) == "blorgo"
