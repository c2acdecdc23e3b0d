"""The second stage as it serves: pieces of folded text in, calibrated scores out, by onnxruntime."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Integers = npt.NDArray[np.int32]
# The kinds of piece the network tells apart; scores are read off the pieces of the text alone.
PADDING, TEXT, CONTEXT = 0, 1, 2
BEGIN, PAD, END, UNKNOWN = 0, 1, 2, 3


class Pieces:
    """Folded text as numbers of pieces."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of each text's pieces."""
        return [found.ids for found in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]


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
