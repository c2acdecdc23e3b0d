"""The n-grams of `hashing` as a scikit-learn transformer, for training."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from moderation.classifier.hashing import Batch, Shape, stretches


class HashedNgrams(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts to a sparse matrix whose product with a head's weights is the sum that serving computes."""

    def __init__(self, bits: int = 18, shortest: int = 2, longest: int = 5) -> None:
        self.bits = bits
        self.shortest = shortest
        self.longest = longest

    @property
    def shape(self) -> Shape:
        """Return the shape of the n-grams."""
        return Shape(self.bits, self.shortest, self.longest)

    def fit(self, texts: Sequence[str], y: object = None) -> Self:
        """Return self: there is nothing to learn in hashing."""
        del texts, y
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Return one row per text: how often each bucket was hit, over the root of the number of n-grams."""
        shape = self.shape
        rows = [_matrix(Batch(group, shape)) for group in stretches(list(texts))]
        return (
            vstack(rows, format="csr", dtype=np.float32)
            if rows
            else csr_matrix((0, shape.buckets), dtype=np.float32)
        )

    def __sklearn_tags__(self) -> Tags:
        """Return what scikit-learn may expect: it reads texts, and there is nothing to fit."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        """Return True: the transformer has no state."""
        return True


def _matrix(batch: Batch) -> csr_matrix:
    texts = len(batch.starts)
    columns, rows = [], []
    text_of_point = np.repeat(np.arange(texts), np.diff(batch.starts, append=len(batch.points)))
    for _, buckets in batch.characters():
        columns.append(buckets)
        rows.append(text_of_point[: len(buckets)])
    text_of_word = np.repeat(np.arange(texts), batch.words_per_text)
    for buckets in batch.words():
        columns.append(buckets[:-1])
        rows.append(text_of_word)
    column, row = np.concatenate(columns), np.concatenate(rows)
    real = column < batch.shape.buckets
    column, row = column[real], row[real]
    values = (1 / np.sqrt(np.maximum(batch.counts(), 1))).astype(np.float32)[row]
    return csr_matrix((values, (row, column)), shape=(texts, batch.shape.buckets))
