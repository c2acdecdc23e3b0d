"""The network of the second stage as it learns: BERT from the base's weights, fine-tuned on rows of `encoder_rows`."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import nn
from torch.nn import functional

from moderation.classifier.datasets import LABELS
from moderation.classifier.encoder import PADDING, TEXT, padded
from moderation.classifier.encoder_rows import Rows
from moderation.classifier.recipe import EncoderRecipe

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.intp]
# What of a recipe a checkpoint does not hang on: a run may be made shorter while it learns.
_NOT_LEARNED = {"steps", "save_every", "limits", "calibration", "prevalence", "unsure", "share"}


class Network(nn.Module):  # type: ignore[misc]  # torch is not there when types are checked
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
        mask = torch.zeros(
            kinds.shape, dtype=torch.bfloat16 if torch.is_autocast_enabled("cpu") else torch.float32
        )
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


class Layer(nn.Module):  # type: ignore[misc]  # as above
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
        return self.transformed(states + functional.linear(inner, self.outer_weight, self.outer_bias))


def _norm(tensors: Mapping[str, Floats], name: str) -> nn.LayerNorm:
    norm = nn.LayerNorm(tensors[f"{name}.w"].shape[0], eps=1e-12)
    norm.weight.data = torch.from_numpy(tensors[f"{name}.w"].copy())
    norm.bias.data = torch.from_numpy(tensors[f"{name}.b"].copy())
    return norm


def _learned(network: Network, own: nn.Parameter, plan: EncoderRecipe) -> list[dict[str, Any]]:
    """Freeze what the recipe does not let learn, and return the rest with its rates."""
    for layer in list(network.layers)[: plan.frozen_layers]:
        layer.requires_grad_(False)
    for frozen in (network.place, network.kind, network.norm.weight, network.norm.bias):
        frozen.requires_grad_(False)
    slow = [p for name, p in network.named_parameters() if p.requires_grad and not name.startswith("head")]
    return [
        {"params": [p for p in slow if p.ndim > 1], "lr": plan.rate, "weight_decay": 0.01},
        {"params": [p for p in slow if p.ndim == 1], "lr": plan.rate, "weight_decay": 0.0},
        {"params": [*network.head.parameters(), own], "lr": 10 * plan.rate, "weight_decay": 0.0},
    ]


def _made_of(plan: EncoderRecipe, batches: Sequence[Integers]) -> str:
    """Return the digest of what a checkpoint must have in common with the run that goes on from it."""
    learned = plan.model_dump_json(exclude=_NOT_LEARNED)
    return hashlib.sha256(learned.encode() + batches[0].tobytes()).hexdigest()


def fine_tune(
    network: Network,
    rows: Rows,
    inputs: Sequence[tuple[list[int], list[int]]],
    batches: Sequence[Integers],
    plan: EncoderRecipe,
    checkpoint: Path,
    progress: bool = True,
) -> None:
    """Learn in place, one step a batch, beginning where a checkpoint of the same recipe stopped."""
    torch.manual_seed(plan.seed)
    names, numbers = np.unique(rows.sources, return_inverse=True)
    # What is peculiar to a source (how many cases it has) is learned apart and left behind.
    own = nn.Parameter(torch.zeros(len(names), len(LABELS)))
    groups = _learned(network, own, plan)
    optimizer = torch.optim.AdamW(groups)
    # A short rise, a long level, a fall to nothing: where the fall begins may be chosen while it learns.
    warm, falling = max(1, len(batches) // 20), max(1, len(batches) * 3 // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, 1.0, max(0.02, (len(batches) - step) / falling))
    )
    learned = [parameter for group in groups for parameter in group["params"]]
    first = 0
    made_of = _made_of(plan, batches)
    saved = torch.load(checkpoint, weights_only=True) if checkpoint.is_file() else {}
    if saved.get("made_of") == made_of:
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

    def gradients_of(chosen: Integers) -> tuple[tuple[torch.Tensor, ...], float]:
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
    with (
        ThreadPoolExecutor(plan.threads) as pool,
        Progress(*columns, disable=not progress, refresh_per_second=0.2) as bar,
    ):
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
                     "schedule": schedule.state_dict(), "own": own.data, "step": step + 1,
                     "made_of": made_of},
                    made,
                )  # fmt: skip
                made.replace(checkpoint)
                if not progress:
                    print(f"{step + 1}/{len(batches)} loss {average:.4f}", flush=True)
