"""The second stage learns from what licences and its recipe allow, as often as the recipe says, in a fixed order."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from made_up import a_row, write_rows
from test_contrasts import SMALL

from moderation.classifier.datasets import LABELS
from moderation.classifier.encoder import CONTEXT, PADDING, TEXT, Pieces, padded
from moderation.classifier.encoder_rows import Rows, gather, inputs_of, plan_batches, with_disguised
from moderation.classifier.recipe import EncoderRecipe, is_for_encoder, read_encoder_recipe
from moderation.engine.policy import load_policy
from moderation.errors import InvalidInput

HOME = Path(__file__).resolve().parents[2]


def a_plan(**changes) -> EncoderRecipe:
    return EncoderRecipe.model_validate(
        {
            "name": "second",
            "files": [{"name": "train.parquet"}],
            "languages": ["en", "ru"],
            "passes": {"cad_reddit": 1.5, "toxic_spans": 1.0, "unhealthy_ucc": 1.0, "contrasts": 1.0},
            "contrasts": {"en": 4},
            "infer_clean": ["personal-attack"],
            "batch": 4,
        }
        | changes
    )


@pytest.fixture
def gathered(tmp_path, toy) -> Rows:
    (tmp_path / "contrasts.toml").write_text(SMALL, "utf-8")
    rows = [
        a_row("the council met again", "cad_reddit", toxic=0.0) | {"parent_text": "What ROAD"},
        a_row("you are shit said the council", "cad_reddit", toxic=1.0) | {"parent_text": None},
        a_row("новая дорога", "toxic_spans", "ru", toxic=0.0) | {"parent_text": None},
        a_row("a rude one that may not train", "unhealthy_ucc", toxic=1.0) | {"parent_text": None},
        a_row("a source the recipe leaves out", "paradetox", toxic=1.0) | {"parent_text": None},
    ]
    write_rows(tmp_path / "train.parquet", rows)
    policy = load_policy(HOME / "config" / "policy.toml")
    plan = a_plan(first_stage={"spam": 0.2})
    return gather(plan, tmp_path, tmp_path, toy, policy)


def of(rows: Rows, text: str, label: str) -> tuple[float, float]:
    row, column = rows.texts.index(text), LABELS.index(label)
    return rows.values[row, column].item(), rows.weights[row, column].item()


def test_only_what_licence_and_recipe_allow_is_learned_from(gathered):
    assert set(gathered.sources) == {"cad_reddit", "toxic_spans", "contrasts-en"}


def test_what_was_asked_counts_more_than_what_is_inferred(gathered):
    assert of(gathered, "the council met again", "toxicity") == (0.0, 1.0)
    assert of(gathered, "the council met again", "personal-attack") == (0.0, 0.5)
    assert of(gathered, "you are shit said the council", "personal-attack")[1] == 0


def test_where_nobody_was_asked_the_lexicon_and_the_first_stage_say_a_little(gathered):
    assert of(gathered, "you are shit said the council", "profanity") == (1.0, pytest.approx(0.3))
    assert of(gathered, "the council met again", "profanity") == (0.0, pytest.approx(0.3))
    assert of(gathered, "the council met again", "spam")[1] == pytest.approx(0.2)
    assert of(gathered, "новая дорога", "spam")[1] == 0  # the first stage reads English


def test_a_comment_keeps_the_one_it_answers(gathered):
    assert gathered.parents[gathered.texts.index("the council met again")] == "what road"


def rows_of(sources: list[str]) -> Rows:
    number = len(sources)
    zeros = np.zeros((number, len(LABELS)), np.float32)
    names = np.array(sources)
    return Rows(tuple("the road" for _ in sources), ("",) * number, zeros, zeros, names, names)


def test_each_source_is_passed_over_as_often_as_the_recipe_says():
    rows = rows_of(["cad_reddit"] * 40 + ["toxic_spans"] * 20 + ["contrasts-hy"] * 10)
    batches = plan_batches(rows, [5] * 70, a_plan())
    read = rows.sources[np.concatenate(batches)]
    assert {name: int((read == name).sum()) for name in set(read)} == {
        "cad_reddit": 60,
        "toxic_spans": 20,
        "contrasts-hy": 10,
    }
    assert max(map(len, batches)) == 4


def test_the_order_is_that_of_the_seed_and_steps_cut_it_short():
    rows = rows_of(["cad_reddit"] * 40)
    whole, again = (plan_batches(rows, list(range(40)), a_plan()) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(whole, again, strict=True))
    short = plan_batches(rows, list(range(40)), a_plan(steps=3))
    assert all(np.array_equal(one, other) for one, other in zip(whole[:3], short, strict=True))
    assert len(short) == 3


def test_rows_of_like_length_share_a_batch():
    rows = rows_of(["toxic_spans"] * 64)
    lengths = list(np.random.default_rng(1).integers(1, 100, 64))
    spreads = [np.ptp([lengths[row] for row in batch]) for batch in plan_batches(rows, lengths, a_plan())]
    assert np.mean(spreads) < 20


def test_the_context_stands_behind_the_text_and_both_are_cut(gathered):
    plan = a_plan(longest=8, context=3, strange_context=0.0)
    pieces, kinds = padded(inputs_of(gathered, Pieces(tiny.pieces()), plan))
    assert pieces.shape == kinds.shape
    assert kinds.shape[1] <= 8 + 3 + 1
    assert set(np.unique(kinds)) == {PADDING, TEXT, CONTEXT}
    assert (np.diff(np.where(kinds == PADDING, 9, kinds), axis=1) >= 0).all()  # text, context, padding


def test_the_shipped_recipe_is_that_of_a_second_stage():
    path = HOME / "models" / "second" / "recipe.toml"
    assert is_for_encoder(path)
    assert not is_for_encoder(HOME / "models" / "first" / "recipe.toml")
    assert read_encoder_recipe(path).name == "second"


@pytest.mark.parametrize("wrong", ["batch = 0", "case_weight = { rudeness = 2.0 }", "speed = 3"])
def test_what_is_wrong_in_a_recipe_is_said_with_its_key(tmp_path, wrong):
    path = tmp_path / "recipe.toml"
    content = (HOME / "models" / "second" / "recipe.toml").read_text("utf-8")
    lines = [line for line in content.splitlines() if not line.startswith(wrong.split(" ")[0])]
    path.write_text(wrong + "\n" + "\n".join(lines), "utf-8")
    with pytest.raises(InvalidInput, match=wrong.split(" ")[0]):
        read_encoder_recipe(path)


def labelled(texts: list[str], value: float) -> Rows:
    """Rows of English comments that all raters found toxic, or none."""
    number = len(texts)
    values = np.full((number, len(LABELS)), value, np.float32)
    names = np.array(["cad_reddit"] * number)
    return Rows(tuple(texts), ("",) * number, values, np.ones_like(values), names, np.array(["en"] * number))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_disguised_copies_stand_behind_the_rows_with_the_same_labels(toy, value):
    policy = load_policy(HOME / "config" / "policy.toml")
    rows = labelled(["you are shit said the council", "the council met a bastard again"] * 20, value)
    written, of = with_disguised(rows, a_plan(disguised=0.5), toy, policy.lexicon)
    copies = range(len(rows.texts), len(written.texts))
    assert written.texts[: len(rows.texts)] == rows.texts
    assert 5 < len(copies) < 35
    assert all(written.texts[copy] != rows.texts[of[copy]] for copy in copies)
    assert (written.values == rows.values[of]).all()
    assert (written.sources == rows.sources[of]).all()


def test_of_toxic_rows_the_words_that_tell_are_disguised(toy):
    policy = load_policy(HOME / "config" / "policy.toml")
    rows = labelled(["you are shit said the council"] * 20, 1.0)
    written, _ = with_disguised(rows, a_plan(disguised=1.0), toy, policy.lexicon)
    copies = written.texts[len(rows.texts) :]
    assert copies
    assert all(copy.startswith("you are ") and copy.endswith(" said the council") for copy in copies)


def test_without_a_share_nothing_is_disguised(toy):
    policy = load_policy(HOME / "config" / "policy.toml")
    rows = labelled(["you are shit said the council"] * 20, 1.0)
    written, of = with_disguised(rows, a_plan(), toy, policy.lexicon)
    assert written.texts == rows.texts
    assert of.tolist() == list(range(20))
