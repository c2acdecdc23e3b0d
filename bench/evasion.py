"""Words in disguise: the share our engine finds, and what it does to innocent sentences, beside its peers.

    make .venv-bench/ready
    .venv-bench/bin/python -m bench.evasion

Every seed of `tests/sets/evasion.toml` is written with every technique below that makes sense in its script. A word
counts as found when the verdict on its sentence is not "publish"; the rules alone decide, no learned model is loaded.
The innocents of `tests/sets/innocents.toml` go through the same systems. Rows put aside have columns of their own.
Peers run as they come and, where they can be set, also with every defence against disguise switched on. A slow peer
gets the same fixed sample of each set, so its shares by technique are rough. Most peers read English alone:
`--language en` keeps to English seeds.
"""

import argparse
import importlib
import random
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.sets import decide, rules_alone

SETS = Path("tests/sets")
PLAIN = "not disguised"


@dataclass(frozen=True)
class Seed:
    """A word that should be found, and the sentence that carries it."""

    word: str
    language: str
    kind: str
    carrier: str
    aside: bool = False


@dataclass(frozen=True)
class Evasion:
    """A seed in disguise: `text[start:end]` is the word as it is written now."""

    seed: str
    technique: str
    text: str
    start: int
    end: int
    aside: bool


@dataclass(frozen=True)
class Innocent:
    """A sentence that a fair editor publishes."""

    text: str
    why: str
    aside: bool = False


def read_seeds(path: Path = SETS / "evasion.toml") -> list[Seed]:
    return [Seed(**row) for row in tomllib.loads(path.read_text("utf-8"))["seed"]]


def read_innocents(path: Path = SETS / "innocents.toml") -> list[Innocent]:
    return [Innocent(**row) for row in tomllib.loads(path.read_text("utf-8"))["case"]]


# ---- how letters are written otherwise ----

LATIN = "abcdefghijklmnopqrstuvwxyz"
FULL_WIDTH = {letter: chr(0xFF41 + n) for n, letter in enumerate(LATIN)}
MATH_BOLD = {letter: chr(0x1D41A + n) for n, letter in enumerate(LATIN)}
CIRCLED = {letter: chr(0x24D0 + n) for n, letter in enumerate(LATIN)}
SQUARED = {letter: chr(0x1F130 + n) for n, letter in enumerate(LATIN)}
SMALL_CAPITALS = dict(zip("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True))
CYRILLIC = dict(zip("acdehijkmopqstwxy", "асԁеһіјкморԛѕтԝху", strict=True))
GREEK = dict(zip("abeikmnoptuvwxyz", "αβεικμηορτυνωχγζ", strict=True))
ARMENIAN = {"f": "ք", "g": "ց", "h": "հ", "j": "յ", "n": "ո", "o": "օ", "q": "զ", "u": "ս", "w": "ա"}
LATIN_IN_CYRILLIC = dict(zip("асекмортхуі", "acekmoptxyi", strict=True))
LATIN_IN_ARMENIAN = dict(zip("օսհոցզքյա", "ouhngqfjw", strict=True))
LEET = {
    "LATIN": {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7+"},
    "CYRILLIC": {"а": "4@", "б": "6", "е": "3", "з": "3", "о": "0", "ч": "4"},
}
VOWELS = frozenset("aeiouyéèêâôıöüаеёиоуыэюяաեէըիոօ")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
SOFT_HYPHEN = "\u00ad"
ACCENTS = "\u0300\u0301\u0302\u0303\u0304\u0307\u0308\u030a"
STRESS_MARK = "\u055b"
SIGNS = ("🔥", "❤", "★", "•", "|", "~", "^", "+")


def script(word: str) -> str:
    """Return the script of the first letter: LATIN, CYRILLIC or ARMENIAN."""
    return unicodedata.name(word[0]).split()[0]


def _exchanged(letters: Mapping[str, str], word: str) -> str | None:
    """Return the word with each letter that has another shape in that shape."""
    changed = "".join(letters.get(letter, letter) for letter in word)
    return changed if changed != word else None


def _some_exchanged(letters: Mapping[str, str], word: str, chance: random.Random) -> str | None:
    """Return the word with some of the letters exchanged, at least one: a disguise is seldom complete."""
    places = [place for place, letter in enumerate(word) if letter in letters]
    if not places:
        return None
    chosen = set(chance.sample(places, chance.randint(1, len(places))))
    return "".join(
        chance.choice(letters[letter]) if place in chosen else letter for place, letter in enumerate(word)
    )


def _inserted(marks: Sequence[str], word: str, chance: random.Random) -> str:
    """Return the word with marks between some of its letters, at least one."""
    gaps = set(chance.sample(range(1, len(word)), chance.randint(1, len(word) - 1)))
    return "".join(
        (chance.choice(marks) if place in gaps else "") + letter for place, letter in enumerate(word)
    )


# ---- the techniques: each writes a word otherwise, or gives None where that makes no sense ----


def spaced(word: str, chance: random.Random) -> str | None:
    del chance
    return " ".join(word)


def dotted(word: str, chance: random.Random) -> str | None:
    del chance
    return ".".join(word)


def dashed(word: str, chance: random.Random) -> str | None:
    del chance
    return "-".join(word)


def underscored(word: str, chance: random.Random) -> str | None:
    del chance
    return "_".join(word)


def signs_between(word: str, chance: random.Random) -> str | None:
    return chance.choice(SIGNS).join(word)


def split_in_two(word: str, chance: random.Random) -> str | None:
    place = chance.randint(1, len(word) - 1)
    return f"{word[:place]} {word[place:]}"


def repeated(word: str, chance: random.Random) -> str | None:
    places = set(chance.sample(range(len(word)), chance.randint(1, 2)))
    return "".join(
        letter * (chance.randint(3, 6) if place in places else 1) for place, letter in enumerate(word)
    )


def doubled_vowel(word: str, chance: random.Random) -> str | None:
    places = [place for place, letter in enumerate(word) if letter in VOWELS]
    place = chance.choice(places)
    return word[: place + 1] + word[place:]


def zero_width(word: str, chance: random.Random) -> str | None:
    return _inserted(INVISIBLE, word, chance)


def soft_hyphens(word: str, chance: random.Random) -> str | None:
    return _inserted(SOFT_HYPHEN, word, chance)


def accents(word: str, chance: random.Random) -> str | None:
    return "".join(letter + chance.choice(ACCENTS) for letter in word)


def stress_mark(word: str, chance: random.Random) -> str | None:
    place = chance.randint(1, len(word) - 1)
    return word[:place] + STRESS_MARK + word[place:]


def mixed_case(word: str, chance: random.Random) -> str | None:
    places = set(chance.sample(range(len(word)), chance.randint(1, len(word) - 1)))
    return "".join(letter.upper() if place in places else letter for place, letter in enumerate(word))


def masked(word: str, chance: random.Random) -> str | None:
    inner = range(1, len(word) - 1)
    place = chance.choice([place for place in inner if word[place] in VOWELS] or list(inner))
    return f"{word[:place]}*{word[place + 1 :]}"


def leet(word: str, chance: random.Random) -> str | None:
    return _some_exchanged(LEET.get(script(word), {}), word, chance)


def full_width(word: str, chance: random.Random) -> str | None:
    del chance
    return _exchanged(FULL_WIDTH, word)


def math_bold(word: str, chance: random.Random) -> str | None:
    del chance
    return _exchanged(MATH_BOLD, word)


def circled_or_squared(word: str, chance: random.Random) -> str | None:
    return _exchanged(chance.choice((CIRCLED, SQUARED)), word)


def small_capitals(word: str, chance: random.Random) -> str | None:
    del chance
    return _exchanged(SMALL_CAPITALS, word)


def cyrillic_letters(word: str, chance: random.Random) -> str | None:
    return _some_exchanged(CYRILLIC, word, chance)


def greek_letters(word: str, chance: random.Random) -> str | None:
    return _some_exchanged(GREEK, word, chance)


def armenian_letters(word: str, chance: random.Random) -> str | None:
    return _some_exchanged(ARMENIAN, word, chance)


def latin_letters(word: str, chance: random.Random) -> str | None:
    letters = {"CYRILLIC": LATIN_IN_CYRILLIC, "ARMENIAN": LATIN_IN_ARMENIAN}.get(script(word), {})
    return _some_exchanged(letters, word, chance)


Technique = Callable[[str, random.Random], str | None]

TECHNIQUES: Mapping[str, Technique] = {
    "letters set apart": spaced,
    "dots between": dotted,
    "dashes between": dashed,
    "underscores between": underscored,
    "emoji or signs between": signs_between,
    "split in two": split_in_two,
    "repeated letters": repeated,
    "doubled vowel": doubled_vowel,
    "zero-width inside": zero_width,
    "soft hyphens inside": soft_hyphens,
    "combining accents": accents,
    "Armenian stress mark": stress_mark,
    "mixed case": mixed_case,
    "one letter masked": masked,
    "digits and signs for letters": leet,
    "full width": full_width,
    "mathematical bold": math_bold,
    "circled or squared": circled_or_squared,
    "small capitals": small_capitals,
    "Cyrillic letters": cyrillic_letters,
    "Greek letters": greek_letters,
    "Armenian letters": armenian_letters,
    "Latin letters": latin_letters,
}


def _carried(seed: Seed, technique: str, written: str) -> Evasion:
    start = seed.carrier.index("{word}")
    text = seed.carrier.replace("{word}", written)
    return Evasion(seed.word, technique, text, start, start + len(written), seed.aside)


def generate(seeds: Iterable[Seed]) -> list[Evasion]:
    """Return every seed in every disguise that changes it; the same seeds give the same rows, always."""
    made = []
    for seed in seeds:
        for name, technique in TECHNIQUES.items():
            # Chance depends on the word and the technique alone: a technique more leaves the other rows as they are.
            written = technique(seed.word, random.Random(f"{seed.word} {name}"))
            if written is not None and written != seed.word:
                made.append(_carried(seed, name, written))
    return made


def plain(seeds: Iterable[Seed]) -> list[Evasion]:
    """Return the seeds as they are: what is not found here is a matter of word lists, not of disguise."""
    return [_carried(seed, PLAIN, seed.word) for seed in seeds]


# ---- the systems ----

Flags = Callable[[str], bool]


class Missing(Exception):
    """A peer is not installed here."""


def _load(package: str, module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Missing(
            f"{package} is not installed here ({error}). Run `make .venv-bench/ready` and start this with "
            f".venv-bench/bin/python, or leave the peer out with --without {package}."
        ) from error


def better_profanity() -> dict[str, Flags]:
    profanity = _load("better-profanity", "better_profanity").profanity
    return {"better-profanity": lambda text: bool(profanity.contains_profanity(text))}


def alt_profanity_check() -> dict[str, Flags]:
    predict = _load("alt-profanity-check", "profanity_check").predict
    return {"alt-profanity-check": lambda text: bool(predict([text])[0])}


def profanex() -> dict[str, Flags]:
    library = _load("profanex", "profanex")
    settings = {
        "profanex": {},
        "profanex, all on": {
            "normalize_repeated_chars": True,
            "normalize_separated_runs": True,
            "enable_fuzzy": True,
        },
    }
    return {
        name: partial(_truth, library.Filter(library.FilterConfig(**given)).contains)
        for name, given in settings.items()
    }


def glin_profanity() -> dict[str, Flags]:
    library = _load("glin-profanity", "glin_profanity")
    settings: dict[str, dict[str, object]] = {
        "glin-profanity": {},
        "glin-profanity, all on": {
            "languages": ["english", "russian", "turkish", "french"],
            "detect_leetspeak": True,
            "leetspeak_level": "aggressive",
            "obfuscation": "strict",
        },
    }
    return {name: partial(_truth, library.Filter(given).is_profane) for name, given in settings.items()}


def _truth(answer: Callable[[str], object], text: str) -> bool:
    return bool(answer(text))


PEERS: Mapping[str, Callable[[], dict[str, Flags]]] = {
    "better-profanity": better_profanity,
    "alt-profanity-check": alt_profanity_check,
    "profanex": profanex,
    "glin-profanity": glin_profanity,
}
SLOW = frozenset({"better-profanity", "glin-profanity", "glin-profanity, all on"})


# ---- the tables ----


class Shares:
    """How many rows of each name and part are hits."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, bool], list[bool]] = {}

    def add(self, name: str, aside: bool, hit: bool) -> None:
        self.counted.setdefault((name, aside), []).append(hit)

    def show(self, names: Iterable[str], aside: bool) -> str:
        """Return the share of hits under these names in one part."""
        hits = [hit for name in names for hit in self.counted.get((name, aside), ())]
        return f"{100 * sum(hits) / len(hits):.1f} %" if hits else "-"


def _sampled(rows: int, limit: int) -> list[int]:
    """Return the numbers of the rows a slow peer reads, the same at every run."""
    return sorted(random.Random(0).sample(range(rows), min(rows, limit)))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _parts(shares: Iterable[Shares], names: Sequence[str]) -> Iterator[str]:
    for counted in shares:
        yield counted.show(names, aside=False)
        yield counted.show(names, aside=True)


def print_evasions(rows: Sequence[Evasion], systems: Mapping[str, Flags], limit: int) -> None:
    """Print the share found by technique, tuned on and put aside, for each system."""
    found: dict[str, Shares] = {}
    read = dict.fromkeys(systems, len(rows))
    for name, flags in systems.items():
        found[name] = Shares()
        numbers = _sampled(len(rows), limit) if name in SLOW else range(len(rows))
        read[name] = len(numbers)
        for number in numbers:
            row = rows[number]
            found[name].add(row.technique, row.aside, flags(row.text))
    print(_row(["technique", "rows", *(title for name in systems for title in (name, "aside"))]))
    print(_row(["---"] + ["--:"] * (1 + 2 * len(systems))))
    for technique in (PLAIN, *TECHNIQUES):
        count = sum(row.technique == technique for row in rows)
        print(_row([technique, str(count), *_parts(found.values(), [technique])]))
    disguised = list(TECHNIQUES)
    count = sum(row.technique != PLAIN for row in rows)
    print(_row(["**all disguised**", str(count), *_parts(found.values(), disguised)]))
    print(_row(["rows read", "", *(cell for name in systems for cell in (str(read[name]), ""))]))


def print_innocents(
    rows: Sequence[Innocent], verdict: Callable[[str], str], peers: Mapping[str, Flags], limit: int
) -> None:
    """Print the share of innocent sentences rejected and held by us, and flagged by each peer."""
    shares = {"ours: rejected": Shares(), "ours: held": Shares()}
    read = dict.fromkeys(shares, len(rows))
    for row in rows:
        given = verdict(row.text)
        shares["ours: rejected"].add("", row.aside, given == "reject")
        shares["ours: held"].add("", row.aside, given == "hold")
    for name, flags in peers.items():
        shares[f"{name}: flagged"] = Shares()
        numbers = _sampled(len(rows), limit) if name in SLOW else range(len(rows))
        read[f"{name}: flagged"] = len(numbers)
        for number in numbers:
            shares[f"{name}: flagged"].add("", rows[number].aside, flags(rows[number].text))
    print("| innocent sentences | rows read | tuned on | put aside |\n| --- | --: | --: | --: |")
    for name, counted in shares.items():
        print(_row([name, str(read[name]), *_parts([counted], [""])]))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", help="only seeds of this language (en, ru, hy, tr, fr)")
    parser.add_argument(
        "--without", action="append", choices=list(PEERS), default=[], help="leave a peer out"
    )
    parser.add_argument("--slow-rows", type=int, default=200, help="rows of each set that a slow peer reads")
    given = parser.parse_args()
    engine = rules_alone()

    def verdict(text: str) -> str:
        return decide(engine, text).verdict.value

    peers: dict[str, Flags] = {}
    for package, load in PEERS.items():
        if package not in given.without:
            try:
                peers.update(load())
            except Missing as missing:
                raise SystemExit(str(missing)) from missing
    seeds = [seed for seed in read_seeds() if given.language in {None, seed.language}]
    systems: dict[str, Flags] = {"ours": lambda text: verdict(text) != "publish", **peers}
    print_evasions([*plain(seeds), *generate(seeds)], systems, given.slow_rows)
    print()
    print_innocents(read_innocents(), verdict, peers, given.slow_rows)


if __name__ == "__main__":
    main()
