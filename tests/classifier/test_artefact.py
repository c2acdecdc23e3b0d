"""A model folder is used as it was released, or not at all; and it can say why."""

import hashlib
import io
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from moderation.classifier.artefact import MANIFEST, WEIGHTS, changed_files, folders, load, save, seal
from moderation.classifier.hashing import Shape
from moderation.engine.text import Text
from moderation.errors import ModelRefused
from moderation.settings import Settings


def test_a_saved_model_scores_as_it_did(toy, toy_folder):
    texts = [Text("What a blorgo you are"), Text("the school near the road"), Text("")]
    again = load(toy_folder)
    assert again.score(texts) == toy.score(texts)
    assert again.version == toy.version
    assert toy.version.startswith("toy-")


def test_scores_are_probabilities_by_label(toy):
    rude, calm = toy.score([Text("you blorgo"), Text("the council met")])
    assert set(rude) == {"personal-attack", "spam"}
    assert 0 <= calm["personal-attack"] < 0.5 < rude["personal-attack"] <= 1


def test_no_texts_have_no_scores(toy):
    assert toy.score([]) == []


def rewrite(folder, **changes):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def put_weights(folder, content):
    (folder / WEIGHTS).write_bytes(content)
    rewrite(folder, files={WEIGHTS: hashlib.sha256(content).hexdigest()})


def arrays(**named):
    buffer = io.BytesIO()
    np.savez(buffer, **named)
    return buffer.getvalue()


def flip_a_byte(folder):
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(content))


def cut_short(folder):
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-100])


def cut_short_and_sealed(folder):
    put_weights(folder, (folder / WEIGHTS).read_bytes()[:-100])


def not_a_number(folder):
    weights = np.full((1 << 14, 2), np.nan, np.float16)
    put_weights(folder, arrays(weights=weights, biases=np.zeros(2, np.float32)))


def objects(folder):
    put_weights(folder, arrays(weights=np.array([{}, 1], dtype=object), biases=np.zeros(2, np.float32)))


DAMAGE = {
    "a flipped byte": (flip_a_byte, WEIGHTS),
    "a truncated file": (cut_short, WEIGHTS),
    "a truncated file with a true digest": (cut_short_and_sealed, WEIGHTS),
    "a missing file": (lambda folder: (folder / WEIGHTS).unlink(), WEIGHTS),
    "a missing manifest": (lambda folder: (folder / MANIFEST).unlink(), MANIFEST),
    "a manifest that is not JSON": (lambda folder: (folder / MANIFEST).write_text("{"), MANIFEST),
    "a manifest that is a list": (lambda folder: (folder / MANIFEST).write_text("[]"), MANIFEST),
    "another format": (lambda folder: rewrite(folder, format="other-2"), MANIFEST),
    "a file outside the folder": (lambda folder: rewrite(folder, files={"../x": "0"}), MANIFEST),
    "no weights named": (lambda folder: rewrite(folder, files={}), MANIFEST),
    "no labels": (lambda folder: rewrite(folder, labels=[]), MANIFEST),
    "the same label twice": (lambda folder: rewrite(folder, labels=["spam", "spam"]), MANIFEST),
    "a label too many": (lambda folder: rewrite(folder, labels=["a", "b", "c"]), WEIGHTS),
    "another number of features": (
        lambda folder: rewrite(folder, shape={"bits": 15, "shortest": 2, "longest": 5}),
        WEIGHTS,
    ),
    "n-grams we do not know": (lambda folder: rewrite(folder, shape={"bits": 14, "skips": 2}), MANIFEST),
    "a foreign file": (lambda folder: put_weights(folder, b"PK\x03\x04 not really"), WEIGHTS),
    "a pickle": (lambda folder: put_weights(folder, pickle.dumps({"weights": 1})), WEIGHTS),
    "pickled objects in an array": (objects, WEIGHTS),
    "a bare array": (lambda folder: put_weights(folder, b"\x93NUMPY\x01\x00"), WEIGHTS),
    "other arrays": (lambda folder: put_weights(folder, arrays(values=np.zeros(3))), WEIGHTS),
    "whole numbers": (
        lambda folder: put_weights(
            folder, arrays(weights=np.zeros((1 << 14, 2), int), biases=np.zeros(2, int))
        ),
        WEIGHTS,
    ),
    "weights that are no numbers": (not_a_number, WEIGHTS),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_refused(toy_folder, damage):
    """The refusal names the file and what to do."""
    harm, file = DAMAGE[damage]
    harm(toy_folder)
    with pytest.raises(ModelRefused, match="train it again") as refusal:
        load(toy_folder)
    assert str(toy_folder / file) in str(refusal.value)


def test_a_file_altered_after_the_seal_is_named(toy_folder):
    """It stops no service: the weights alone decide, and they are as released."""
    (toy_folder / "card.md").write_text("as measured")
    seal(toy_folder)
    assert changed_files(toy_folder) == []
    (toy_folder / "card.md").write_text("as wished")
    assert changed_files(toy_folder) == ["card.md"]
    assert load(toy_folder).labels == ("personal-attack", "spam")


@pytest.mark.parametrize("name", ["first", "second"])
def test_what_is_shipped_is_what_was_sealed_its_card_included(name):
    assert changed_files(Settings().models_dir / name) == []


def test_model_folders_are_found_by_their_manifest(toy_folder):
    (toy_folder.parent / "notes").mkdir()
    assert folders(toy_folder.parent) == [toy_folder]


def test_serving_needs_no_scikit_learn(toy_folder):
    """Loading, scoring and explaining import neither scikit-learn nor anything else of training."""
    program = (
        "import sys; from pathlib import Path; from moderation.classifier.artefact import load\n"
        "from moderation.engine.text import Text\n"
        "model = load(Path(sys.argv[1])); model.score([Text('you blorgo')])\n"
        "model.explain(Text('you blorgo'), 'spam')\n"
        "print([name for name in ('sklearn', 'scipy', 'pyarrow', 'altair') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(toy_folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        pytest.param("The council met, you blorgo, near the school", "blorgo", id="among calm words"),
        pytest.param("BLORGO!", "BLORGO", id="capitals"),
        pytest.param("people\n\n  came to   SNARFLE  listen", "SNARFLE", id="many blanks"),
        pytest.param("the ｂｌｏｒｇｏ came", "ｂｌｏｒｇｏ", id="full-width letters"),
        pytest.param("the blo\u200brgo came", "blo\u200brgo", id="an invisible character"),
    ],
)
def test_an_explanation_points_at_the_word(toy, body, word):
    spans = toy.explain(Text(body), "personal-attack")
    assert word in [body[span.start : span.end] for span in spans]
    assert list(spans) == sorted(spans)


@pytest.mark.parametrize(
    "body", ["", "   ", "!", "😀 😀", "a" * 3000, "the blorgo " * 200, "«Ո՞վ է» ասաց нет"]
)
def test_explanations_lie_in_the_original(toy, body):
    for label in toy.labels:
        for span in toy.explain(Text(body), label):
            assert 0 <= span.start < span.end <= len(body)


@pytest.mark.parametrize("body", ["the blorgo came", "a", "don't -- stop, now!", "near  the\told school"])
def test_the_shares_of_the_words_add_up_to_the_score(toy, body):
    folded = Text(body).folded
    total = sum(share for _, _, share in toy.contributions(folded, "personal-attack")) + float(toy.biases[0])
    assert 1 / (1 + np.exp(-total)) == pytest.approx(toy.score([Text(body)])[0]["personal-attack"], abs=1e-5)


def test_the_same_weights_make_the_same_file(tmp_path):
    made = [
        save(
            tmp_path / name,
            name="same",
            labels=("a",),
            shape=Shape(8),
            weights=np.ones((256, 1), np.float32),
            biases=np.zeros(1, np.float32),
        )
        for name in ("one", "two")
    ]
    assert made[0].version == made[1].version
    assert (tmp_path / "one" / WEIGHTS).read_bytes() == (tmp_path / "two" / WEIGHTS).read_bytes()
