"""Our own training sentences: labels by kind, no slot left, Armenian as people type it."""

import random
import re
import tomllib
from pathlib import Path

import pytest

from moderation.classifier.contrasts import in_cyrillic, in_latin, read_sentences
from moderation.classifier.recipe import read_encoder_recipe
from moderation.errors import InvalidInput

HOME = Path(__file__).resolve().parents[2]

SMALL = """
[kinds]
clean = { toxicity = 0.0, personal-attack = 0.0 }
reader = { toxicity = 0.9, personal-attack = 1.0 }
[slots.en]
insult = ["blorgo", "snarfle"]
[slots.hy]
insult = ["ապուշ"]
[[group]]
language = "en"
kind = "reader"
texts = ["You {insult}."]
[[group]]
language = "en"
kind = "clean"
texts = ["No {insult} here.", "So are you."]
[[group]]
language = "en"
kind = "reader"
parents = ["He is a {insult}."]
texts = ["So are you."]
[[group]]
language = "hy"
kind = "reader"
texts = ["Դու {insult} ես։"]
[[group]]
language = "hy"
kind = "clean"
texts = ["Ո՞ւր են։"]
"""


@pytest.fixture
def written(tmp_path):
    def write(content=SMALL):
        path = tmp_path / "contrasts.toml"
        path.write_text(content, "utf-8")
        return path

    return write


def test_every_slot_is_filled_and_no_sentence_stands_twice(written):
    made = read_sentences(written(), {"en": 40, "hy": 40}, seed=1)
    assert not any("{" in sentence.text + sentence.parent for sentence in made)
    assert len({(sentence.text, sentence.parent) for sentence in made}) == len(made)


def test_a_sentence_has_the_labels_of_its_kind(written):
    made = read_sentences(written(), {"en": 40}, seed=1)
    attacks = [s for s in made if s.labels["personal-attack"] == 1.0]
    assert attacks
    assert all("You" in s.text or s.parent for s in attacks)


def test_the_same_answer_is_an_attack_or_not_by_what_it_answers(written):
    made = read_sentences(written(), {"en": 40}, seed=1)
    assert {s.labels["personal-attack"] for s in made if s.text == "So are you." and s.parent} == {1.0}
    assert {s.labels["personal-attack"] for s in made if s.text == "So are you." and not s.parent} == {0.0}


def test_the_same_seed_gives_the_same_sentences(written):
    assert read_sentences(written(), {"en": 9, "hy": 9}, 3) == read_sentences(
        written(), {"en": 9, "hy": 9}, 3
    )
    assert read_sentences(written(), {"en": 9, "hy": 9}, 3) != read_sentences(
        written(), {"en": 9, "hy": 9}, 4
    )


def test_armenian_comes_in_three_scripts(written):
    made = read_sentences(written(), {"hy": 60}, seed=1)
    assert {s.language for s in made} == {"hy", "hy-latn", "hy-cyrl"}
    assert all(s.text.isascii() for s in made if s.language == "hy-latn")


def test_chat_latin_has_the_spellings_of_both_standards():
    spelled = {in_latin("Դու պոռնիկ ես։", random.Random(seed)) for seed in range(60)}
    assert "du pornik es." in spelled
    assert any(line.endswith("bornig es.") for line in spelled)


def test_armenian_marks_become_those_of_the_script():
    line = in_latin("Ո՞ւր են, ասաց։ Լա՛վ։", random.Random(0))
    assert line.startswith(("ou", "u", "oo", "v"))
    assert "?" in line
    assert not any(
        "\u0530" <= char <= "\u058f" for char in line + in_cyrillic("Ո՞ւր են։ Լա՛վ։", random.Random(0))
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[kinds", id="no TOML"),
        pytest.param(SMALL.replace("toxicity = 0.9", "toxicity = 9"), id="a label beyond one"),
        pytest.param(SMALL.replace("toxicity = 0.9", "rudeness = 0.9"), id="a label that is none"),
        pytest.param(SMALL.replace('kind = "reader"', 'kind = "shout"'), id="a kind without labels"),
        pytest.param(SMALL.replace("You {insult}", "You {noun}"), id="a slot without words"),
        pytest.param(SMALL.replace("[slots.hy]", "[slots.tr]"), id="a language without slots"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(written, content):
    path = written(content)
    with pytest.raises(InvalidInput, match=str(path)):
        read_sentences(path, {"en": 1, "hy": 1}, 0)


def _strings(part):
    if isinstance(part, str):
        yield " ".join(re.findall(r"\w+", part.lower()))
    elif isinstance(part, dict | list):
        for of_part in part.values() if isinstance(part, dict) else part:
            yield from _strings(of_part)


def test_no_sentence_stands_in_a_set_that_measures():
    plan = read_encoder_recipe(HOME / "models" / "second" / "recipe.toml")
    made = read_sentences(HOME / "models" / "second" / "contrasts.toml", plan.contrasts, plan.seed)
    ours = {" ".join(re.findall(r"\w+", sentence.text.lower())) for sentence in made}
    measured = {
        text
        for path in (
            *(HOME / "config" / "decisions").glob("*.toml"),
            *(HOME / "tests" / "sets").glob("*.toml"),
        )
        for text in _strings(tomllib.loads(path.read_text("utf-8")))
        if " " in text
    }
    assert len(measured) > 1000
    assert not ours & measured
