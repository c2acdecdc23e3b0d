"""The second stage trained: a small multilingual transformer, fine-tuned on labelled comments and our own contrasts."""

import math
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import nn
from torch.nn import functional

from moderation.classifier import base_weights, datasets
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.contrasts import read_sentences
from moderation.classifier.datasets import LABELS
from moderation.classifier.encoder import PADDING, TEXT, UNKNOWN, Pieces, frame, padded
from moderation.classifier.recipe import EncoderRecipe
from moderation.engine.policy import Policy
from moderation.engine.text import Text, fold

Floats = npt.NDArray[np.float32]
_GROUP = 2_000  # texts turned into pieces at a time
_ALPHABETS = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "".join(map(chr, range(0x561, 0x588))),
)


class Network(nn.Module):
    """BERT with mean and greatest over the text's own pieces, and one linear head per label."""

    def __init__(self, tensors: Mapping[str, Floats], layers: int, heads: int, labels: int) -> None:
        super().__init__()
        width = tensors["emb.word"].shape[1]

        def parameter(name: str) -> nn.Parameter:
            return nn.Parameter(torch.from_numpy(tensors[name].copy()))

        self.word = nn.Embedding.from_pretrained(torch.from_numpy(tensors["emb.word"]), freeze=True)
        self.place = parameter("emb.pos")
        # One row a kind of piece: padding, text, context. The base has two, for a text and for what stands beside it.
        self.kind = nn.Parameter(torch.from_numpy(tensors["emb.type"][[0, 0, 1]]))
        self.norm = _norm(tensors, "emb.ln")
        self.layers = nn.ModuleList([Layer(tensors, number, heads) for number in range(layers)])
        self.head = nn.Linear(2 * width, labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, pieces: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        """Return texts x labels, in log-odds."""
        states = self.word(pieces) + self.place[: pieces.shape[1]] + self.kind[kinds]
        states = self.norm(states)
        mask = torch.zeros(kinds.shape, dtype=torch.bfloat16 if torch.is_autocast_enabled("cpu") else torch.float32)
        mask.masked_fill_(kinds == PADDING, -1e4)
        mask = mask[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        states = states.float()
        own = (kinds == TEXT).unsqueeze(-1)
        mean = (states * own).sum(1) / own.sum(1)
        greatest = states.masked_fill(~own, -1e4).amax(1)
        with torch.autocast("cpu", enabled=False):
            return self.head(torch.cat((mean, greatest), dim=1))


class Layer(nn.Module):
    """Attention and two dense steps, each added and normalised."""

    def __init__(self, tensors: Mapping[str, Floats], number: int, heads: int) -> None:
        super().__init__()

        def of(name: str) -> torch.Tensor:
            return torch.from_numpy(tensors[f"l{number}.{name}"].copy())

        self.heads = heads
        self.mixed_weight = nn.Parameter(torch.cat([of("q.w"), of("k.w"), of("v.w")]))
        self.mixed_bias = nn.Parameter(torch.cat([of("q.b"), of("k.b"), of("v.b")]))
        self.out_weight, self.out_bias = nn.Parameter(of("ao.w")), nn.Parameter(of("ao.b"))
        self.inner_weight, self.inner_bias = nn.Parameter(of("fi.w")), nn.Parameter(of("fi.b"))
        self.outer_weight, self.outer_bias = nn.Parameter(of("fo.w")), nn.Parameter(of("fo.b"))
        self.attended, self.transformed = _norm(tensors, f"l{number}.aln"), _norm(tensors, f"l{number}.oln")

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the states one layer on; `mask` is added to the attention's log-odds."""
        texts, length, width = states.shape
        mixed = functional.linear(states, self.mixed_weight, self.mixed_bias)
        query, key, value = mixed.view(texts, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = seen.transpose(1, 2).reshape(texts, length, width)
        states = self.attended(states + functional.linear(seen, self.out_weight, self.out_bias))
        inner = functional.gelu(functional.linear(states, self.inner_weight, self.inner_bias))
        return self.transformed(states + functional.linear(inner, self.outer_weight, self.outer_bias))  # type: ignore[no-any-return]


def _norm(tensors: Mapping[str, Floats], name: str) -> nn.LayerNorm:
    norm = nn.LayerNorm(tensors[f"{name}.w"].shape[0], eps=1e-12)
    norm.weight.data = torch.from_numpy(tensors[f"{name}.w"].copy())
    norm.bias.data = torch.from_numpy(tensors[f"{name}.b"].copy())
    return norm


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
    parts, parents = [], {}
    for file in plan.files:
        for language in plan.languages:
            part = datasets.read(data / file.name, (language,))
            keys = [f"{file.name} {language} {number}" for number in range(len(part))]
            parents.update(
                (key, parent)
                for key, parent in zip(keys, datasets.read_parents(data / file.name, (language,)), strict=True)
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
        found = {match.entry.kind: 1.0 for match in policy.lexicon.matches(Text(text))}
        for kind, column in places.items():
            if weights[row, column] == 0:
                values[row, column] = found.get(kind, 0.0)
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
    said = first.probabilities([texts[row] for row in english])
    for label, weight in asked.items():
        column = LABELS.index(label)
        unknown = weights[english, column] == 0
        values[english[unknown], column] = said[unknown, first.labels.index(label)]
        weights[english[unknown], column] = weight


def plan_batches(rows: Rows, lengths: Sequence[int], plan: EncoderRecipe) -> list[npt.NDArray[np.intp]]:
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
    batches = []
    for start in range(0, len(order), 64 * plan.batch):
        stretch = order[start : start + 64 * plan.batch]
        stretch = stretch[np.argsort([lengths[row] for row in stretch], kind="stable")]
        groups = [stretch[i : i + plan.batch] for i in range(0, len(stretch), plan.batch)]
        batches.extend(groups[i] for i in rng.permutation(len(groups)))
    return batches


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
    return [
        frame(text[: longest - 2], context[:most]) for text, context in zip(texts, contexts, strict=True)
    ]


def fine_tune(
    network: Network,
    rows: Rows,
    inputs: Sequence[tuple[list[int], list[int]]],
    plan: EncoderRecipe,
    checkpoint: Path,
    progress: bool = True,
) -> None:
    """Learn in place, beginning where a checkpoint of the same recipe stopped."""
    torch.manual_seed(plan.seed)
    batches = plan_batches(rows, [len(pieces) for pieces, _ in inputs], plan)
    names, numbers = np.unique(rows.sources, return_inverse=True)
    # What is peculiar to a source (how many cases it has) is learned apart and left behind.
    own = nn.Parameter(torch.zeros(len(names), len(LABELS)))
    for layer in list(network.layers)[: plan.frozen_layers]:
        layer.requires_grad_(False)
    for frozen in (network.place, network.kind, network.norm.weight, network.norm.bias):
        frozen.requires_grad_(False)
    slow = [p for name, p in network.named_parameters() if p.requires_grad and not name.startswith("head")]
    groups = [
        {"params": [p for p in slow if p.ndim > 1], "lr": plan.rate, "weight_decay": 0.01},
        {"params": [p for p in slow if p.ndim == 1], "lr": plan.rate, "weight_decay": 0.0},
        {"params": [*network.head.parameters(), own], "lr": 10 * plan.rate, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    batches = batches[: plan.steps]
    warm, falling = max(1, len(batches) // 20), max(1, len(batches) * 3 // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, 1.0, max(0.02, (len(batches) - step) / falling))
    )
    learned = [parameter for group in groups for parameter in group["params"]]
    first = 0
    if checkpoint.is_file():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        own.data = saved["own"]
        first = saved["step"]
    targets, weights = torch.from_numpy(rows.values), torch.from_numpy(rows.weights)
    more = torch.tensor([plan.case_weight.get(label, 1.0) for label in LABELS])
    of_source = torch.from_numpy(numbers)
    network.train()
    columns = (
        TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip

    def gradients_of(chosen: npt.NDArray[np.intp]) -> tuple[tuple[torch.Tensor, ...], float]:
        pieces, kinds = padded([inputs[row] for row in chosen])
        with torch.autocast("cpu", torch.bfloat16, enabled=plan.bfloat16):
            said = network(torch.from_numpy(pieces), torch.from_numpy(kinds))
        losses = functional.binary_cross_entropy_with_logits(
            said + own[of_source[chosen]], targets[chosen], reduction="none", pos_weight=more
        )
        loss = (losses * weights[chosen]).sum() / weights[chosen].sum().clamp(min=1)
        return torch.autograd.grad(loss, learned), loss.item()

    average = 0.0
    torch.set_num_threads(1)
    with ThreadPoolExecutor(plan.threads) as pool, Progress(*columns, disable=not progress, refresh_per_second=0.2) as bar:
        task = bar.add_task("", total=len(batches), completed=first)
        for step in range(first, len(batches)):
            halves = [batches[step][half :: plan.threads] for half in range(plan.threads)]
            # One thread a part of the batch, not a part of each operation: parts need not wait for one another.
            gradients, losses = zip(*pool.map(gradients_of, halves), strict=True)
            for parameter, *parts in zip(learned, *gradients, strict=True):
                parameter.grad = sum(parts[1:], parts[0]) / plan.threads
            loss = sum(losses) / plan.threads
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
            average = loss if not average else 0.99 * average + 0.01 * loss
            bar.update(task, description=f"loss {average:.4f}", advance=1)
            if (step + 1) % plan.save_every == 0 or step + 1 == len(batches):
                kept = {k: v for k, v in network.state_dict().items() if k != "word.weight"}
                made = checkpoint.with_suffix(".new")
                torch.save(
                    {"network": kept, "optimizer": optimizer.state_dict(),
                     "schedule": schedule.state_dict(), "own": own.data, "step": step + 1},
                    made,
                )  # fmt: skip
                made.replace(checkpoint)
                if not progress:
                    print(f"{step + 1}/{len(batches)} loss {average:.4f}", flush=True)
