"""A tiny encoder whose scores are known: it minds the rude words of the made-up language, and nothing else."""

import numpy as np
from made_up import CALM, RUDE
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from moderation.classifier import cascade, encoder, encoder_graph
from moderation.classifier.encoder import Encoder, Limits

LABELS = ("personal-attack", "toxicity")
WIDTH, HEADS, LAYERS = 16, 2, 2
SIGNS = "abcdefghijklmnopqrstuvwxyzабвгդուապշ0123456789.,!?'"
WORDS = (*CALM, *RUDE, "ապուշ")
LIMITS = Limits(window=32, overlap=4, windows=3, context=8)


def pieces() -> Tokenizer:
    vocabulary = [(special, 0.0) for special in ("<s>", "<pad>", "</s>", "<unk>")]
    vocabulary += [("▁" + word, -1.0) for word in WORDS] + [(sign, -9.0) for sign in ("▁", *SIGNS)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer


def tensors(*, random: bool = False, labels: int = len(LABELS)) -> dict[str, np.ndarray]:
    """Weights that pass the first dimension of a word through, or any: each rude word has it, no other."""
    rng = np.random.default_rng(5)

    def some(*shape: int) -> np.ndarray:
        return (rng.normal(size=shape) / np.sqrt(shape[-1]) if random else np.zeros(shape)).astype(np.float32)

    number = pieces().get_vocab_size()
    word = rng.normal(size=(number, WIDTH)).astype(np.float32)
    word[:, 0] = 0
    rude = [pieces().token_to_id("▁" + name) for name in (*RUDE, "ապուշ")]
    word[rude, 0] = 30
    found = {"word.weight": word, "place": some(64, WIDTH), "kind": some(3, WIDTH)}
    names = [f"layers.{number}.{which}" for number in range(LAYERS) for which in ("attended", "transformed")]
    for name in ("norm", *names):
        found |= {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}
    shapes = {
        "mixed": (3 * WIDTH, WIDTH),
        "out": (WIDTH, WIDTH),
        "inner": (2 * WIDTH, WIDTH),
        "outer": (WIDTH, 2 * WIDTH),
    }
    for layer in range(LAYERS):
        for which, shape in shapes.items():
            found |= {
                f"layers.{layer}.{which}_weight": some(*shape),
                f"layers.{layer}.{which}_bias": some(shape[0]),
            }
    # The head reads the greatest value of the first dimension over the text's own pieces.
    head = np.zeros((labels, 2 * WIDTH), np.float32)
    head[:, WIDTH] = 4
    return found | {"head.weight": head, "head.bias": np.full(labels, -8, np.float32)}


def save(folder, *, name="tiny", first="toy", unsure=None, share=None) -> None:
    """Write the tiny encoder's folder."""
    band = cascade.Band(first=first, unsure=unsure or {"personal-attack": (0.2, 0.9)}, share=share or {})
    encoder.save(
        folder,
        name=name,
        labels=LABELS,
        limits=LIMITS,
        network=encoder_graph.build(tensors(), HEADS, quantised=True),
        pieces=pieces(),
        asked=cascade.as_json(band),
    )


def load(folder) -> Encoder:
    return encoder.load(folder)
