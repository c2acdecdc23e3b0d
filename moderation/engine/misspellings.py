"""Misspelt words: which listed word an unknown one is meant to be, by its letters alone.

Whoever mistypes a word, or wants people to read it and not us, keeps its ends, by which people read it (Rawlinson 1976).
Inside, one of the edits of Damerau is undone: a letter dropped, put in or changed to its neighbour on the keyboard, or
two letters swapped.
"""

from collections.abc import Callable, Iterable, Iterator

SHORTEST = 4  # letters: what is shorter is near to everything
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """Return for each key of the keyboard most readers type on the letters around it."""
    beside: dict[str, str] = {}
    for row, keys in enumerate(_ROWS):
        for column, key in enumerate(keys):
            around = [(row, column - 1), (row, column + 1)]
            around += [(row - 1, column), (row - 1, column + 1), (row + 1, column - 1), (row + 1, column)]
            beside[key] = "".join(
                _ROWS[y][x] for y, x in around if 0 <= y < len(_ROWS) and 0 <= x < len(_ROWS[y])
            )
    return beside


_BESIDE = _neighbours()


class Misspellings:
    """Words to be found by what is nearly one of them.

    Args:
        wanted: the words that are looked for.
        is_honest: tells whether a word stands in a list: what is as near to such a one is meant to be that.
    """

    def __init__(self, wanted: Iterable[str], is_honest: Callable[[str], bool]) -> None:
        self._wanted = frozenset(
            word for word in wanted if len(word) >= SHORTEST and word.isascii() and word.isalpha()
        )
        self._is_honest = is_honest
        self._shortened: dict[str, str] = {}
        for word in sorted(self._wanted):
            for short in _without_one(word):
                self._shortened.setdefault(short, word)
        # Two words one edit apart have one of these in common, each with a letter less or as it is.
        self._traces = self._wanted.union(self._shortened)
        self._outlines = frozenset(
            (word[0], word[-1], len(word) + more) for word in self._wanted for more in (-1, 0, 1)
        )

    def meant_by(self, word: str) -> str | None:
        """Return the wanted word that `word`, which is in no list, is meant to be; None where an honest one is as near."""
        if len(word) < SHORTEST or not word.isalpha() or (word[0], word[-1], len(word)) not in self._outlines:
            return None
        shorter = _without_one(word)
        if word not in self._shortened and self._traces.isdisjoint(shorter):
            return None
        near = [*shorter, *_swapped(word), *_beside(word)]
        found = next(filter(self._wanted.__contains__, near), None) or self._shortened.get(word)
        return None if found is None or any(map(self._is_honest, near)) else found


def _without_one(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(1, len(word) - 1)]


def _swapped(word: str) -> Iterator[str]:
    for place in range(1, len(word) - 2):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _beside(word: str) -> Iterator[str]:
    if len(word) > SHORTEST:  # with one of four letters changed, a word of four is any other
        for place in range(1, len(word) - 1):
            for letter in _BESIDE.get(word[place], ""):
                yield word[:place] + letter + word[place + 1 :]
