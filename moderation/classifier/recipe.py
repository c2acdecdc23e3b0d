"""The recipe of a model: which files and labels, how hard to fit, and which comments its scores speak of."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from moderation.classifier.hashing import Shape
from moderation.errors import InvalidInput

Label = Literal["toxicity", "personal-attack", "profanity", "identity-attack", "threat", "sexual", "spam"]
# The same where code asks by a name it has read: a key that is no label is refused all the same.
LabelName = Annotated[str, AfterValidator(TypeAdapter(Label).validate_python)]
Share = Annotated[float, Field(gt=0, lt=1)]
Power = Annotated[float, Field(ge=0, le=2)]
Weight = Annotated[float, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Part):
    """A parquet file below DATA and how much its rows weigh; `sources` narrows it, none means all."""

    name: str = Field(pattern=r"^[A-Za-z0-9._-]+\.parquet$")
    weight: Weight = 1.0
    sources: tuple[str, ...] | None = None


class Head(_Part):
    """How one label is learned.

    `strength` is the inverse of the penalty. `rarity` and `evidence` are the powers of two scalings of
    the n-grams, inverse document frequency and the ratio of their shares in cases and others. `raters`
    learns from the share of raters instead of the majority. `own_bias` gives each source a bias of its
    own in training, so that the style of a source does not stand for how many cases it has. `files`
    names the files used, none means the first. `infer_clean` takes what raters found free of toxicity as
    no case; `ordinary` names sources whose comments are taken as no case though nobody asked, with what
    weight. `prevalence` is the share of cases in the stream of comments that the scores speak of.
    `borrows` adds so much of other heads, before calibration: labels with few cases gain from those with
    many, and it stays linear.
    """

    strength: Annotated[float, Field(gt=0)] = 1.0
    rarity: Power = 0.0
    evidence: Power = 0.0
    raters: bool = False
    own_bias: bool = False
    files: tuple[str, ...] | None = None
    infer_clean: bool = False
    ordinary: tuple[str, ...] = ()
    ordinary_weight: Weight = 0.0
    prevalence: Share = 0.05
    borrows: dict[Label, Weight] = {}


class Ngrams(_Part):
    """Which n-grams in how many buckets."""

    bits: Annotated[int, Field(ge=8, le=24)] = 18
    shortest: Annotated[int, Field(ge=1, le=8)] = 2
    longest: Annotated[int, Field(ge=1, le=8)] = 5

    @property
    def shape(self) -> Shape:
        """Return the shape that serving needs."""
        return Shape(self.bits, self.shortest, self.longest)


class Calibration(_Part):
    """The share of rows kept back to calibrate, and what each source's clean comments weigh there."""

    share: Share = 0.1
    clean: dict[str, Weight] = {}


class Recipe(_Part):
    """All that decides what comes out of `train`, besides the data."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    seed: int = 0
    languages: tuple[str, ...] = ("en",)
    licensed_only: bool = False
    fewest_cases: Annotated[int, Field(ge=1)] = 300
    likeness: Share = 0.7
    files: tuple[File, ...] = Field(min_length=1)
    sources: dict[str, Weight] = {}
    ngrams: Ngrams = Ngrams()
    calibration: Calibration = Calibration()
    heads: dict[Label, Head] = Field(min_length=1)


class EncoderRecipe(_Part):
    """All that decides what comes out of training the second stage, besides the data and the sentences beside it.

    `steps` cuts the run short. `passes` says how often the rows of each source are learned from; a source not named is left out.
    `contrasts` says how many sentences each template gives, by language. `infer_clean` as in `Head`, with
    `inferred_weight`; `lexicon_weight` and `first_stage` weigh labels that the lexicon and the first stage
    give where nobody was asked; `case_weight` weighs cases of rare labels. `longest` and `context` are
    pieces of the text and of its context. `limits` are those of serving (`encoder.Limits`); `unsure` and `share` say when
    the second stage is asked of English and what it weighs (`cascade.Band`). `strange_context` is the share of rows that get a context not theirs,
    `disguised` that of rows learned from once more with words changed by one edit or two.
    """

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    seed: int = 0
    languages: tuple[str, ...] = ("en", "ru", "tr")
    licensed_only: bool = False
    likeness: Share = 0.7
    files: tuple[File, ...] = Field(min_length=1)
    passes: dict[str, Annotated[float, Field(ge=0, le=10)]]
    contrasts: dict[str, Annotated[int, Field(ge=0)]]
    first: str = "first"
    first_stage: dict[LabelName, Weight] = {}
    infer_clean: tuple[Label, ...] = ()
    inferred_weight: Weight = 0.5
    lexicon_weight: Weight = 0.3
    case_weight: dict[LabelName, Weight] = {}
    fewest_texts: Annotated[int, Field(ge=1)] = 2
    layers: Annotated[int, Field(ge=1, le=12)] = 12
    frozen_layers: Annotated[int, Field(ge=0, le=12)] = 4
    batch: Annotated[int, Field(ge=1)] = 64
    threads: Annotated[int, Field(ge=1)] = 2
    steps: Annotated[int, Field(ge=1)] | None = None
    longest: Annotated[int, Field(ge=8, le=512)] = 80
    context: Annotated[int, Field(ge=0, le=128)] = 24
    disguised: Annotated[float, Field(ge=0, le=1)] = 0.0
    strange_context: Annotated[float, Field(ge=0, lt=1)] = 0.08
    rate: Annotated[float, Field(gt=0)] = 7e-5
    bfloat16: bool = True
    save_every: Annotated[int, Field(ge=1)] = 100
    limits: dict[str, int] = {}
    calibration: Calibration = Calibration()
    prevalence: dict[LabelName, Share] = {}
    unsure: dict[
        LabelName, tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]
    ] = {}
    share: dict[LabelName, Annotated[float, Field(ge=0, le=1)]] = {}


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a TOML file; what is wrong in it is said with its key."""
    return _read(path, Recipe)


def read_encoder_recipe(path: Path) -> EncoderRecipe:
    """Return the recipe of a second stage, as `read_recipe`."""
    return _read(path, EncoderRecipe)


def is_for_encoder(path: Path) -> bool:
    """Tell whether this is the recipe of a second stage: only there are sources passed over so many times."""
    return "passes" in _toml(path)


_Any = TypeVar("_Any", Recipe, EncoderRecipe)


def _read(path: Path, kind: type[_Any]) -> _Any:
    try:
        return kind.model_validate(_toml(path))
    except ValidationError as error:
        fields = {".".join(map(str, fault["loc"])): [fault["msg"]] for fault in error.errors()}
        said = "; ".join(f"{key}: {messages[0]}" for key, messages in fields.items())
        raise InvalidInput(f"The recipe {path} is wrong: {said}.", fields) from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(f"The recipe {path} cannot be read.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The recipe {path} is not TOML: {error}.") from error
