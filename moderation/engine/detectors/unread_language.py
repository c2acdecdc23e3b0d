"""Unread language: text in a script or language that nothing here can read is for a person.

A script counts as read when a lexicon of one of its languages is loaded. In Latin letters a text counts as read when its
words stand in our list of English, or of English and one other language: no language identifier knows Armenian in Latin
letters, so the test is whether we can read it, not which language it is.
"""

import re
from collections.abc import Iterator

from moderation.engine.disguises import squeeze
from moderation.engine.languages import NOT_RUSSIAN, Languages
from moderation.engine.text import Text
from moderation.engine.types import UNREAD_LANGUAGE, Context, Signal, Span, Target

_SCRIPT_OF = {"en": "LATIN", "fr": "LATIN", "tr": "LATIN", "az": "LATIN", "hy": "ARMENIAN", "ru": "CYRILLIC"}
_AZERBAIJANI = "ə"  # a letter that no other language in Latin letters has
_CALL = re.compile(r"(?<!\w)\w+\([^()\n]{0,80}\)")
_ASSIGNED = re.compile(r"(?<![\w.])[\w.]+ ?(?:[=!<>+*/-]=|[=<>+*/]) ?[\w.]+")
_WHOLE = re.compile(r"\S+")
_ADDRESS = re.compile(r"://|www\.|/\w+/")  # somewhere in it
_FEWEST_LETTERS = 2  # of an unread script: one letter is a sign ("Ա", "Я"), two can be a word
_READ_SHARE = 0.6  # of the words that are no names
_OWN_SHARE = 0.2  # of them that must stand in the list of another language and not in the English one
_ALMOST_ALL = 0.8  # of the words of a text in another language that need no very frequent one among them
_ONE_IN = 8  # words of a sentence that is one of the language's very frequent ones ("the", "is", "you")
_LONG = 8  # words from which a sentence must have one of them
_RUN = 4  # unread words in a row: a sentence in another language inside a comment that is read
_ENDINGS = ("'s", "s'", "ing", "ed", "es", "ly", "er", "s", "d")


class UnreadLanguage:
    """Holds what cannot be read; a name, a number or an emoji needs no reading."""

    name, version = "unread_language", "2"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield one signal for letters of unread scripts, or one for Latin words that are not read."""
        languages = context.policy.languages
        if text.original.isascii():
            if text.word_list and languages.known and self._looks_unread(text, languages):
                yield from self._latin(text, context)
            return
        read = {_SCRIPT_OF.get(language) for language in context.policy.lexicon.languages}
        unread = [script for script in text.scripts if script not in read]
        if sum(text.scripts[script] for script in unread) >= _FEWEST_LETTERS:
            names = ", ".join(sorted(script.capitalize() for script in unread))
            yield self._signal((Span(0, len(text.original)),), f"Nothing here reads this script: {names}.")
        elif text.scripts["CYRILLIC"] and len(NOT_RUSSIAN.findall(text.folded)) >= _FEWEST_LETTERS:
            yield self._signal((Span(0, len(text.original)),), "It has letters that Russian has not.")
        elif text.scripts["LATIN"] and languages.known and self._looks_unread(text, languages):
            yield from self._latin(text, context)

    def _latin(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal where too few words are read in any language, or a stretch of a comment has none."""
        languages = context.policy.languages
        placed = list(self._words(text, context))
        unread = self._problem(placed, text, context, "en")
        if unread is None:
            return
        words = [word for word, _, _ in placed]
        if self._is_freely_spelled(words, languages):
            return
        english = languages.known["en"]
        azerbaijani = "az" in languages.known and _AZERBAIJANI in text.folded
        for language in ("az",) if azerbaijani else languages.others:
            listed = languages.known[language]
            own = sum(word in listed and word not in english for word in words)
            if azerbaijani:
                own += sum(_AZERBAIJANI in word and word not in listed for word in words)
            if own >= _OWN_SHARE * len(words) and self._problem(placed, text, context, language) is None:
                return
        yield self._signal((unread[0],), unread[1])

    @staticmethod
    def _is_freely_spelled(words: list[str], languages: Languages) -> bool:
        """Tell whether the words, or those of them that are not English, are Armenian in Latin letters."""
        unread = [word for word in words if word not in languages.known["en"]]
        return languages.is_freely_spelled(words) or languages.is_freely_spelled(unread)

    @staticmethod
    def _words(text: Text, context: Context) -> Iterator[tuple[str, int, int]]:
        """Yield the words in Latin letters that are no names and stand in no address and no line of code."""
        names = {part for person in context.article.people for part in person.casefold().split()}
        figures = context.policy.people.public_figures
        links = []
        if "/" in text.folded:
            links = [m.span() for m in _WHOLE.finditer(text.folded) if _ADDRESS.search(m.group())]
        if "a(" in text.shape:
            links += [m.span() for m in _CALL.finditer(text.folded)]
        if " = " in text.folded or "==" in text.folded:
            links += [m.span() for m in _ASSIGNED.finditer(text.folded)]
        ascii_only = text.folded.isascii()
        links.sort()
        place = until = 0  # of the links, and where the furthest of those passed ends
        for word, first, last in text.words:
            while place < len(links) and links[place][0] <= first:
                until = max(until, links[place][1])
                place += 1
            if first < until:
                continue
            if word in names or word in figures or word[:-1] in figures or word[:-2] in figures:
                continue
            if not (word.isalpha() or word.replace("'", "").isalpha()):
                continue
            if not (ascii_only or word.isascii() or _is_latin(word)):
                continue
            yield word, first, last

    @staticmethod
    def _problem(
        words: list[tuple[str, int, int]], text: Text, context: Context, language: str
    ) -> tuple[Span, str] | None:
        """Return where and why a text is not read as English, with another language beside it if one is named."""
        languages, original = context.policy.languages, text.original
        english, core = languages.known["en"], languages.core["en"]
        other, other_core = languages.known[language], languages.core[language]
        azerbaijani = language == "az" and _AZERBAIJANI in text.folded
        endings = "tr" if azerbaijani else language  # the two languages share most of them
        matched = [(m.start, m.end) for m in context.policy.lexicon.matches(text)]
        unknown = {
            word
            for word in {word for word, _, _ in words} - english - other
            if squeeze(word) not in english
            and not _stem_is_in(english, word)
            and not languages.is_inflected(word, endings)
            and not (azerbaijani and _AZERBAIJANI in word)
        }
        total = read = frequent = run = start = 0
        longest = (0, 0, 0)
        for word, first, last in words:
            if word not in unknown or any(a <= first < b for a, b in matched):
                total, read, run = total + 1, read + 1, 0
                frequent += word in core or word in other_core
                continue
            name = word.partition("'")[0]  # "Kavala'nın"
            if word not in original and run < _RUN - 1 and (read or name.capitalize() in original):
                continue  # a name
            total, run = total + 1, run + 1
            start = first if run == 1 else start
            longest = max(longest, (run, start, last))
        # Without "the" or "is", but with no word that is not read: a headline. Turkish has few small words.
        headline = read >= (1.0 if language == "en" else _ALMOST_ALL) * total
        foreign = total >= _LONG and frequent * _ONE_IN < total and not headline
        names = len(words) - total
        if read < _READ_SHARE * total or foreign or (names >= _RUN and names > read):
            return Span(0, len(original)), f"{total - read} of {total} words are not read."
        if longest[0] >= _RUN:
            return text.original_span(longest[1], longest[2]), f"{longest[0]} words in a row are not read."
        return None

    @staticmethod
    def _looks_unread(text: Text, languages: Languages) -> bool:
        """Tell, more strictly than `_latin` and without looking where words stand, whether it is worth looking."""
        known, core, original = languages.known["en"], languages.core["en"], text.original
        words, vocabulary = text.word_list, text.vocabulary
        rest = vocabulary - core
        unknown = rest - known
        if len(words) >= _LONG and len(unknown) < 2 and (len(vocabulary) - len(rest)) * _ONE_IN >= len(words):
            return False
        small = [word for word in unknown if word in original]  # the others are written as names
        if len(words) < _LONG:
            names = len(unknown) - len(small)
            return names >= _RUN or len(small) > (1 - _READ_SHARE) * (len(vocabulary) - len(unknown))
        frequent = len(vocabulary) - len(rest)
        if frequent * _ONE_IN < len(words) and sum(word in core for word in words) * _ONE_IN < len(words):
            return True
        if len(small) < 2:
            return False
        unread = bytes(map(frozenset(small).__contains__, words))
        return 2 * sum(unread) > (1 - _READ_SHARE) * len(words) or _RUN * b"\1" in unread

    def _signal(self, spans: tuple[Span, ...], note: str) -> Signal:
        return Signal.of(self, UNREAD_LANGUAGE, 1.0, spans, target=Target.NOBODY, note=note)


def _is_latin(word: str) -> bool:
    """Tell whether a word is written in Latin letters, accents and all."""
    return all(char < "\u0250" or not char.isalpha() for char in word)


def _stem_is_in(known: frozenset[str], word: str) -> bool:
    """Tell whether the word is a known one with an English ending."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 3:
            stem = word[: -len(ending)]
            if stem in known or stem + "e" in known or (stem.endswith("i") and stem[:-1] + "y" in known):
                return True
    return False


DETECTOR = UnreadLanguage()
