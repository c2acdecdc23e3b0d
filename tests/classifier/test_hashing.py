"""Serving computes what training learned."""

import pickle
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import a_comment
from sklearn.base import clone
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from moderation.classifier.features import HashedNgrams
from moderation.classifier.hashing import STRETCH, Batch, Shape, weighted_sums

ODD = [
    "",
    " ",
    "a",
    "!",
    "😀",
    "👩‍👩‍👧 ok",
    "\0",
    "x" * 10_000,
    "wo rd " * 2_000,
    "\ud800 lone",
    "a\nb\t c",
    "Ֆ",
    "…",
    "the last one",
]
SHAPE = Shape(bits=12)
WEIGHTS = np.random.default_rng(3).normal(size=(SHAPE.buckets + 1, 2)).astype(np.float32) / 10
WEIGHTS[-1] = 0


@pytest.fixture(scope="module")
def pipeline():
    random_ = random.Random(1)
    texts = [a_comment(random_, rude=index % 2 == 0) for index in range(300)]
    model = make_pipeline(HashedNgrams(bits=12), SGDClassifier(loss="log_loss", random_state=1))
    return model.fit(texts, [index % 2 for index in range(300)])


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(ODD, id="odd texts in one batch"),
        pytest.param(ODD[::-1], id="an empty text at the end"),
        *(pytest.param([text], id=f"alone: {text[:12]!a}") for text in ODD),
        pytest.param(["the council met blorgo"] * 5_000, id="more than one stretch"),
        pytest.param([], id="nothing"),
    ],
)
def test_serving_equals_the_scikit_learn_pipeline(pipeline, texts):
    if not texts:
        assert weighted_sums([], WEIGHTS, SHAPE).shape == (0, 2)
        return
    model = pipeline[-1]
    weights = np.append(model.coef_.T, [[0]], axis=0).astype(np.float32)
    ours = weighted_sums(texts, weights, SHAPE)[:, 0] + model.intercept_[0]
    np.testing.assert_allclose(ours, pipeline.decision_function(texts), atol=1e-4, rtol=1e-5)


@given(st.lists(st.text(max_size=60), max_size=8), st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_a_score_does_not_depend_on_the_neighbours_in_the_batch(texts, place):
    texts.insert(min(place, len(texts)), "the one we watch")
    alone = weighted_sums(["the one we watch"], WEIGHTS, SHAPE)
    np.testing.assert_allclose(
        weighted_sums(texts, WEIGHTS, SHAPE)[min(place, len(texts) - 1)], alone[0], atol=1e-5
    )


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_the_number_of_ngrams_is_the_number_of_buckets_hit(text):
    batch = Batch([text], SHAPE)
    hit = sum(int((buckets < SHAPE.buckets).sum()) for _, buckets in batch.characters())
    hit += sum(int((buckets < SHAPE.buckets).sum()) for buckets in batch.words())
    assert hit == batch.counts()[0]


def test_blanks_do_not_count():
    one, other = weighted_sums(["a  quiet\n\n street ", "a quiet street"], WEIGHTS, SHAPE)
    np.testing.assert_array_equal(one, other)


def test_word_pairs_do_not_reach_into_the_next_text():
    batch = Batch(["one two", "three"], SHAPE)
    assert (batch.words()[1] < SHAPE.buckets).tolist() == [True, False, False, False]


def test_a_text_longer_than_a_stretch_is_one_text():
    assert weighted_sums(["word " * STRETCH], WEIGHTS, SHAPE).shape == (1, 2)


def test_shapes_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="n-grams"):
        Shape(bits=30)


def test_the_transformer_clones_and_searches():
    random_ = random.Random(2)
    texts = [a_comment(random_, rude=index % 2 == 0) for index in range(60)]
    copy = clone(HashedNgrams(bits=10, longest=4))
    assert copy.get_params() == {"bits": 10, "shortest": 2, "longest": 4}
    search = GridSearchCV(
        make_pipeline(copy, SGDClassifier(loss="log_loss", random_state=1)),
        {"hashedngrams__bits": [9, 10]},
        cv=2,
    )
    assert search.fit(texts, [index % 2 for index in range(60)]).best_score_ > 0.6


# Those of scikit-learn's checks that hand over no table of numbers; for one that reads texts it runs none by itself.
CHECKS = [
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_tags_renamed,
    estimator_checks.check_valid_tag_types,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
    estimator_checks.check_mixin_order,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_set_params,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_transformer_is_what_scikit_learn_expects(check):
    check("HashedNgrams", HashedNgrams())


def dense(texts, model=None):
    return (model or HashedNgrams(bits=10)).transform(texts).toarray()


def test_fitting_the_transformer_changes_nothing():
    """As `check_dont_overwrite_attributes`, `check_fit_idempotent` and `check_dict_unchanged` ask of tables."""
    model = HashedNgrams(bits=10)
    before, rows = dict(vars(model)), dense(ODD, model)
    assert model.fit(ODD) is model
    assert model.fit(["another text"], [1]) is model
    assert vars(model) == before
    np.testing.assert_array_equal(dense(ODD, model), rows)


def test_a_row_depends_on_its_text_alone():
    """As `check_methods_subset_invariance` and `check_methods_sample_order_invariance` ask of tables."""
    rows = dense(ODD)
    np.testing.assert_array_equal(np.concatenate([dense([text]) for text in ODD]), rows)
    np.testing.assert_array_equal(dense(ODD[::-1]), rows[::-1])


def test_the_transformer_survives_pickling():
    model = HashedNgrams(bits=10, shortest=3)
    np.testing.assert_array_equal(dense(ODD, pickle.loads(pickle.dumps(model))), dense(ODD, model))


def test_the_transformer_gives_an_empty_matrix_for_no_texts():
    assert HashedNgrams(bits=10).fit_transform([]).shape == (0, 1024)
