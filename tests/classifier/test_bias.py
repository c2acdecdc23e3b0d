"""Naming a group is told from attacking it."""

import numpy as np
import pytest

from moderation.classifier.bias import Filled, gaps, read_templates, subgroup_areas
from moderation.classifier.slicing import identities, slices

SETS = """
[[group]]
en = { adjective = "Turkish", plural = "Turks" }
hy = { plural = "թուրքեր" }
[[group]]
en = { plural = "Kurds" }
[[template]]
language = "en"
text = "{plural} came."
[[template]]
language = "en"
text = "A {adjective} song."
[[template]]
language = "hy"
text = "{plural} եկան։"
"""


def test_a_template_is_filled_with_every_group_that_has_its_words(tmp_path):
    (tmp_path / "identity.toml").write_text(SETS, "utf-8")
    assert [one.text for one in read_templates(tmp_path / "identity.toml")] == [
        "Turks came.",
        "Kurds came.",
        "A Turkish song.",
    ]


def test_gaps_are_those_within_a_sentence():
    """A sentence that scores high with every group is no gap."""
    filled = [Filled("", template, group) for template in ("a", "b") for group in ("x", "y")]
    found = gaps(filled, np.array([0.1, 0.1, 0.5, 0.9]), 0.9)
    assert (found.sentences, found.reached) == (4, 1)
    assert (found.largest, found.mean) == pytest.approx((0.4, 0.2))
    assert found.worst[0] == ("y", pytest.approx(0.1))


def test_a_score_that_rises_with_the_name_alone_shows_as_bpsn():
    """Clean comments that name the group score above toxic ones that do not, and the subgroup itself is in order."""
    named = np.repeat([True, False], 100)
    cases = np.tile([True, False], 100)
    scores = np.where(named, 0.5, 0.0) + np.where(cases, 0.3, 0.0)
    sources = np.array(["one"] * 200)
    ((group, toxic, clean, subgroup, bpsn, bnsp),) = subgroup_areas(
        cases, ~cases, scores, sources, {"x": named}
    )
    assert (group, toxic, clean) == ("x", 50, 50)
    assert (subgroup, bpsn, bnsp) == (1, 0, 1)


def test_a_group_with_few_comments_is_left_out():
    cases = np.tile([True, False], 30)
    named = np.arange(60) < 20
    assert subgroup_areas(cases, ~cases, np.zeros(60), np.array(["one"] * 60), {"x": named}) == []


def test_identities_are_whole_words():
    found = identities(["the turkish press", "a turkey", "german mendel", "two men and a woman"])
    assert found["Turkish or Azerbaijani"].tolist() == [True, False, False, False]
    assert found["men"].tolist() == [False, False, False, True]
    assert found["women"].tolist() == [False, False, False, True]


def test_slices_cover_lengths_once_and_say_who_is_spoken_to():
    texts = ["You're right.", "x" * 60, "y " * 150, "z " * 400, "What an 1d10t.", "Dey ain't here"]
    found = slices(texts)
    lengths = ("under 50 characters", "50 to 199", "200 to 499", "500 and more")
    assert sum(found[name].astype(int) for name in lengths).tolist() == [1] * 6
    assert found["says you"].tolist() == [True] + [False] * 5
    assert found["may hold a disguised word"][4]
    assert not found["may hold a disguised word"][0]
    assert found["dialect words (proxy)"].tolist() == [False] * 5 + [True]
    assert (found["names a group"] ^ found["names no group"]).all()
