"""What the second stage learns from: labelled comments, our own contrasts, what the lexicon and the first stage say."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from moderation.classifier import base_weights, datasets
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.contrasts import read_sentences
from moderation.classifier.datasets import CLEAN_BELOW, LABELS, POSITIVE_FROM
from moderation.classifier.encoder import UNKNOWN, Pieces, frame
from moderation.classifier.perturbing import EDITS, MOVES, attacked_words, perturbed, some_words
from moderation.classifier.recipe import EncoderRecipe
from moderation.engine.lexicon import Lexicon
from moderation.engine.policy import Policy
from moderation.engine.text import Text, fold

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.intp]
_GROUP = 2_000  # texts turned into pieces at a time
_ALPHABETS = ("абвгдежзийклмнопрстуфхцчшщъыьэюя", "".join(map(chr, range(0x561, 0x588))))


@dataclass(frozen=True, slots=True)
class Rows:
    """What is learned: pieces and kinds by row, targets and their weights (rows x labels), source and language."""

    texts: tuple[str, ...]
    parents: tuple[str, ...]
    values: Floats
    weights: Floats
    sources: npt.NDArray[np.str_]
    languages: npt.NDArray[np.str_]


def gather(plan: EncoderRecipe, folder: Path, data: Path, first: LinearScorer, policy: Policy) -> Rows:
    """Return the rows that licences and the recipe let train, none twice, with what is inferred of their labels."""
    parts: list[datasets.Corpus] = []
    parents: dict[str, str] = {}
    for file in plan.files:
        for language in plan.languages:
            part = datasets.read(data / file.name, (language,))
            keys = [f"{file.name} {language} {number}" for number in range(len(part))]
            parents.update(
                (key, parent)
                for key, parent in zip(
                    keys, datasets.read_parents(data / file.name, (language,)), strict=True
                )
                if parent
            )
            part = datasets.Corpus(part.texts, part.sources, part.values, tuple(keys))
            part = datasets.may_train(part, licensed_only=plan.licensed_only)
            parts.append(part.where(np.array([plan.passes.get(str(s), 0) > 0 for s in part.sources], bool)))
    corpus = datasets.without_duplicates(datasets.join(parts), plan.likeness)
    languages = np.array([key.split(" ")[1] for key in corpus.extras])
    weights = np.where(np.isnan(corpus.values), 0, 1).astype(np.float32)
    corpus = datasets.infer_clean(corpus, plan.infer_clean)
    values = corpus.values.copy()
    weights[~np.isnan(values) & (weights == 0)] = plan.inferred_weight
    _read_lexicon(corpus.texts, policy, values, weights, plan.lexicon_weight)
    _ask_first(corpus.texts, languages, first, values, weights, plan.first_stage)
    written = read_sentences(folder / "contrasts.toml", plan.contrasts, plan.seed)
    known = np.array([[s.labels.get(label, np.nan) for label in LABELS] for s in written], np.float32)  # type: ignore[call-overload]
    return Rows(
        corpus.texts + tuple(fold(s.text) for s in written),
        tuple(parents.get(key, "") for key in corpus.extras) + tuple(fold(s.parent) for s in written),
        np.nan_to_num(np.concatenate((values, known))),
        np.concatenate((weights, np.where(np.isnan(known), 0, 1).astype(np.float32))),
        np.concatenate((corpus.sources, np.array([f"contrasts-{s.language}" for s in written]))),
        np.concatenate((languages, np.array([s.language for s in written]))),
    )


def _read_lexicon(
    texts: Sequence[str], policy: Policy, values: Floats, weights: Floats, weight: float
) -> None:
    """Take for profanity and sexual content, where nobody was asked, whether our own lexicon has a word of it."""
    places = {kind: LABELS.index(kind) for kind in ("profanity", "sexual")}
    for row, text in enumerate(texts):
        found = {str(match.entry.kind) for match in policy.lexicon.matches(Text(text))}
        for kind, column in places.items():
            if weights[row, column] == 0:
                values[row, column] = kind in found
                weights[row, column] = weight


def _ask_first(
    texts: Sequence[str],
    languages: npt.NDArray[np.str_],
    first: LinearScorer,
    values: Floats,
    weights: Floats,
    asked: Mapping[str, float],
) -> None:
    """Take what the first stage thinks of English rows as soft labels where nobody was asked."""
    english = np.flatnonzero(languages == "en")
    said = first.probabilities([texts[row] for row in english.tolist()])
    for label, weight in asked.items():
        column = LABELS.index(label)
        unknown = weights[english, column] == 0
        values[english[unknown], column] = said[unknown, first.labels.index(label)]
        weights[english[unknown], column] = weight


def with_disguised(
    rows: Rows, plan: EncoderRecipe, first: LinearScorer, lexicon: Lexicon
) -> tuple[Rows, Integers]:
    """Return the rows with a share of them once more, as somebody writes who hides words; and whose copy each row is.

    In toxic ones the words that tell are changed, in clean ones any: a misspelt word alone must say nothing.
    """
    chance = random.Random(plan.seed)  # noqa: S311  a sample, not a secret
    moves = list(MOVES.values())
    columns = [LABELS.index(label) for label in ("toxicity", "personal-attack")]
    worst = np.where(rows.weights[:, columns] > 0, rows.values[:, columns], np.nan)
    numbers, texts = list(range(len(rows.texts))), list(rows.texts)
    for row, text in enumerate(rows.texts):
        known = worst[row][~np.isnan(worst[row])]
        if chance.random() >= plan.disguised or not known.size:
            continue
        if known.max() >= POSITIVE_FROM:
            reader = first if rows.languages[row] == "en" else None
            spans = attacked_words(Text(text), reader, lexicon, "toxicity")
        elif known.max() < CLEAN_BELOW:
            spans = some_words(text, 2, chance)
        else:
            continue
        changed = fold(perturbed(text, spans, moves, chance, chance.randint(1, EDITS)))
        if changed != text:
            numbers.append(row)
            texts.append(changed)
    of = np.array(numbers, np.intp)
    parents = tuple(rows.parents[row] for row in numbers)
    written = Rows(
        tuple(texts), parents, rows.values[of], rows.weights[of], rows.sources[of], rows.languages[of]
    )
    return written, of


def plan_batches(rows: Rows, lengths: Sequence[int], plan: EncoderRecipe) -> list[Integers]:
    """Return the row numbers of each step: every source as often as the recipe says, rows of like length together."""
    rng = np.random.default_rng(plan.seed)
    chosen = []
    for source in np.unique(rows.sources):
        of_source = np.flatnonzero(rows.sources == source)
        passes = plan.passes.get(str(source), plan.passes.get(str(source).partition("-")[0], 0.0))
        chosen.append(np.repeat(of_source, int(passes)))
        rest = rng.permutation(of_source)[: round(len(of_source) * (passes % 1))]
        chosen.append(rest)
    order = rng.permutation(np.concatenate(chosen))
    batches: list[Integers] = []
    for start in range(0, len(order), 64 * plan.batch):
        stretch = order[start : start + 64 * plan.batch]
        stretch = stretch[np.argsort([lengths[row] for row in stretch], kind="stable")]
        groups = [stretch[i : i + plan.batch] for i in range(0, len(stretch), plan.batch)]
        batches.extend(groups[i] for i in rng.permutation(len(groups)))
    return batches[: plan.steps]


def unigram(base: base_weights.Base, kept: Sequence[int]) -> Tokenizer:
    """Return the tokenizer of these pieces of the base; blanks of all kinds count as one."""
    pieces = [(base.pieces[number], float(base.scores[number])) for number in kept]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=base_weights.SPACE, prepend_scheme="always"
    )
    return tokenizer


def cut_vocabulary(base: base_weights.Base, texts: Sequence[str], fewest: int) -> list[int]:
    """Return the numbers of the pieces that these texts and the languages read need."""
    whole = unigram(base, range(len(base.pieces)))
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), _GROUP):
        for found in whole.encode_batch(list(texts[start : start + _GROUP]), add_special_tokens=False):
            counts.update(set(found.tokens))
    return base_weights.pieces_needed(base, counts, _ALPHABETS, fewest)


def inputs_of(rows: Rows, pieces: Pieces, plan: EncoderRecipe) -> list[tuple[list[int], list[int]]]:
    """Return pieces and kinds of each row, its parent as context; a few rows get one that is not theirs."""
    rng = np.random.default_rng(plan.seed)
    parents = list(rows.parents)
    strange = [parent for parent in parents if parent] + list(rows.texts[:20_000])
    for row, source in enumerate(rows.sources):
        # What another wrote must not count against the writer.
        if not parents[row] and rng.random() < plan.strange_context:
            parents[row] = strange[rng.integers(len(strange))]
        elif parents[row] and not str(source).startswith("contrasts") and rng.random() < 0.3:
            parents[row] = ""
    texts, contexts = pieces.of(rows.texts), pieces.of(parents)
    longest, most = plan.longest, plan.context
    return [frame(text[: longest - 2], context[:most]) for text, context in zip(texts, contexts, strict=True)]
