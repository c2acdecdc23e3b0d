"""Our own training sentences: templates filled with words, joined with innocent ones, Armenian respelled as people chat.

The data is `contrasts.toml` beside a recipe. What a kind of sentence is labelled stands there, once.
"""

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moderation.classifier.recipe import Label
from moderation.errors import InvalidInput

Value = Annotated[float, Field(ge=0, le=1)]
_SLOT = re.compile(r"\{(\w+)\}")
# A sentence stands alone about as often as beside an innocent one, before or behind.
_JOINED = 0.4
# Of the Armenian sentences: in Armenian letters, in chat Latin (the rest in Russian letters).
_ARMENIAN_LETTERS, _CHAT_LATIN = 0.45, 0.4


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Group(_Part):
    language: str
    kind: str
    texts: tuple[str, ...] = Field(min_length=1)
    parents: tuple[str, ...] = ()


class _File(_Part):
    kinds: dict[str, dict[Label, Value]]
    slots: dict[str, dict[str, tuple[str, ...]]]
    group: tuple[_Group, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it will be learned, with its labels; `parent` is the comment it answers, if any."""

    text: str
    language: str
    labels: Mapping[Label, float]
    parent: str = ""


def read_sentences(path: Path, per_template: Mapping[str, int], seed: int) -> list[Sentence]:
    """Return the sentences of a file, so many of each template by language, none twice."""
    try:
        found = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidInput(f"The contrasts {path} cannot be used: {error}.") from error
    if wrong := _unknown(found):
        raise InvalidInput(f"The contrasts {path} cannot be used: {wrong}.")
    rng = random.Random(seed)  # noqa: S311  a sample, not a secret
    innocent = {
        language: [
            text
            for group in found.group
            if group.language == language and group.kind == "clean" and not group.parents
            for text in group.texts
        ]
        for language in found.slots
    }
    made: dict[tuple[str, str], Sentence] = {}
    for group in found.group:
        slots = found.slots[group.language]
        for template in group.texts:
            for _ in range(per_template.get(group.language, 0)):
                text = _fill(template, slots, rng)
                if not group.parents and rng.random() < _JOINED:
                    beside = _fill(rng.choice(innocent[group.language]), slots, rng)
                    text = f"{text} {beside}" if rng.random() < 0.5 else f"{beside} {text}"
                parent = _fill(rng.choice(group.parents), slots, rng) if group.parents else ""
                language = group.language
                if language == "hy":
                    text, language = _in_some_letters(text, rng)
                made.setdefault((text, parent), Sentence(text, language, found.kinds[group.kind], parent))
    return list(made.values())


def _unknown(file: _File) -> str:
    """Return what a group names that is not there, or nothing."""
    for group in file.group:
        if group.kind not in file.kinds:
            return f"the kind {group.kind} has no labels under [kinds]"
        slots = file.slots.get(group.language)
        if slots is None:
            return f"the language {group.language} has no [slots.{group.language}]"
        for slot in _SLOT.findall(" ".join((*group.texts, *group.parents))):
            if not slots.get(slot):
                return f"the slot {slot} has no words in [slots.{group.language}]"
    return ""


def _fill(template: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    return _SLOT.sub(lambda slot: rng.choice(slots[slot[1]]), template)


def _in_some_letters(text: str, rng: random.Random) -> tuple[str, str]:
    at = rng.random()
    if at < _ARMENIAN_LETTERS:
        return text, "hy"
    if at < _ARMENIAN_LETTERS + _CHAT_LATIN:
        return in_latin(text, rng), "hy-latn"
    return in_cyrillic(text, rng), "hy-cyrl"


# How readers write each Armenian letter in Latin: the spellings of public text, as each writer keeps to one of them.
_LATIN = {
    "ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "y e @ u", "թ": "t", "ժ": "zh j",
    "ի": "i", "լ": "l", "խ": "x kh", "ծ": "c ts tz", "կ": "k", "հ": "h", "ձ": "dz", "ղ": "gh x q", "ճ": "ch j tj",
    "մ": "m", "յ": "y j", "ն": "n", "շ": "sh 6", "ո": "o", "չ": "ch 4", "պ": "p", "ջ": "j", "ռ": "r rr",
    "ս": "s", "վ": "v", "տ": "t", "ր": "r", "ց": "c ts", "ւ": "v w", "փ": "p", "ք": "q k", "օ": "o", "ֆ": "f",
    "և": "ev yev", "ու": "u ou oo", "^ե": "e ye", "^ո": "vo o",
}  # fmt: skip
# The Western standard sounds these the other way round.
_WESTERN = {
    "բ": "p",
    "պ": "b",
    "գ": "k",
    "կ": "g",
    "դ": "t",
    "տ": "d",
    "ձ": "ts",
    "ծ": "dz",
    "ջ": "ch",
    "ճ": "j",
}
_CYRILLIC = {
    "ա": "а", "բ": "б", "գ": "г", "դ": "д", "ե": "е", "զ": "з", "է": "э", "ը": "ы э", "թ": "т", "ժ": "ж",
    "ի": "и", "լ": "л", "խ": "х", "ծ": "ц", "կ": "к", "հ": "х г", "ձ": "дз", "ղ": "г х гх", "ճ": "ч", "մ": "м",
    "յ": "й", "ն": "н", "շ": "ш", "ո": "о", "չ": "ч", "պ": "п", "ջ": "дж", "ռ": "р", "ս": "с", "վ": "в",
    "տ": "т", "ր": "р", "ց": "ц", "ւ": "в", "փ": "п", "ք": "к", "օ": "о", "ֆ": "ф", "և": "ев", "ու": "у",
    "^ե": "е э", "^ո": "во о",
}  # fmt: skip
_MARKS = {"։": ".", "՝": ",", "՛": "", "՜": "", "՚": "'", "«": '"', "»": '"'}
_LETTERS = re.compile("ու|.", re.DOTALL)
_QUESTION = "՞"


def in_latin(text: str, rng: random.Random) -> str:
    """Return Armenian text as one writer types it in Latin letters, by the Eastern or the Western sounds."""
    table = {**_LATIN, **_WESTERN} if rng.random() < 0.4 else _LATIN
    return _respelled(text, table, rng)


def in_cyrillic(text: str, rng: random.Random) -> str:
    """Return Armenian text as one writer types it in Russian letters."""
    return _respelled(text, _CYRILLIC, rng)


def _respelled(text: str, table: Mapping[str, str], rng: random.Random) -> str:
    mine = {letter: rng.choice(spellings.split()) for letter, spellings in table.items()}
    lines = []
    for sentence in re.split("(?<=։)", text.lower()):
        asks = _QUESTION in sentence
        written, begins = [], True
        for letter in _LETTERS.findall(sentence.replace(_QUESTION, "")):
            written.append(
                (begins and mine.get(f"^{letter}")) or mine.get(letter) or _MARKS.get(letter, letter)
            )
            begins = not letter.isalpha()
        line = "".join(written)
        lines.append(re.sub(r"\.$", "?", line) if asks else line)
    return "".join(lines)
