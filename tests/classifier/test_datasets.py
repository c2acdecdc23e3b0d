"""Rows are read for what they say and for nothing more."""

import numpy as np
import pytest
from made_up import a_row, write_rows

from moderation.classifier import datasets
from moderation.errors import InvalidInput


def corpus_of(tmp_path, *rows, **options):
    return datasets.read(write_rows(tmp_path / "some.parquet", list(rows)), **options)


def test_what_was_not_asked_is_unknown(tmp_path):
    corpus = corpus_of(tmp_path, a_row("a calm one", toxic=0.0), a_row("a rude one", toxic=0.9, attack=0.6))
    assert np.isnan(corpus.label("personal-attack")).tolist() == [True, False]
    assert np.isnan(corpus.label("spam")).all()
    assert corpus.positives("personal-attack") == 1


def test_texts_are_folded_as_the_engine_folds_them(tmp_path):
    assert corpus_of(tmp_path, a_row("ＷＨＡＴ a  Day")).texts == ("what a day",)


def test_only_the_languages_asked_for_are_read(tmp_path):
    rows = (a_row("one"), a_row("bir", lang="tr"))
    assert len(corpus_of(tmp_path, *rows)) == 1
    assert len(corpus_of(tmp_path, *rows, languages=("en", "tr"))) == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"train\.parquet"):
        datasets.read(tmp_path / "train.parquet")


def test_a_label_can_be_inferred_from_a_clean_verdict_only(tmp_path):
    corpus = corpus_of(tmp_path, a_row("calm", toxic=0.0), a_row("unclear", toxic=0.3), a_row("unasked"))
    inferred = datasets.infer_clean(corpus, ["personal-attack"])
    assert inferred.label("personal-attack")[0] == 0
    assert np.isnan(inferred.label("personal-attack")[1:]).all()
    assert np.isnan(inferred.label("threat")).all()
    assert np.isnan(corpus.label("personal-attack")).all()


LONG = "the council met again today about the new road near the old school and many people came"


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        pytest.param([a_row("Good day."), a_row("good  day")], 1, id="equal but for case, blanks and marks"),
        pytest.param([a_row(LONG, toxic=0.0), a_row(LONG + " too", toxic=0.0)], 1, id="nearly equal"),
        pytest.param(
            [a_row(LONG, toxic=0.0), a_row(LONG + " fools", toxic=1.0)], 2, id="nearly equal, other label"
        ),
        pytest.param([a_row(LONG), a_row("another thing " + LONG[40:])], 2, id="half equal"),
        pytest.param([a_row("yes"), a_row("no")], 2, id="short and different"),
        pytest.param([a_row("?"), a_row("!")], 2, id="no words at all"),
    ],
)
def test_no_text_stands_twice(tmp_path, rows, left):
    assert len(datasets.without_duplicates(corpus_of(tmp_path, *rows))) == left


def test_equal_texts_keep_the_mean_of_those_who_answered(tmp_path):
    rows = (a_row("you fool", toxic=1.0), a_row("You fool!", toxic=0.0, attack=1.0), a_row("you fool."))
    only = datasets.without_duplicates(corpus_of(tmp_path, *rows))
    assert only.label("toxicity").tolist() == [0.5]
    assert only.label("personal-attack").tolist() == [1.0]
    assert np.isnan(only.label("spam")).all()


def test_sources_that_may_only_measure_never_train(tmp_path):
    sources = ("toxic_spans", "unhealthy_ucc", "ethos", "insults_impermium", "never_heard_of")
    corpus = corpus_of(tmp_path, *(a_row(f"text of {source}", source) for source in sources))
    free = datasets.may_train(corpus, licensed_only=False)
    assert set(free.sources) == {"toxic_spans", "insults_impermium", "never_heard_of"}
    assert set(datasets.may_train(corpus, licensed_only=True).sources) == {"toxic_spans"}


def test_the_blank_that_gives_one_side_of_paradetox_away_is_removed():
    assert datasets.tidy("Steel balls too !", "paradetox") == "steel balls too!"
    assert datasets.tidy("Steel balls too !", "toxic_spans") == "steel balls too !"


def test_counts_tell_asked_from_answered(tmp_path):
    corpus = corpus_of(tmp_path, a_row("one", toxic=1.0), a_row("two", toxic=0.2), a_row("three", "ethos"))
    counts = datasets.counts_by_source(corpus)
    assert counts["toxic_spans"] == {
        "rows": 2,
        "licence": "CC0",
        "labels": {"toxicity": {"known": 2, "positive": 1}},
    }
    assert counts["ethos"]["labels"] == {}
