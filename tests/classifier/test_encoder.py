"""The second stage scores what is said and not how it is batched or padded, and is used as released or not at all."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import tiny

from moderation.classifier import encoder_graph
from moderation.classifier.artefact import MANIFEST
from moderation.classifier.encoder import NETWORK, PIECES, context_of, frame, padded
from moderation.engine.policy import Policy
from moderation.engine.text import Text
from moderation.engine.types import Article, Context, Parent
from moderation.errors import ModelRefused


@pytest.fixture
def folder(tmp_path):
    tiny.save(tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    made = tmp_path_factory.mktemp("models") / "tiny"
    tiny.save(made)
    return tiny.load(made)


def test_rude_words_score_and_calm_ones_do_not(model):
    rude, calm = model.odds(["you blorgo came", "the council met"])
    assert (rude > 0).all()
    assert (calm < 0).all()


def test_a_score_does_not_depend_on_what_stands_beside_it_in_the_batch(model):
    texts = ["the road", "you blorgo " + "road " * 9, "", "the school and the council met again", "!"]
    together = model.odds(texts)
    alone = np.concatenate([model.odds([text]) for text in texts])
    assert np.array_equal(together, alone)


def test_no_texts_have_no_scores(model):
    assert model.odds([]).shape == (0, 2)


def test_the_comment_answered_does_not_count_as_the_writers_own(model):
    beside, without = model.odds(["the council met"] * 2, ["you blorgo", ""])
    assert beside == pytest.approx(without, abs=0.05)


@pytest.mark.parametrize("place", [0, 30, 55, 80])
def test_an_attack_is_found_wherever_padding_puts_it(model, place):
    words = ["road"] * 80
    words.insert(place, "blorgo")
    assert (model.odds([" ".join(words)]) > 0).all()


def test_no_text_costs_more_than_its_windows(model):
    whole = model.odds(["road " * 5_000])
    assert whole.shape == (1, 2)
    assert len(model._starts(5_000, 3)) == tiny.LIMITS.windows


def test_one_window_is_read_where_somebody_says_which(model):
    text = "road " * 100 + "blorgo " + "road " * 100
    asked = []

    def choose(stretches):
        asked.extend(stretches)
        return next(number for number, stretch in enumerate(stretches) if "blorgo" in stretch)

    ((window,),) = model.read([text], choose=choose)
    assert (window.odds > 0).all()
    assert len(asked) > tiny.LIMITS.windows
    assert all(stretch in text for stretch in asked)


def test_what_was_read_is_explained_without_reading_it_again(model):
    text = Text("the council met a blorgo on the road")
    ((read),) = model.read([text.folded])
    whole = model.explain(text, "toxicity")
    assert replace(model, session=None).explain(text, "toxicity", "", read) == whole
    assert whole


def test_a_run_without_a_blank_is_read_in_time(model):
    assert model.odds(["a" * 9_000]).shape == (1, 2)


def test_eight_bits_score_nearly_as_floats_do():
    weights = tiny.tensors(random=True)
    inputs = [
        frame(tiny.pieces().encode(text).ids) for text in ("the council met", "you blorgo", "a new road")
    ]
    pieces, kinds = padded(inputs)
    found = []
    for quantised in (False, True):
        content = encoder_graph.build(weights, tiny.HEADS, quantised=quantised)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        found.append(session.run(None, {"pieces": pieces, "kinds": kinds})[0])
    assert found[1] == pytest.approx(found[0], abs=0.35)
    assert np.abs(found[1] - found[0]).max() > 0  # or nothing was quantised


def test_padding_changes_nothing_in_floats():
    content = encoder_graph.build(tiny.tensors(random=True), tiny.HEADS, quantised=False)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    short, long = (frame(tiny.pieces().encode(text).ids) for text in ("you blorgo", "road " * 20))
    pieces, kinds = padded([short, long])
    alone = dict(zip(("pieces", "kinds"), padded([short]), strict=True))
    together = session.run(None, {"pieces": pieces, "kinds": kinds})[0][0]
    assert together == pytest.approx(session.run(None, alone)[0][0], abs=1e-4)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        pytest.param("The council met, you blorgo, near the school", "blorgo", id="among calm words"),
        pytest.param("BLORGO!", "BLORGO", id="capitals"),
        pytest.param("people\n\n  came to   SNARFLE  listen", "SNARFLE", id="many blanks"),
        pytest.param("the blo\u200brgo came", "blo\u200brgo", id="an invisible character"),
        pytest.param("road " * 60 + "blorgo", "blorgo", id="in the second window"),
        pytest.param("a" * 450 + " blorgo", "blorgo", id="after a run without a blank"),
    ],
)
def test_an_explanation_points_at_the_word(model, body, word):
    spans = model.explain(Text(body), "personal-attack")
    assert any(word in body[span.start : span.end] for span in spans)
    assert list(spans) == sorted(spans)
    assert len(spans) <= 4


def test_the_shares_of_a_texts_pieces_add_up_to_its_score():
    content = encoder_graph.build(tiny.tensors(random=True), tiny.HEADS, quantised=False)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    inputs = [frame(tiny.pieces().encode(text).ids, [7, 8]) for text in ("the council met", "you blorgo")]
    odds, shares = session.run(None, dict(zip(("pieces", "kinds"), padded(inputs), strict=True)))
    assert shares.sum(axis=1) - 8 == pytest.approx(odds, abs=1e-4)


@pytest.mark.parametrize("body", ["", "   ", "!", "😀 😀", "the council met"])
def test_what_raises_nothing_is_explained_by_nothing_outside_the_text(model, body):
    assert all(0 <= span.start < span.end <= len(body) for span in model.explain(Text(body), "toxicity"))


def test_the_context_is_the_comment_answered_or_else_the_title():
    policy = object.__new__(Policy)
    article = Article(title="The BRIDGE opens")
    assert context_of(Context(policy=policy, now=None, article=article)) == "the bridge opens"
    answered = Context(policy=policy, now=None, article=article, parent=Parent("A", "So IT is"))
    assert context_of(answered) == "so it is"


def rewrite(folder, **changes):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def put(folder, name, content):
    (folder / name).write_bytes(content)
    files = json.loads((folder / MANIFEST).read_text())["files"]
    rewrite(folder, files=files | {name: hashlib.sha256(content).hexdigest()})


def flip_a_byte(folder):
    content = bytearray((folder / NETWORK).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / NETWORK).write_bytes(bytes(content))


DAMAGE = {
    "a flipped byte": (flip_a_byte, NETWORK),
    "a truncated file": (lambda f: (f / NETWORK).write_bytes((f / NETWORK).read_bytes()[:-9]), NETWORK),
    "a truncated file with a true digest": (
        lambda f: put(f, NETWORK, (f / NETWORK).read_bytes()[:-900]),
        NETWORK,
    ),
    "a foreign file with a true digest": (lambda f: put(f, NETWORK, b"PK\x03\x04 not really"), NETWORK),
    "a network of other labels": (
        lambda f: put(f, NETWORK, encoder_graph.build(tiny.tensors(labels=3), tiny.HEADS, quantised=True)),
        NETWORK,
    ),
    "a missing network": (lambda f: (f / NETWORK).unlink(), NETWORK),
    "other pieces": (lambda f: (f / PIECES).write_text("{}"), PIECES),
    "pieces that are none, with a true digest": (lambda f: put(f, PIECES, b"{}"), PIECES),
    "a missing manifest": (lambda f: (f / MANIFEST).unlink(), MANIFEST),
    "another format": (lambda f: rewrite(f, format="moderation-linear-1"), MANIFEST),
    "no limits": (lambda f: rewrite(f, limits=None), MANIFEST),
    "limits beyond the network": (lambda f: rewrite(f, limits={"window": 4_000}), MANIFEST),
    "no network named": (lambda f: rewrite(f, files={}), MANIFEST),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_refused(folder, damage):
    """The refusal names the file and what to do."""
    harm, file = DAMAGE[damage]
    harm(folder)
    with pytest.raises(ModelRefused, match="train it again") as refusal:
        tiny.load(folder)
    assert str(folder / file) in str(refusal.value)


def test_a_saved_model_keeps_its_version_and_another_has_its_own(folder, tmp_path):
    tiny.save(tmp_path / "other", unsure={"personal-attack": (0.1, 0.9)})
    assert tiny.load(folder).version == tiny.load(folder).version
    assert tiny.load(folder).version != tiny.load(tmp_path / "other").version
    assert tiny.load(folder).version.startswith("tiny-")


def test_serving_needs_neither_torch_nor_onnx(folder):
    program = (
        "import sys; from pathlib import Path; from moderation.classifier import cascade, encoder\n"
        "model = encoder.load(Path(sys.argv[1])); model.odds(['you blorgo'])\n"
        "print([name for name in ('torch', 'onnx', 'sklearn', 'scipy', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
