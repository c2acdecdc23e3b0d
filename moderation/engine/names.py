"""Those a sentence can be about by name: the policy's people, an article's, a thread's, and the pronouns of a language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moderation.engine.policy import People
from moderation.engine.pronouns import AM_OR_ART, pronouns_of
from moderation.engine.text import fold
from moderation.engine.types import Context, Target

_KEPT = 256  # threads whose names are kept
_SUFFIX = 5  # letters that an inflected name may add to its stem


@dataclass(frozen=True, slots=True)
class Names:
    """Those a sentence can be about: single words, pronouns among them, names by their first two words, stems.

    `known` are the single words and the first words of the names.
    """

    words: Mapping[str, Target]
    phrases: Mapping[str, Mapping[str, list[tuple[str, int, Target]]]]
    stems: Mapping[str, Target]
    known: frozenset[str]

    def inflected(self, word: str) -> Target | None:
        """Return whom an inflected name stands for."""
        for length in range(len(word), max(2, len(word) - _SUFFIX - 1), -1):
            if word[:length] in self.stems:
                return self.stems[word[:length]]
        return None


def _readers(context: Context) -> tuple[str, ...]:
    return (*((context.parent.author,) if context.parent else ()), *context.thread_people)


def names_of(context: Context, language: str) -> Names:
    """Return the names of a policy, an article and a thread; kept with the policy, for most comments share them."""
    kept: dict[object, Names] = context.policy.__dict__.setdefault("names", {})
    article = context.article
    key = (language, article.people, article.author, _readers(context))
    names = kept.get(key)
    if names is None:
        if len(kept) >= _KEPT:
            kept.clear()
        names = kept[key] = _gathered(context.policy.people, *key)
    return names


def _gathered(
    people: People, language: str, figures: tuple[str, ...], author: str, readers: tuple[str, ...]
) -> Names:
    words: dict[str, Target] = {**dict.fromkeys(AM_OR_ART, Target.SELF), **pronouns_of(language)}
    phrases: dict[str, dict[str, list[tuple[str, int, Target]]]] = {}
    stems: dict[str, Target] = {}

    def add(names: Iterable[str], target: Target) -> None:
        for name in map(fold, names):
            parts = re.findall(r"[^\W_]+(?:'[^\W_]+)*", name)
            if name.endswith("-"):
                stems[name[:-1]] = target
            elif len(parts) == 1:
                words[parts[0]] = target
                if not name.isascii():
                    stems.setdefault(name, target)
            elif parts:
                some = phrases.setdefault(parts[0], {}).setdefault(parts[1], [])
                some.append((name, len(parts), target))

    add((*people.crowds, *people.groups), Target.GROUP)
    add(people.offices, Target.PUBLIC_FIGURE)
    add(people.public_figures, Target.PUBLIC_FIGURE)
    add(people.writers, Target.WRITER)
    add(("yours truly", "mea culpa"), Target.SELF)
    for name in figures:
        add(_parts(name), Target.PUBLIC_FIGURE)
    add(_parts(author), Target.WRITER)
    for name in readers:
        add(_parts(name), Target.READER)
    for by_second in phrases.values():
        for some in by_second.values():
            some.sort(key=lambda phrase: -len(phrase[0]))
    return Names(words, phrases, stems, frozenset([*words, *phrases]))


def _parts(name: str) -> Iterator[str]:
    """Yield a name whole and by those parts that are long enough not to be ordinary short words."""
    folded = fold(name).strip()
    if len(folded) >= 2:
        yield folded
    for part in folded.split():
        if len(part) >= 3 and part != folded and part.strip(".").isalpha():
            yield part.strip(".")
