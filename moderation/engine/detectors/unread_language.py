"""Unread language: text in a script or language that nothing here can read is for a person.

A script counts as read when a lexicon of one of its languages is loaded. In Latin letters a text counts as English
when its words are English words: no language identifier knows Armenian in Latin letters, so the test is whether we
can read it, not which language it is.
"""

import re
from collections.abc import Iterator

from moderation.engine.text import Text
from moderation.engine.types import UNREAD_LANGUAGE, Context, Signal, Span, Target

_SCRIPT_OF = {"en": "LATIN", "fr": "LATIN", "tr": "LATIN", "az": "LATIN", "hy": "ARMENIAN", "ru": "CYRILLIC"}
_LINK = re.compile(r"\S*(?:://|www\.|/\w+/)\S*")
_FEWEST_LETTERS = 2  # of an unread script: one letter is a sign ("Ա", "Я"), two can be a word
_READ_SHARE = 0.6  # of the words that are no names
_ONE_IN = 8  # words of an English sentence that is one of the very frequent ones ("the", "is", "you")
_LONG = 8  # words from which a sentence must have one of them
_RUN = 4  # unread words in a row: a sentence in another language inside an English comment


class UnreadLanguage:
    """Holds what cannot be read; a name, a number or an emoji needs no reading."""

    name, version = "unread_language", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield one signal for letters of unread scripts, or one for Latin words that are not read."""
        if text.original.isascii():
            if text.word_list and context.policy.common_words:
                yield from self._latin(text, context)
            return
        read = {_SCRIPT_OF.get(language) for language in context.policy.lexicon.languages}
        unread = [script for script in text.scripts if script not in read]
        if sum(text.scripts[script] for script in unread) >= _FEWEST_LETTERS:
            names = ", ".join(sorted(script.capitalize() for script in unread))
            yield self._signal((Span(0, len(text.original)),), f"Nothing here reads this script: {names}.")
        elif text.scripts["LATIN"] and context.policy.common_words:
            yield from self._latin(text, context)

    def _latin(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal where too few words are English, or a stretch of a comment has none."""
        if not self._looks_unread(text, context):
            return
        known, core = context.policy.common_words, context.policy.core_words
        names = {part for person in context.article.people for part in person.casefold().split()}
        names |= context.policy.people.public_figures
        matched = [(m.start, m.end) for m in context.policy.lexicon.matches(text)]
        total = read = frequent = run = start = 0
        longest = (0, 0, 0)
        links = [(m.start(), m.end()) for m in _LINK.finditer(text.folded)] if "/" in text.folded else []
        for word, first, last in text.words:
            if any(a <= first < b for a, b in links):
                continue
            if not word.isascii() or not word.replace("'", "").isalpha() or word in names:
                continue
            if word in known or _stem_is_in(known, word) or any(a <= first < b for a, b in matched):
                total, read, run = total + 1, read + 1, 0
                frequent += word in core
                continue
            if word not in text.original and read and run < _RUN - 1:
                continue  # a name inside a sentence that is read
            total, run = total + 1, run + 1
            start = first if run == 1 else start
            longest = max(longest, (run, start, last))
        foreign = total >= _LONG and frequent * _ONE_IN < total
        if read < _READ_SHARE * total or foreign:
            whole = Span(0, len(text.original))
            yield self._signal((whole,), f"{total - read} of {total} words are not English.")
        elif longest[0] >= _RUN:
            span = text.original_span(longest[1], longest[2])
            yield self._signal((span,), f"{longest[0]} words in a row are not English.")

    @staticmethod
    def _looks_unread(text: Text, context: Context) -> bool:
        """Tell, more strictly than `_latin` and without looking where words stand, whether it is worth looking."""
        known, core, original = context.policy.common_words, context.policy.core_words, text.original
        words = text.word_list
        if len(words) < _LONG:
            return not text.vocabulary <= known
        frequent = len(text.vocabulary & core)
        if frequent * _ONE_IN < len(words) and sum(word in core for word in words) * _ONE_IN < len(words):
            return True
        # A word that stands nowhere in small letters is a name.
        strange = {word for word in text.vocabulary - known if word in original}
        if len(strange) < 2:
            return False
        unread = [word in strange for word in words]
        runs = zip(*(unread[shift:] for shift in range(_RUN)), strict=False)
        return 2 * sum(unread) > (1 - _READ_SHARE) * len(words) or any(map(all, runs))

    def _signal(self, spans: tuple[Span, ...], note: str) -> Signal:
        return Signal.of(self, UNREAD_LANGUAGE, 1.0, spans, target=Target.NOBODY, note=note)


def _stem_is_in(known: frozenset[str], word: str) -> bool:
    """Tell whether the word is a known one with an English ending."""
    for ending in ("'s", "s'", "ing", "ed", "es", "ly", "er", "s", "d"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            stem = word[: -len(ending)]
            if stem in known or stem + "e" in known:
                return True
    return False


DETECTOR = UnreadLanguage()
