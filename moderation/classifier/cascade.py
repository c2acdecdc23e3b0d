"""Two stages as one scorer: a linear model reads every comment, an encoder those it is unsure of or cannot read.

The first stage learned English alone, so every text that is not mostly English goes to the second. When English does,
and how the two opinions are joined, stands in the second's manifest (`asked`), chosen when it was trained.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moderation.classifier import artefact, encoder
from moderation.classifier.artefact import ENCODER_FORMAT, MANIFEST, LinearScorer, read_manifest, refused
from moderation.classifier.encoder import Encoder, context_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Scorer, Span

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Probability = Annotated[float, Field(ge=0, le=1)]
_REMEMBERED = "second_stage"  # of a text: its context, and its windows as they were read
_LONG = 2_000  # characters: what is longer is read in passages, the likeliest by the first stage
_PASSAGE = 400  # characters, which fit a window in English
_MOST_PASSAGES = 8  # of a text the first stage cannot rank


class Band(BaseModel):
    """When English is asked about: where a score of the first stage lies between the two of its label.

    `share` is what the second stage's log-odds weigh beside the first's for English, by label, 1 where it is alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: str
    unsure: dict[str, tuple[Probability, Probability]]
    share: dict[str, Probability] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """Both stages (the engine's `Scorer`).

    `reads` tells whether the first stage can read a text; `on_asked` hears about how many texts the second was asked.
    """

    first: LinearScorer
    second: Encoder
    band: Band
    reads: Callable[[Text], bool]
    on_asked: Callable[[int], None] = lambda texts: None

    @property
    def name(self) -> str:
        """Return the names of both stages."""
        return f"{self.first.name}+{self.second.name}"

    @property
    def version(self) -> str:
        """Return the versions of both stages."""
        return f"{self.first.version}+{self.second.version}"

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what either scores."""
        return tuple(dict.fromkeys((*self.first.labels, *self.second.labels)))

    def score(self, texts: Sequence[Text], contexts: Sequence[Context] = ()) -> list[dict[str, float]]:
        """Return for each text a calibrated probability (0 to 1) by label."""
        if not texts:
            return []
        said = self.first.probabilities([text.folded for text in texts])
        readable = np.array([self.reads(text) for text in texts])
        passages = _all_passages(texts)
        asked = np.flatnonzero(self._asked(said, readable, passages)).tolist()
        answers = [dict(zip(self.first.labels, row, strict=True)) for row in said.tolist()]
        for number in np.flatnonzero(~readable).tolist():
            answers[number] = {}  # the first stage's word is worth nothing there
        if asked:
            self.on_asked(len(asked))
        for number in asked:
            context = context_of(contexts[number]) if contexts else ""
            english = bool(readable[number])
            stretches = (
                self._worst(passages[number], english) if number in passages else [texts[number].folded]
            )
            read = self.second.read(
                stretches, [context] * len(stretches), self._likeliest if english else None
            )
            # Windows of a passage do not say where in the text it stood.
            texts[number].__dict__[_REMEMBERED] = (context, () if number in passages else read[0])
            own = encoder.said([window for windows in read for window in windows])
            answers[number] |= self.joined(said[number], own, english=english)
        return answers

    def asked(self, texts: Sequence[Text]) -> Mask:
        """Return about which texts the second stage is asked."""
        said = self.first.probabilities([text.folded for text in texts])
        return self._asked(said, np.array([self.reads(text) for text in texts]), _all_passages(texts))

    def _asked(self, said: Floats, readable: Mask, passages: Mapping[int, Sequence[str]]) -> Mask:
        found = self.unsure(said) | ~readable
        for number, parts in passages.items():
            # One insult in a long calm text moves the whole little: each passage is asked for its own.
            found[number] |= self.unsure(self.first.probabilities(parts)).any()
        return found

    def probabilities(self, folded: Sequence[str]) -> Floats:
        """Return texts x labels for texts that are folded already; 0 where a label was not asked about."""
        answers = self.score([Text(text) for text in folded])
        return np.array([[answer.get(label, 0.0) for label in self.labels] for answer in answers], np.float32)

    def unsure(self, said: Floats) -> Mask:
        """Return for which texts the first stage is unsure of a label."""
        found = np.zeros(len(said), bool)
        for column, label in enumerate(self.first.labels):
            if label in self.band.unsure:
                low, high = self.band.unsure[label]
                found |= (said[:, column] >= low) & (said[:, column] < high)
        return found

    def joined(self, first: Floats, odds: Floats, *, english: bool) -> dict[str, float]:
        """Return the second stage's probability by label, of English with the first's log-odds beside its own."""
        found = {}
        for label, own in zip(self.second.labels, odds.tolist(), strict=True):
            share = self.band.share.get(label, 1.0) if english and label in self.first.labels else 1.0
            if share < 1:
                before = float(np.clip(first[self.first.labels.index(label)], 1e-6, 1 - 1e-6))
                own = share * own + (1 - share) * float(np.log(before / (1 - before)))  # noqa: PLW2901
            found[label] = float(1 / (1 + np.exp(-own)))
        return found

    def _worst(self, passages: Sequence[str], readable: bool) -> list[str]:
        """Return the passages that the first stage finds worst, in a language it cannot read even shares of them."""
        if not readable:
            even = np.linspace(0, len(passages) - 1, min(len(passages), _MOST_PASSAGES)).astype(int)
            return [passages[number] for number in even]
        worst = self._fears(passages)
        chosen = sorted(np.argsort(-worst, kind="stable")[: self.second.limits.windows].tolist())
        return [passages[number] for number in chosen]

    def _likeliest(self, stretches: Sequence[str]) -> int:
        return int(np.argmax(self._fears(stretches)))

    def _fears(self, stretches: Sequence[str]) -> Floats:
        """Return the highest of the first stage's scores of each stretch."""
        minded = [column for column, label in enumerate(self.first.labels) if label in self.band.unsure]
        worst: Floats = self.first.probabilities(stretches)[:, minded].max(axis=1, initial=0)
        return worst

    def explain(self, text: Text, label: str) -> tuple[Span, ...]:
        """Return the stretches of the original that raised the score most, in order of position."""
        if label in self.second.labels and _REMEMBERED in text.__dict__:
            return self.second.explain(text, label, *text.__dict__[_REMEMBERED])
        return self.first.explain(text, label) if label in self.first.labels else ()


def _all_passages(texts: Sequence[Text]) -> dict[int, list[str]]:
    """Return the passages of the long ones among some texts, by their number."""
    return {number: _passages(text.folded) for number, text in enumerate(texts) if len(text.folded) > _LONG}


def _passages(folded: str) -> list[str]:
    """Return a long text in stretches of about equal length, cut at blanks where there are some."""
    passages, start = [], 0
    while start < len(folded):
        end = len(folded)
        if start + _PASSAGE < end:
            blank = folded.rfind(" ", start + 1, start + _PASSAGE)
            end = blank if blank > start else start + _PASSAGE
        passages.append(folded[start:end])
        start = end
    return passages


def is_encoder(folder: Path) -> bool:
    """Return whether a model folder holds a second stage, which is slow."""
    return bool(read_manifest(folder)["format"] == ENCODER_FORMAT)


def load_scorers(
    folders: Sequence[Path],
    reads: Callable[[Text], bool],
    on_asked: Callable[[int], None] = lambda texts: None,
) -> dict[str, Scorer]:
    """Return the scorers of these model folders by name, an encoder together with the first stage it names.

    Raises:
        ModelRefused: a folder does not hold, or lacks its first stage.
    """
    encoders = [folder for folder in folders if is_encoder(folder)]
    linear = {folder.name: artefact.load(folder) for folder in folders if folder not in encoders}
    found: dict[str, Scorer] = dict(linear)
    for folder in encoders:
        try:
            band = Band.model_validate(read_manifest(folder).get("asked"))
        except ValidationError as error:
            raise refused(folder / MANIFEST, "does not say when it is asked") from error
        if band.first not in linear:
            raise refused(folder / MANIFEST, f"names the first stage {band.first}, which is not there")
        both = Cascade(linear[band.first], encoder.load(folder), band, reads, on_asked)
        found.pop(band.first, None)
        found[both.name] = both
    return found


def as_json(band: Band) -> Mapping[str, object]:
    """Return the band as the manifest holds it."""
    return band.model_dump(mode="json")
