"""A model folder read and written: weights in numpy's own format, a manifest with digests, no pickle.

models/<name>/
  manifest.json   format, name, labels, n-gram shape, and the sha256 of every other file
  weights.npz     weights (buckets x labels, 16-bit floats) and biases (labels)
  recipe.toml  metrics.json  card.md  *.svg     what it was made of, and what it was measured to do
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from moderation.classifier.hashing import Batch, Floats, Shape, weighted_sums
from moderation.engine.text import Text
from moderation.engine.types import Context, Span
from moderation.errors import ModelRefused

FORMAT, ENCODER_FORMAT = "moderation-linear-1", "moderation-encoder-1"
MANIFEST, WEIGHTS = "manifest.json", "weights.npz"
_REMEDY = "Restore the folder from the release, or train it again with `moderation train`."
# Words shown for an opinion: those that add so much to the log-odds, or the one that adds most; and at most so many.
# The threshold did best against people's marks on 2,500 training rows of toxic_spans, for toxicity.
_TELLING, _MOST_WORDS = 0.5, 4


_INNER = re.compile(r"\w(?:\S*\w)?")


@dataclass(frozen=True, slots=True, eq=False)
class LinearScorer:
    """A linear model over hashed n-grams with one calibrated head per label (the engine's `Scorer`)."""

    name: str
    version: str
    labels: tuple[str, ...]
    shape: Shape
    weights: Floats  # buckets + 1 rows, the last one zero; columns padded with zeros to a power of two
    biases: Floats

    def probabilities(self, folded: Sequence[str]) -> Floats:
        """Return texts x labels for texts that are folded already."""
        sums = weighted_sums(folded, self.weights, self.shape)[:, : len(self.labels)]
        return np.asarray(1 / (1 + np.exp(-(sums + self.biases))), dtype=np.float32)

    def score(self, texts: Sequence[Text], contexts: Sequence[Context] = ()) -> list[dict[str, float]]:
        """Return for each text a calibrated probability (0 to 1) by label, read without its context."""
        del contexts
        labels = self.labels
        rows = self.probabilities([text.folded for text in texts]).tolist()
        return [dict(zip(labels, row, strict=True)) for row in rows]

    def explain(self, text: Text, label: str) -> tuple[Span, ...]:
        """Return the words of the original that raised the score most, in order of position."""
        words, shares = self._shares(text.folded, label)
        rising = sorted((share for share in shares if share > 0), reverse=True)[:_MOST_WORDS]
        if not rising:
            return ()
        floor = max(rising[-1], min(_TELLING, rising[0]))
        telling = [place for place, share in zip(words, shares, strict=True) if share >= floor][:_MOST_WORDS]
        return tuple(text.original_span(*_bare(text.folded, *place)) for place in telling)

    def contributions(self, folded: str, label: str) -> list[tuple[int, int, float]]:
        """Return for each word (start, end in `folded`, what it adds to the log-odds).

        With the bias, the words' shares add up to the log-odds.
        An n-gram's weight is shared equally by its letters; a word's or a pair's by the words it names.
        """
        words, shares = self._shares(folded, label)
        return [(*_bare(folded, *place), share) for place, share in zip(words, shares, strict=True)]

    def _shares(self, folded: str, label: str) -> tuple[list[tuple[int, int]], list[float]]:
        """Return the stretches between blanks, and what each adds."""
        column = self.labels.index(label)
        batch = Batch([folded], self.shape)
        words = [(match.start(), match.end()) for match in re.finditer(r"\S+", folded)]
        if not words:
            return [], []
        # Where each word stands in the framed line, in which one blank precedes every word.
        lengths = np.array([end - start for start, end in words])
        begins = np.cumsum(lengths + 1) - lengths
        word_of_point = np.repeat(np.arange(len(words)), lengths)
        points = np.concatenate([np.arange(b, b + n) for b, n in zip(begins, lengths, strict=True)])
        is_letter = np.zeros(len(batch.points) + self.shape.longest)
        is_letter[points] = 1
        letters_before = np.concatenate(([0.0], np.cumsum(is_letter)))
        share = np.zeros(len(is_letter))
        for n, buckets in batch.characters():
            values = self.weights[buckets, column].astype(np.float64)
            count = len(values)
            letters = letters_before[n : count + n] - letters_before[:count]
            # What each n-gram gives to each of its letters, summed over the n-grams that cover a letter.
            given = np.concatenate((np.zeros(n), np.cumsum(values / np.maximum(letters, 1)), np.zeros(n - 1)))
            given[n + count :] = given[n + count - 1]
            share[: count + n - 1] += given[n:] - given[: count + n - 1]
        share *= is_letter
        total = np.bincount(word_of_point, share[points], len(words))
        singles, pairs = (self.weights[buckets, column].astype(np.float64)[:-1] for buckets in batch.words())
        home = np.searchsorted(begins, batch.word_begins, side="right") - 1
        given_to_words = singles + pairs / 2
        given_to_words[1:] += pairs[:-1] / 2  # a pair's other half, to the word behind
        total += np.bincount(home, given_to_words, len(words))
        return words, (total / np.sqrt(max(int(batch.counts()[0]), 1))).tolist()


def _bare(folded: str, start: int, end: int) -> tuple[int, int]:
    """Return the stretch without the marks at its ends, unless it is nothing but marks."""
    inner = _INNER.search(folded, start, end)
    return inner.span() if inner else (start, end)


def save(
    folder: Path, *, name: str, labels: Sequence[str], shape: Shape, weights: Floats, biases: Floats
) -> LinearScorer:
    """Write weights and manifest and return the model as it will be loaded, with 16-bit weights."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, weights=weights.astype(np.float16), biases=biases.astype(np.float32))
    (folder / WEIGHTS).write_bytes(buffer.getvalue())
    parts = {"bits": shape.bits, "shortest": shape.shortest, "longest": shape.longest}
    write_manifest(folder, {"format": FORMAT, "name": name, "labels": list(labels), "shape": parts})
    return load(folder)


def seal(folder: Path) -> None:
    """Write the digests of all files of the folder into its manifest."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    manifest.pop("files", None)
    write_manifest(folder, manifest)


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest with the digests of all other files of the folder."""
    others = sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in others}
    (folder / MANIFEST).write_text(json.dumps({**manifest, "files": files}, indent=2) + "\n", "utf-8")


def load(folder: Path) -> LinearScorer:
    """Return the model of a folder, or refuse it: what serving reads must be what the manifest names."""
    manifest = read_manifest(folder, FORMAT)
    if not isinstance(manifest.get("shape"), dict):
        raise refused(folder / MANIFEST, "lacks the shape of its n-grams")
    content = released(folder, manifest, WEIGHTS)
    labels = tuple(manifest["labels"])
    shape = _shape(folder, manifest["shape"])
    weights, biases = _arrays(folder / WEIGHTS, content)
    if weights.shape != (shape.buckets, len(labels)) or biases.shape != (len(labels),):
        found = f"{weights.shape} weights and {biases.shape} biases"
        raise refused(folder / WEIGHTS, f"has {found}, not {shape.buckets} features and {len(labels)} labels")
    if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
        raise refused(folder / WEIGHTS, "has weights that are no finite numbers")
    # Rows of a power of two are copied fastest; the row after the last bucket is the zero of what is no
    # n-gram.
    padded = np.zeros((shape.buckets + 1, 1 << (len(labels) - 1).bit_length()), np.float32)
    padded[:-1, : len(labels)] = weights
    identity = json.dumps(
        [FORMAT, labels, shape.bits, shape.shortest, shape.longest, manifest["files"][WEIGHTS]]
    )
    version = f"{manifest['name']}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    return LinearScorer(manifest["name"], version, labels, shape, padded, biases.astype(np.float32))


def changed_files(folder: Path) -> list[str]:
    """Return the names of the folder's files that are gone or not what the manifest names, in order."""
    files: dict[str, str] = read_manifest(folder)["files"]
    return [
        name
        for name, digest in sorted(files.items())
        if not (folder / name).is_file() or hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest
    ]


def released(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes:
    """Return the content of a file of the folder, or refuse it where it is not the one the manifest names."""
    if name not in manifest["files"]:
        raise refused(folder / MANIFEST, f"does not name {name}")
    content = _read(folder / name)
    if hashlib.sha256(content).hexdigest() != manifest["files"][name]:
        raise refused(
            folder / name, "is not the file that was released (its sha256 differs from the manifest's)"
        )
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise refused(path, "cannot be read") from error


def read_manifest(folder: Path, expected: str | None = None) -> dict[str, Any]:
    """Return the manifest of a folder, of the format expected if one is, or refuse it."""
    path = folder / MANIFEST
    accepted = (expected,) if expected else (FORMAT, ENCODER_FORMAT)
    try:
        manifest = json.loads(_read(path))
    except ValueError as error:
        raise refused(path, "is not JSON") from error
    if not isinstance(manifest, dict) or manifest.get("format") not in accepted:
        raise refused(path, f"is not of the format {' or '.join(accepted)}")
    files, labels = manifest.get("files"), manifest.get("labels")
    complete = (
        isinstance(manifest.get("name"), str)
        and _all_text(labels)
        and len(set(labels or ())) == len(labels or ()) > 0
        and isinstance(files, dict)
        and _all_text(list(files.values()))
    )
    if not complete:
        raise refused(path, "lacks one of name, labels and files, or has it in the wrong form")
    if any(Path(name).name != name for name in manifest["files"]):
        raise refused(path, "names a file outside its folder")
    return manifest


def _all_text(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _shape(folder: Path, parts: Mapping[str, Any]) -> Shape:
    try:
        return Shape(**parts)
    except (TypeError, ValueError) as error:
        raise refused(folder / MANIFEST, "describes n-grams that this version does not compute") from error


def _arrays(path: Path, content: bytes) -> tuple[Floats, Floats]:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            weights, biases = arrays["weights"], arrays["biases"]
    except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise refused(path, "does not hold the arrays weights and biases in numpy's format") from error
    if not all(isinstance(array, np.ndarray) and array.dtype.kind == "f" for array in (weights, biases)):
        raise refused(path, "does not hold floating-point numbers")
    return weights, biases


def refused(path: Path, why: str) -> ModelRefused:
    """Return the error of a file that must not serve."""
    return ModelRefused(f"The model file {path} {why}. {_REMEDY}", file=str(path))


def folders(models: Path) -> list[Path]:
    """Return the model folders below `models`, in order of name."""
    return sorted(path.parent for path in models.glob(f"*/{MANIFEST}"))
