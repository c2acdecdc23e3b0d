"""English is asked of the second stage only where the first is unsure, every other language always."""

from dataclasses import replace

import numpy as np
import pytest
import tiny
from tiny import LABELS

from moderation.classifier.cascade import Cascade, load_scorers
from moderation.classifier.encoder import Window
from moderation.engine.text import Text
from moderation.errors import ModelRefused


class Asked:
    """An encoder that remembers what it was asked and says what it is told to."""

    labels = LABELS
    limits = tiny.LIMITS
    name, version = "asked", "asked-1"

    def __init__(self, odds=2.0):
        self.texts, self.contexts, self.chosen, self.said = [], [], [], odds

    def read(self, folded, contexts=(), choose=None):
        self.texts += folded
        self.contexts += contexts
        self.chosen.append(choose and choose(["road many council", "you blorgo", "the road"]))
        if isinstance(self.said, Exception):
            raise self.said
        return [[Window(0, np.full(len(LABELS), self.said, np.float32), np.zeros((1, 2)))]] * len(folded)


def english(text):
    return text.original.isascii()


@pytest.fixture
def models(toy_folder):
    """A folder of both stages."""
    tiny.save(toy_folder.parent / "tiny")
    return [toy_folder, toy_folder.parent / "tiny"]


@pytest.fixture
def cascade(models) -> Cascade:
    return load_scorers(models, english)["toy+tiny"]


def test_both_stages_serve_as_one(cascade):
    assert cascade.labels == ("personal-attack", "spam", "toxicity")
    assert cascade.version == f"{cascade.first.version}+{cascade.second.version}"


def test_a_text_the_first_stage_is_sure_of_is_not_asked_about(cascade, toy):
    never = replace(cascade, second=Asked(), band=cascade.band.model_copy(update={"unsure": {}}))
    assert never.score([Text("the council met")]) == toy.score([Text("the council met")])
    assert never.second.texts == []


def test_an_unsure_text_is_answered_by_the_second_stage(cascade):
    always = cascade.band.model_copy(update={"unsure": {"personal-attack": (0.0, 1.0)}})
    asked = replace(cascade, second=Asked(), band=always)
    (found,) = asked.score([Text("THE council met")])
    assert asked.second.texts == ["the council met"]
    assert found["personal-attack"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert set(found) == {"personal-attack", "toxicity", "spam"}


def test_of_english_both_opinions_count_as_the_band_says(cascade, toy):
    band = cascade.band.model_copy(
        update={"unsure": {"personal-attack": (0.0, 1.0)}, "share": {"personal-attack": 0.5}}
    )
    text = Text("the council met")
    before = toy.score([text])[0]["personal-attack"]
    (found,) = replace(cascade, second=Asked(), band=band).score([text])
    odds = 0.5 * 2 + 0.5 * np.log(before / (1 - before))
    assert found["personal-attack"] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-4)


def test_a_text_that_is_not_english_is_asked_about_and_the_first_stage_has_no_say(cascade):
    asked = replace(cascade, second=Asked(), band=cascade.band.model_copy(update={"unsure": {}}))
    (found,) = asked.score([Text("Դու ապուշ ես")])
    assert asked.second.texts == ["դու ապուշ ես"]
    assert set(found) == set(LABELS)


def test_texts_keep_their_own_answers(cascade):
    texts = [Text(body) for body in ("the council met", "դու ապուշ ես", "the road", "դու road")]
    answers = cascade.score(texts)
    alone = [cascade.score([Text(text.original)])[0] for text in texts]
    for together, single in zip(answers, alone, strict=True):
        assert together == pytest.approx(single, abs=0.02)
    assert answers[1]["toxicity"] > 0.5 > answers[3]["toxicity"]


def test_no_texts_have_no_scores(cascade):
    assert cascade.score([]) == []


@pytest.mark.parametrize("place", [0, 300, 599])
def test_an_attack_inside_a_long_text_is_read(cascade, place):
    """The first stage says which passages of a long English text are worth reading."""
    words = ["road", "many", "council"] * 200
    calm = Text(" ".join(words))
    words.insert(place, "blorgo")
    sure_below = 1.3 * cascade.first.score([calm])[0]["personal-attack"]
    band = cascade.band.model_copy(update={"unsure": {"personal-attack": (sure_below, 1.0)}})
    assert "toxicity" not in replace(cascade, band=band).score([calm])[0]
    (found,) = replace(cascade, band=band).score([Text(" ".join(words))])
    assert found["toxicity"] > 0.5


def test_a_long_calm_text_does_not_hide_an_attack_from_being_asked_about(cascade, toy):
    """The first stage is sure of the whole, and unsure of the passage that matters."""
    calm = "road many council " * 250
    text = Text(f"{calm}blorgo {calm}")
    whole = toy.score([text])[0]["personal-attack"]
    passage = toy.score([Text(f"blorgo {calm[:380]}")])[0]["personal-attack"]
    assert whole < passage
    band = cascade.band.model_copy(update={"unsure": {"personal-attack": ((whole + passage) / 2, 1.0)}})
    asked = replace(cascade, second=Asked(), band=band)
    asked.score([text])
    assert any("blorgo" in read for read in asked.second.texts)


def test_a_long_text_in_another_language_costs_no_more_than_its_passages(cascade):
    asked = replace(cascade, second=Asked())
    asked.score([Text("պուշ " * 2_000)])
    assert len(asked.second.texts) == 8


def test_of_english_the_stretch_the_first_stage_fears_most_is_read_of_other_languages_all(cascade):
    band = cascade.band.model_copy(update={"unsure": {"personal-attack": (0.0, 1.0)}})
    asked = replace(cascade, second=Asked(), band=band)
    asked.score([Text("the council met"), Text("դու ապուշ ես")])
    assert asked.second.chosen == [1, None]


def test_what_was_read_for_the_score_is_not_read_again_to_explain_it(cascade):
    text = Text("դու ապուշ ես")
    cascade.score([text])
    mute = replace(cascade, second=replace(cascade.second, session=None))
    assert [text.original[s.start : s.end] for s in mute.explain(text, "toxicity")] == ["ապուշ"]


def test_an_explanation_comes_from_the_stage_that_answered(cascade):
    body = "the council դու ապուշ ես"
    text = Text(body)
    cascade.score([text])
    assert [body[s.start : s.end] for s in cascade.explain(text, "toxicity")] == ["ապուշ"]
    calm = Text("you blorgo")
    never = replace(cascade, band=cascade.band.model_copy(update={"unsure": {}}))
    never.score([calm])
    assert never.explain(calm, "personal-attack") == cascade.first.explain(calm, "personal-attack")
    assert never.explain(calm, "toxicity") == ()


def test_what_the_second_stage_raises_is_not_swallowed(cascade):
    """The engine holds what a model failed on; an answer of the first stage alone would pass for both."""
    with pytest.raises(RuntimeError, match="broken"):
        replace(cascade, second=Asked(RuntimeError("broken"))).score([Text("դու")])


def test_a_second_stage_without_its_first_is_refused(models):
    with pytest.raises(ModelRefused, match="first stage toy"):
        load_scorers(models[1:], english)


def test_a_second_stage_that_does_not_say_when_it_is_asked_is_refused(toy_folder):
    tiny.save(toy_folder.parent / "tiny", unsure={"personal-attack": (0.2, 0.9)})
    manifest = toy_folder.parent / "tiny" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"unsure"', '"sure"'))
    with pytest.raises(ModelRefused, match="when it is asked"):
        load_scorers([toy_folder, toy_folder.parent / "tiny"], english)


def test_a_linear_model_alone_serves_as_before(toy_folder, toy):
    assert load_scorers([toy_folder], english)["toy"].version == toy.version
