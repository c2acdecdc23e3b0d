"""From a recipe and rows to a model that keeps the figures it came with."""

import json
from pathlib import Path

import pytest
from made_up import a_row, write_rows

from moderation.classifier.artefact import load
from moderation.classifier.evaluation import evaluate
from moderation.classifier.recipe import read_recipe
from moderation.classifier.training import train
from moderation.engine.text import Text
from moderation.errors import InvalidInput

RECIPE = """
name = "small"
seed = 3
fewest_cases = 20
[[files]]
name = "train.parquet"
[ngrams]
bits = 12
[calibration]
share = 0.3
[calibration.clean]
wiki_context_toxicity = 1.0
[heads.toxicity]
rarity = 1.0
prevalence = 0.2
[heads.personal-attack]
evidence = 0.5
raters = true
own_bias = true
infer_clean = true
borrows = { toxicity = 0.3 }
prevalence = 0.1
[heads.sexual]
"""


def write_recipe(folder: Path, text: str = RECIPE) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "recipe.toml").write_text(text)
    return folder / "recipe.toml"


@pytest.fixture(scope="module")
def made(data, tmp_path_factory) -> Path:
    recipe = write_recipe(tmp_path_factory.mktemp("models") / "small")
    train(recipe, data, progress=False)
    return recipe.parent


def test_a_trained_model_knows_rude_from_calm(made):
    rude, calm = load(made).score([Text("people came to blorgo the road"), Text("people came to the road")])
    assert calm["personal-attack"] < 0.3 < rude["personal-attack"]
    assert calm["toxicity"] < 0.3 < rude["toxicity"]


def test_a_label_without_cases_gets_no_head_and_the_card_says_so(made):
    assert load(made).labels == ("toxicity", "personal-attack")
    assert "sexual (0)" in (made / "card.md").read_text()


def test_measuring_again_gives_the_recorded_figures(made, data):
    report = evaluate(made, data)
    assert report.differences == ()
    assert "all figures equal" in report.finding
    assert report.figures["labels"]["toxicity"]["sources"]["toxic_spans"]["auc"] > 0.9


def test_training_again_gives_the_same_model(made, data, tmp_path):
    recipe = write_recipe(tmp_path / "again")
    train(recipe, data, progress=False)
    assert load(recipe.parent).version == load(made).version


def test_every_figure_that_moved_is_reported(made, data, tmp_path):
    """Other data give other figures, and the report names each."""
    recipe = write_recipe(tmp_path / "moved")
    train(recipe, data, progress=False)
    other = tmp_path / "other"
    other.mkdir()
    write_rows(other / "dev.parquet", [a_row("you blorgo", toxic=1.0), a_row("a calm day", toxic=0.0)])
    report = evaluate(recipe.parent, other)
    assert any(line.startswith("data/rows: 300 recorded, 2 now") for line in report.differences)
    assert "differences from metrics.json" in report.finding


def test_thresholds_of_the_policy_are_measured(made, data):
    report = evaluate(made, data, {"toxicity": (0.3, 0.9), "unknown-label": (0.1, 0.2)})
    assert set(report.operating) == {"toxicity"}
    found = report.operating["toxicity"]
    assert (
        found["sources"]["toxic_spans"]["hold"]["recall"]
        >= found["sources"]["toxic_spans"]["reject"]["recall"]
    )
    assert set(found["clean"]) == {"unhealthy_ucc", "wiki_context_toxicity"}
    assert report.differences == ()


def test_no_more_clean_comments_reach_a_recommended_score_than_promised(made, data):
    for found in evaluate(made, data).operating.values():
        hold, reject = found["clean"]["unhealthy_ucc"]
        assert reject <= hold <= 0.05


def test_the_card_holds_digests_licences_and_charts(made):
    card = (made / "card.md").read_text()
    metrics = json.loads((made / "metrics.json").read_text())
    assert metrics["data"]["sha256"] in card
    assert metrics["training"]["files"]["train.parquet"] in card
    assert "CC0" in card
    for name in ("roc", "precision-recall", "reliability"):
        assert (made / f"{name}.svg").read_text().startswith("<svg")
        assert f"({name}.svg)" in card


def test_a_failed_run_leaves_the_model_as_it_was(made, data, tmp_path):
    """And the recipe that failed shows as altered."""
    recipe = write_recipe(tmp_path / "kept")
    train(recipe, data, progress=False)
    recipe.write_text(RECIPE.replace("fewest_cases = 20", "fewest_cases = 100000"))
    with pytest.raises(InvalidInput, match="nothing to train"):
        train(recipe, data, progress=False)
    assert load(recipe.parent).version == load(made).version
    assert evaluate(recipe.parent, data).differences == (
        "recipe.toml: not the file this model was sealed with",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("name = ", "not TOML", id="not TOML"),
        pytest.param(RECIPE + "\nsurprise = 1\n", "surprise", id="an unknown key"),
        pytest.param(RECIPE.replace("[heads.sexual]", "[heads.rudeness]"), "rudeness", id="an unknown label"),
        pytest.param(
            RECIPE.replace("prevalence = 0.2", "prevalence = 2"), "prevalence", id="a share above one"
        ),
        pytest.param(
            RECIPE.replace('"train.parquet"', '"../train.parquet"'), "files", id="a path out of DATA"
        ),
    ],
)
def test_a_wrong_recipe_is_refused_with_its_key(tmp_path, text, said):
    with pytest.raises(InvalidInput, match=said):
        read_recipe(write_recipe(tmp_path / "wrong", text))


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")
