"""Hashed n-grams of a batch of texts and their weighted sums, in numpy alone: all that serving needs.

A text is read as its words with one blank between them and one at either end. Its features are the character
n-grams of that line, its words and its word pairs, each hashed to one of 2**bits buckets. All texts of a
batch lie end to end in one array of code points, so that every step is one numpy call for the whole batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint32]

# Odd constants of multiplicative hashing: 2**32 / golden ratio, murmur3's second mixer, the FNV prime.
_MULTIPLIER = np.uint32(0x9E3779B1)
_MIXER = np.uint32(0x85EBCA6B)
_BASE = 0x01000193
# Code points beyond the table count as letters: most are, and the rest (emoji) are worth a word of their own.
_TABLE_SIZE = 0x3100
_IS_WORD = np.fromiter((chr(point).isalnum() for point in range(_TABLE_SIZE)), dtype=bool, count=_TABLE_SIZE)
_IS_WORD[-1] = True
# A batch is worked off in stretches of about this many code points, so that it stays in the cache.
STRETCH = 1 << 15


@dataclass(frozen=True, slots=True)
class Shape:
    """Which n-grams are hashed into how many buckets; it must be the same in training and in serving."""

    bits: int = 18
    shortest: int = 2
    longest: int = 5

    def __post_init__(self) -> None:
        if not (8 <= self.bits <= 24 and 1 <= self.shortest <= self.longest <= 8):
            raise ValueError(f"n-grams of {self.shortest} to {self.longest} in 2**{self.bits} buckets")

    @property
    def buckets(self) -> int:
        """Return the number of buckets, which is also the index of the one for what is no n-gram."""
        return 1 << self.bits


class Batch:
    """The code points of some texts end to end, each framed in blanks and followed by zeros."""

    def __init__(self, texts: Sequence[str], shape: Shape) -> None:
        self.shape = shape
        # With `longest` zeros behind each text, no n-gram or word pair can reach the next one unseen.
        tail = "\0" * shape.longest
        lines = [" ".join(text.split()) for text in texts]
        joined = "".join([f" {line} {tail}" for line in lines])
        self.points: Codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        lengths = np.fromiter(map(len, lines), np.intp, len(lines))
        frames = lengths + 2 + shape.longest
        self.starts: Integers = np.cumsum(frames) - frames
        # An empty text has no n-grams: not even the one of its two framing blanks.
        self.lengths: Integers = np.where(lengths > 0, lengths + 2, 0)
        self._frames = frames

    @cached_property
    def _spread(self) -> Codes:
        """Return the code points with their bits spread over the whole number."""
        return np.multiply(self.points, _MULTIPLIER)

    def characters(self) -> Iterator[tuple[int, Integers]]:
        """Yield, for each size n, the bucket of the n-gram that begins at each code point."""
        hashed = self._spread
        alone = len(self.starts) == 1
        for n in range(1, self.shape.longest + 1):
            if n > 1:
                hashed = hashed[:-1] ^ self.points[n - 1 :]
                hashed *= _MULTIPLIER
            if n < self.shape.shortest:
                continue
            # What begins where no n-gram has room is at the end, where one text alone can be cut off.
            whole = hashed[: max(int(self.lengths[0]) - n + 1, 0)] if alone else hashed
            buckets = self._buckets(whole)
            if not alone:
                buckets[self._room[: len(buckets)] < n] = self.shape.buckets
            yield n, buckets

    @cached_property
    def _room(self) -> Integers:
        """Return for each code point how many there are to the end of its text; none or less behind it."""
        ends = np.repeat(self.starts + self.lengths, self._frames)
        return ends - np.arange(len(self.points))

    @cached_property
    def _edges(self) -> Integers:
        """Return the code points before which words begin and, in turn, end, less one."""
        is_word = _IS_WORD.take(self.points, mode="clip")
        edges: Integers = (is_word[1:] != is_word[:-1]).nonzero()[0]
        return edges

    @cached_property
    def word_begins(self) -> Integers:
        """Return where the words of all texts begin."""
        return np.asarray(self._edges[::2] + 1, dtype=np.intp)

    @cached_property
    def first_words(self) -> Integers:
        """Return for each text the number of its first word."""
        if len(self.starts) == 1:
            return np.zeros(1, np.intp)
        return self.word_begins.searchsorted(self.starts)

    @cached_property
    def words_per_text(self) -> Integers:
        """Return for each text how many words it has."""
        if len(self.starts) == 1:
            return np.full(1, len(self.word_begins), np.intp)
        return np.diff(self.first_words, append=len(self.word_begins))

    def words(self) -> tuple[Integers, Integers]:
        """Return the bucket of each word and of the pair that begins with it, and an empty one after all."""
        powers, inverses = _powers(len(self.points).bit_length())
        mixed = self._spread >> np.uint32(15)
        mixed ^= self._spread
        mixed *= powers[: len(mixed)]
        # A word's hash is its stretch of one running polynomial sum, brought back to power 0.
        running = mixed.cumsum(dtype=np.uint32).take(self._edges)
        word = running[1::2] - running[::2]
        word *= inverses.take(self.word_begins)
        word ^= word >> np.uint32(16)
        word *= _MIXER
        singles = np.full(len(word) + 1, self.shape.buckets, np.intp)
        singles[:-1] = self._buckets(word)
        pairs = np.full(len(word) + 1, self.shape.buckets, np.intp)
        pair = word[:-1] * _MIXER
        pair ^= word[1:] >> np.uint32(3)
        pair *= _MULTIPLIER
        pairs[: len(pair)] = self._buckets(pair)
        # The last word of a text begins no pair. (Before the first text this is the empty bucket at the end.)
        pairs[self.first_words - 1] = self.shape.buckets
        return singles, pairs

    def counts(self) -> Integers:
        """Return for each text how many n-grams, words and pairs it has."""
        sizes = np.arange(self.shape.shortest - 1, self.shape.longest)
        characters = np.maximum(self.lengths[:, None] - sizes, 0).sum(axis=1)
        words = self.words_per_text
        return np.asarray(characters + words + np.maximum(words - 1, 0), dtype=np.intp)

    def _buckets(self, hashed: Codes) -> Integers:
        return (hashed >> np.uint32(32 - self.shape.bits)).astype(np.intp)


def stretches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in order, in groups of about `STRETCH` code points."""
    begin, size = 0, 0
    for index, text in enumerate(texts):
        size += len(text) + 8
        if size >= STRETCH:
            yield texts[begin : index + 1]
            begin, size = index + 1, 0
    if begin < len(texts):
        yield texts[begin:]


def weighted_sums(texts: Sequence[str], weights: Floats, shape: Shape) -> Floats:
    """Return texts x heads: the sum of each text's weights over the root of the number of its n-grams.

    `weights` is buckets + 1 rows of heads; the last row must be zero.
    """
    if not texts:
        return np.zeros((0, weights.shape[1]), np.float32)
    return np.concatenate([_sums(Batch(group, shape), weights) for group in stretches(texts)])


def _sums(batch: Batch, weights: Floats) -> Floats:
    by_character = np.zeros((len(batch.points), weights.shape[1]), np.float32)
    for _, buckets in batch.characters():
        by_character[: len(buckets)] += weights.take(buckets, axis=0)
    total: Floats = np.add.reduceat(by_character, batch.starts, axis=0)
    singles, pairs = batch.words()
    by_word = weights.take(singles, axis=0) + weights.take(pairs, axis=0)
    of_words = np.add.reduceat(by_word, batch.first_words, axis=0)
    # `reduceat` gives an empty stretch the element that follows it.
    of_words[batch.words_per_text == 0] = 0
    norm = np.sqrt(np.maximum(batch.counts(), 1)).astype(np.float32)
    return np.asarray((total + of_words) / norm[:, None], dtype=np.float32)


@cache
def _powers(bits: int) -> tuple[Codes, Codes]:
    """Return 2**bits powers of the word polynomial's base, and of its inverse, modulo 2**32."""
    length = 1 << bits

    def powers(base: int) -> Codes:
        factors = np.full(length, base, dtype=np.uint32)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint32)

    return powers(_BASE), powers(pow(_BASE, -1, 2**32))
