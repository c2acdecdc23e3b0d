"""The second stage as it serves: pieces of folded text in, calibrated scores out, by onnxruntime.

models/<name>/
  manifest.json    format, name, labels, limits, when it is asked, and the sha256 of every other file
  model.onnx       the network, 8-bit weights (`encoder_graph`), calibrated: its log-odds are those of the scores
  tokenizer.json   the pieces
  recipe.toml  contrasts.toml  metrics.json  card.md     what it was made of, and what it was measured to do

A text longer than a window is read in several, which overlap, and scored by the one that speaks most for a label.
"""

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
import onnxruntime
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tokenizers import Encoding, Tokenizer

from moderation.classifier.artefact import (
    ENCODER_FORMAT,
    MANIFEST,
    read_manifest,
    refused,
    released,
    write_manifest,
)
from moderation.engine.text import Text, fold
from moderation.engine.types import Context, Span

Integers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Chooser = Callable[[Sequence[str]], int]
NETWORK, PIECES = "model.onnx", "tokenizer.json"
# The kinds of piece the network tells apart; scores are read off the pieces of the text alone.
PADDING, TEXT, CONTEXT = 0, 1, 2
BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3
_LONGEST_WORD = (
    200  # letters; a run without a blank is cut, for pieces are sought in time by the square of its length
)
# Words shown for an opinion: those that carry this share of what speaks for the label, and at most so many.
_TELLING_SHARE, _MOST_WORDS = 0.6, 4
_MOST_RANKED = 16  # windows of one text among which one is chosen
_WORD = re.compile(r"\w(?:\S*\w)?")
_RUN = re.compile(rf"\S{{{_LONGEST_WORD}}}(?=\S)")


class Limits(BaseModel):
    """How much is read at once: pieces of a window and of the context, and windows of one text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: Annotated[int, Field(ge=16, le=510)] = 126
    overlap: Annotated[int, Field(ge=0, le=64)] = 16
    windows: Annotated[int, Field(ge=1, le=32)] = 3
    context: Annotated[int, Field(ge=0, le=128)] = 24


class Pieces:
    """Folded text as numbers of pieces."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of each text's pieces."""
        return [found.ids for found in self._read(texts)]

    def placed(self, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
        """Return the numbers of each text's pieces, and the stretch of the text each stands for."""
        return [(found.ids, found.offsets) for found in self._read(texts)]

    def _read(self, texts: Sequence[str]) -> list[Encoding]:
        # A blank for the last letter of a long run: positions stay those of the text.
        whole = [_RUN.sub(lambda run: run[0][:-1] + " ", text) for text in texts]
        return self._tokenizer.encode_batch(whole, add_special_tokens=False)


def frame(text: Sequence[int], context: Sequence[int] = ()) -> tuple[list[int], list[int]]:
    """Return pieces and kinds of one input: the text between its two marks, then the context and its mark."""
    pieces = [BEGIN, *text, END]
    kinds = [TEXT] * len(pieces)
    if context:
        pieces += [*context, END]
        kinds += [CONTEXT] * (len(context) + 1)
    return pieces, kinds


def padded(inputs: Sequence[tuple[list[int], list[int]]]) -> tuple[Integers, Integers]:
    """Return pieces and kinds of some inputs as two arrays, inputs x the longest."""
    longest = max(len(pieces) for pieces, _ in inputs)
    all_pieces = np.full((len(inputs), longest), PAD, np.int32)
    all_kinds = np.full((len(inputs), longest), PADDING, np.int32)
    for row, (pieces, kinds) in enumerate(inputs):
        all_pieces[row, : len(pieces)] = pieces
        all_kinds[row, : len(kinds)] = kinds
    return all_pieces, all_kinds


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of a text as the network read it: number of its first piece, log-odds by label, the share of each piece
    (with the marks about them) in them by label.
    """

    start: int
    odds: Floats
    shares: Floats


# What the engines of one process have loaded, by digest: a reload, or a gate, loads nothing twice.
_SESSIONS: WeakValueDictionary[str, onnxruntime.InferenceSession] = WeakValueDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """A small transformer with one calibrated head per label."""

    name: str
    version: str
    labels: tuple[str, ...]
    limits: Limits
    pieces: Pieces
    session: onnxruntime.InferenceSession

    def odds(self, folded: Sequence[str], contexts: Sequence[str] = ()) -> Floats:
        """Return texts x labels in log-odds, for texts and contexts that are folded already."""
        found = np.full((len(folded), len(self.labels)), -np.inf, np.float32)
        for number, windows in enumerate(self.read(folded, contexts)):
            found[number] = said(windows)
        return found

    def read(
        self, folded: Sequence[str], contexts: Sequence[str] = (), choose: Chooser | None = None
    ) -> list[list[Window]]:
        """Return the windows of each text as the network reads them, for texts and contexts that are folded already.

        A text longer than its windows is read in even shares from its beginning to its end; with `choose`, which
        numbers the stretch of a text that matters most, in that one window alone.
        """
        limits = self.limits
        around = self.pieces.of(contexts) if any(contexts) else [[]] * len(folded)
        found = []
        for text, context, (pieces, places) in zip(folded, around, self.pieces.placed(folded), strict=True):
            starts = self._starts(len(pieces), limits.windows)
            if choose is not None and len(starts) > 1:
                starts = self._starts(len(pieces), _MOST_RANKED)
                stretches = [
                    text[places[start][0] : places[start + limits.window - 1][1]] for start in starts
                ]
                starts = [starts[choose(stretches)]]
            # One at a time: activations are rounded by the range of all that is run together, so that a score would
            # hang on its neighbours, and a processor without a wide matrix unit gains next to nothing from batches.
            windows = []
            for start in starts:
                one = frame(pieces[start : start + limits.window], context[: limits.context])
                odds, shares = self._ask([one])
                windows.append(Window(start, odds[0], shares[0]))
            found.append(windows)
        return found

    def _starts(self, length: int, most: int) -> list[int]:
        """Return where each window of a text of so many pieces begins."""
        window, step = self.limits.window, self.limits.window - self.limits.overlap
        needed = 1 + max(0, -(-(length - window) // step))
        if needed == 1:
            return [0]
        return [int(start) for start in np.linspace(0, length - window, min(needed, most))]

    def _ask(self, inputs: Sequence[tuple[list[int], list[int]]]) -> tuple[Floats, Floats]:
        """Return log-odds (inputs x labels) and the share of each piece in them (inputs x pieces x labels)."""
        pieces, kinds = padded(inputs)
        odds, shares = self.session.run(None, {"pieces": pieces, "kinds": kinds})
        return odds, shares

    def explain(
        self, text: Text, label: str, context: str = "", windows: Sequence[Window] = ()
    ) -> tuple[Span, ...]:
        """Return the words of the original that add most to the label's log-odds, in order of position."""
        found = self.contributions(text.folded, label, context, windows)
        rising = sorted((share for _, _, share in found if share > 0), reverse=True)
        if not rising:
            return ()
        carried = np.cumsum(rising) / sum(rising)
        floor = rising[min(int(np.searchsorted(carried, _TELLING_SHARE)) + 1, _MOST_WORDS, len(rising)) - 1]
        telling = [(start, end) for start, end, share in found if share >= floor][:_MOST_WORDS]
        return tuple(text.original_span(start, end) for start, end in telling)

    def contributions(
        self, folded: str, label: str, context: str = "", windows: Sequence[Window] = ()
    ) -> list[tuple[int, int, float]]:
        """Return for each word (start, end in `folded`, what it adds to the log-odds) of the worst window.

        Scores are read off the pieces' last states, by their mean and their greatest values, so that the shares of
        all pieces and the head's bias add up to the log-odds. A piece's state knows its neighbours: a word's share is
        what is said there, not what the word would be worth alone. `windows` are those of `read`, if they are known.
        """
        column = self.labels.index(label)
        ((_, places),) = self.pieces.placed([folded])
        worst = max(windows or self.read([folded], [context])[0], key=lambda window: window.odds[column])
        read = places[worst.start : worst.start + self.limits.window]
        shares = worst.shares[1 : 1 + len(read), column].tolist()
        totals: dict[tuple[int, int], float] = {}
        words = [match.span() for match in _WORD.finditer(folded)]
        ends = [end for _, end in words]
        for (start, end), share in zip(read, shares, strict=True):
            number = bisect_right(ends, start)
            if end > start and number < len(words) and words[number][0] < end:
                totals[words[number]] = totals.get(words[number], 0.0) + share
        return [(*word, totals[word]) for word in words if word in totals]


def said(windows: Sequence[Window]) -> Floats:
    """Return the log-odds of a text by label: those of the window that speaks most for each."""
    highest: Floats = np.stack([window.odds for window in windows]).max(axis=0)
    return highest


def context_of(context: Context) -> str:
    """Return what the encoder reads beside a comment, folded: the comment answered, or else the article's title."""
    if context.parent is not None and context.parent.body:
        return fold(context.parent.body)
    return fold(context.article.title)


def save(
    folder: Path,
    *,
    name: str,
    labels: Sequence[str],
    limits: Limits,
    network: bytes,
    pieces: Tokenizer,
    asked: Mapping[str, Any],
) -> None:
    """Write network, pieces and manifest; `asked` says when this stage is asked (`cascade.Band`)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NETWORK).write_bytes(network)
    pieces.save(str(folder / PIECES), pretty=False)
    write_manifest(
        folder,
        {
            "format": ENCODER_FORMAT,
            "name": name,
            "labels": list(labels),
            "limits": limits.model_dump(),
            "asked": dict(asked),
        },
    )


def load(folder: Path) -> Encoder:
    """Return the encoder of a folder, or refuse it: what serving reads must be what the manifest names."""
    manifest = read_manifest(folder, ENCODER_FORMAT)
    try:
        limits = Limits.model_validate(manifest.get("limits"))
    except ValidationError as error:
        raise refused(folder / MANIFEST, "has limits that this version does not keep") from error
    pieces = released(folder, manifest, PIECES)
    released(folder, manifest, NETWORK)
    labels = tuple(manifest["labels"])
    digests = [manifest["files"][name] for name in (NETWORK, PIECES)]
    session = _SESSIONS.get(digests[0]) or _session(folder)
    if [found.name for found in session.get_inputs()] != ["pieces", "kinds"] or (
        len(session.get_outputs()) != 2 or session.get_outputs()[0].shape[-1] != len(labels)
    ):
        raise refused(folder / NETWORK, f"does not turn pieces and kinds into {len(labels)} labels")
    _SESSIONS[digests[0]] = session
    try:
        tokenizer = Tokenizer.from_buffer(pieces)
    except Exception as error:
        raise refused(folder / PIECES, "does not hold pieces") from error
    identity = json.dumps([ENCODER_FORMAT, labels, manifest["limits"], manifest.get("asked"), digests])
    version = f"{manifest['name']}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    return Encoder(manifest["name"], version, labels, limits, Pieces(tokenizer), session)


def _session(folder: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # No threads of its own: they would end where `moderation serve` forks, and requests run beside one another anyway.
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        # By its name: of bytes handed over, onnxruntime would keep a second copy as long as it serves.
        return onnxruntime.InferenceSession(
            str(folder / NETWORK), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise refused(folder / NETWORK, "is no network that can be run") from error
