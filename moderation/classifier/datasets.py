"""Labelled comments from parquet files: our labels, nothing read into silence, no text twice, licences kept.

A label is a share of raters between 0 and 1, or not a number where the source did not ask that question.
"""

import hashlib
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from moderation.engine.text import Text
from moderation.errors import InvalidInput

Values = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# Our label, and the column of the files that holds it.
COLUMNS = {
    "toxicity": "toxic",
    "personal-attack": "attack",
    "profanity": "profanity",
    "identity-attack": "identity_hate",
    "threat": "threat",
    "sexual": "sexual",
    "spam": "spam",
}
LABELS = tuple(COLUMNS)
# Below this share of raters a comment counts as clean, from this share on as a case of the label.
CLEAN_BELOW = 0.2
POSITIVE_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Licence:
    """What a source's licence is, and what it lets us do."""

    name: str
    stated: bool = True
    may_train: bool = True


_UNSTATED = Licence("not stated", stated=False)
_CC0, _MIT, _APACHE, _BY = Licence("CC0"), Licence("MIT"), Licence("Apache-2.0"), Licence("CC BY 4.0")
LICENCES: Mapping[str, Licence] = {
    "toxic_spans": _CC0,
    "paradetox": _CC0,
    "edos": _CC0,
    "fox_news": _MIT,
    "surge_toxicity": _MIT,
    "openai_moderation": _MIT,
    "davidson": _MIT,
    "wiki_context_toxicity": _APACHE,
    "wiki_context_small": _APACHE,
    "hatexplain": _APACHE,
    "wiki_identity_testset": _BY,
    "bias_madlibs_77k": _BY,
    "hatecheck": _BY,
    "unhealthy_ucc": Licence("CC BY-NC-SA 4.0", may_train=False),
    "ethos": Licence("GPL-3.0", may_train=False),
    "decisions": Licence("our moderators"),
    "feedback": Licence("given to us"),
}


def licence(source: str) -> Licence:
    """Return the licence of a source; one we do not know counts as not stated."""
    return LICENCES.get(source, _UNSTATED)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Some labelled comments, column by column; `values` is rows x `LABELS`."""

    texts: tuple[str, ...]
    sources: npt.NDArray[np.str_]
    values: Values
    extras: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.texts)

    def label(self, name: str) -> Values:
        """Return one label's values, not a number where unknown."""
        values: Values = self.values[:, LABELS.index(name)]
        return values

    def where(self, keep: Mask | npt.NDArray[np.intp]) -> "Corpus":
        """Return the rows that `keep` marks or numbers."""
        numbers = np.flatnonzero(keep) if keep.dtype == bool else keep
        return Corpus(
            tuple(self.texts[i] for i in numbers),
            self.sources[numbers],
            self.values[numbers],
            tuple(self.extras[i] for i in numbers),
        )

    def positives(self, name: str) -> int:
        """Return how many rows are cases of the label."""
        return int((self.label(name) >= POSITIVE_FROM).sum())


def file_digest(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path, languages: Iterable[str] = ("en",)) -> Corpus:
    """Return the rows of one parquet file in these languages, folded as the engine folds them."""
    if not path.is_file():
        raise InvalidInput(
            f"{path} is not there: DATA must be the folder that holds train.parquet and dev.parquet."
        )
    table: dict[str, list[Any]] = pq.read_table(path).to_pydict()
    wanted = set(languages)
    rows = [i for i, language in enumerate(table["lang"]) if language in wanted]
    values = np.full((len(rows), len(LABELS)), np.nan, np.float32)
    for column, name in enumerate(COLUMNS.values()):
        values[:, column] = [np.nan if table[name][i] is None else table[name][i] for i in rows]
    sources = [table["source"][i] for i in rows]
    return Corpus(
        tuple(tidy(table["text"][i], source) for i, source in zip(rows, sources, strict=True)),
        np.array(sources, dtype=np.str_),
        values,
        tuple(table["extra"][i] or "" for i in rows),
    )


def read_parents(path: Path, languages: Iterable[str] = ("en",)) -> tuple[str, ...]:
    """Return the folded comment that each row of `read` answers, empty where there is none or it is not known."""
    table = pq.read_table(path, columns=["lang", "parent_text"]).to_pydict()
    wanted = set(languages)
    return tuple(
        Text(parent).folded if parent else ""
        for parent, language in zip(table["parent_text"], table["lang"], strict=True)
        if language in wanted
    )


_SPACED_MARK = re.compile(r"\s+(?=[.,!?;:'])")


def tidy(text: str, source: str) -> str:
    """Return the folded text, without what gives away one side of a source rather than what is said."""
    folded = Text(text).folded
    # Only one side of paradetox sets punctuation apart; left in, the blank before it would be learned.
    return _SPACED_MARK.sub("", folded) if source == "paradetox" else folded


def may_train(corpus: Corpus, *, licensed_only: bool) -> Corpus:
    """Return the rows whose licence lets them train; with `licensed_only`, a licence must be stated."""
    allowed = {
        str(source): licence(str(source)).may_train and (licence(str(source)).stated or not licensed_only)
        for source in np.unique(corpus.sources)
    }
    return corpus.where(np.array([allowed[str(source)] for source in corpus.sources], dtype=bool))


def join(corpora: Sequence[Corpus]) -> Corpus:
    """Return all rows of all corpora in order."""
    return Corpus(
        tuple(text for corpus in corpora for text in corpus.texts),
        np.concatenate([corpus.sources for corpus in corpora]),
        np.concatenate([corpus.values for corpus in corpora]),
        tuple(extra for corpus in corpora for extra in corpus.extras),
    )


def infer_clean(corpus: Corpus, labels: Sequence[str]) -> Corpus:
    """Return the corpus with unknown labels at 0 where raters found the comment clean of any toxicity.

    An attack, a threat or a swear-word is toxic; so what is not toxic is none of them. This is an inference
    from a question that was asked, and the recipe must ask for it by label.
    """
    values = corpus.values.copy()
    clean = corpus.label("toxicity") < CLEAN_BELOW
    for name in labels:
        column = LABELS.index(name)
        values[clean & np.isnan(values[:, column]), column] = 0
    return Corpus(corpus.texts, corpus.sources, values, corpus.extras)


def without_duplicates(corpus: Corpus, likeness: float = 0.7) -> Corpus:
    """Return each text once: equal ones merged, and of near ones with equal labels the first.

    Merged texts have their raters' mean.
    Near means that this share of all stretches of five words is common to both. Near texts with other labels
    stay: a rude sentence beside its civil twin teaches what makes the difference.
    """
    merged = _merge_equal(corpus)
    words = [_words(text) for text in merged.texts]
    stretches = [_stretches(some) for some in words]
    answers = np.where(np.isnan(merged.values), -1, merged.values >= POSITIVE_FROM).astype(np.int8)
    keep = np.ones(len(merged), dtype=bool)
    seen: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, keys in _bands(stretches):
        mine = stretches[row]
        for key in keys:
            for other in seen[key]:
                common = len(mine & stretches[other])
                alike = common >= likeness * (len(mine) + len(stretches[other]) - common)
                if alike and (answers[row] == answers[other]).all():
                    keep[row] = False
                    break
            if not keep[row]:
                break
        if keep[row]:
            for key in keys:
                # A few kept texts a key are enough: more of them share a phrase, not a text.
                if len(seen[key]) < 8:
                    seen[key].append(row)
    return merged.where(keep)


def _merge_equal(corpus: Corpus) -> Corpus:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(corpus.texts):
        groups[" ".join(_words(text)) or text].append(row)
    first = np.array([rows[0] for rows in groups.values()], dtype=np.intp)
    merged = corpus.where(first)
    for number, rows in enumerate(groups.values()):
        if len(rows) > 1:
            values = corpus.values[rows]
            known = ~np.isnan(values)
            with np.errstate(invalid="ignore"):
                merged.values[number] = np.where(known, values, 0).sum(axis=0) / known.sum(axis=0)
    return merged


_WORD = re.compile(r"\w+")


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _stretches(words: Sequence[str], size: int = 5) -> frozenset[int]:
    return frozenset(
        zlib.crc32(" ".join(words[i : i + size]).encode("utf-8", "replace"))
        for i in range(len(words) - size + 1)
    )


def _bands(stretches: Sequence[frozenset[int]]) -> Iterable[tuple[int, list[tuple[int, ...]]]]:
    """Yield each row long enough to compare with three keys, of which near texts very likely share one."""
    # min-hash: for each odd multiplier, the smallest product over a text's stretches, taken in pairs.
    multipliers = np.array(
        [0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1, 0x01000193], dtype=np.uint32
    )
    for row, some in enumerate(stretches):
        if len(some) < 3:
            continue
        numbers = np.fromiter(some, np.uint32, len(some))
        smallest = (numbers[:, None] * multipliers).min(axis=0).tolist()
        yield row, [(band, smallest[2 * band], smallest[2 * band + 1]) for band in range(3)]


def counts_by_source(corpus: Corpus) -> dict[str, dict[str, Any]]:
    """Return for each source its rows, licence and known and positive rows by label."""
    found: dict[str, dict[str, Any]] = {}
    for source in dict.fromkeys(str(name) for name in corpus.sources):
        of_source = corpus.sources == source
        asked = {}
        for name in LABELS:
            values = corpus.label(name)[of_source]
            if known := int((~np.isnan(values)).sum()):
                asked[name] = {"known": known, "positive": int((values >= POSITIVE_FROM).sum())}
        found[source] = {"rows": int(of_source.sum()), "licence": licence(source).name, "labels": asked}
    return found
