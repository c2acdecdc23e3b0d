"""Whom a sentence is about: a reader of the thread, the article's writer, a public figure, a group, oneself, nobody.

Rules over the sentence around the words in question, in this order: quotation, oneself, a direct grammatical tie
("X is a ...", "you ...", "... like you"), then the nearest mention. Each answer says why.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from moderation.engine.text import Text, fold
from moderation.engine.types import Context, Target

_YOU = frozenset(
    [
        "you",
        "u",
        "ya",
        "your",
        "ur",
        "yours",
        "yourself",
        "yourselves",
        "you're",
        "youre",
        "ur",
        "you've",
        "you'd",
        "you'll",
    ]
)
_ME = frozenset(
    [
        "i",
        "i'm",
        "im",
        "me",
        "my",
        "mine",
        "myself",
        "i've",
        "i'd",
        "i'll",
        "we",
        "we're",
        "us",
        "our",
        "ourselves",
    ]
)
_THEY = frozenset(["they", "they're", "them", "their", "these", "those"])
_ONE = frozenset(
    ["he", "she", "he's", "she's", "him", "her", "his", "hers", "this", "that", "who's", "guy", "man"]
)
_POSSESSIVE = frozenset(["your", "ur", "my", "his", "her", "their", "our", "its"])
_KIN = frozenset(
    [
        "friends",
        "friend",
        "people",
        "kind",
        "lot",
        "family",
        "side",
        "gang",
        "ilk",
        "buddies",
        "folks",
        "brothers",
        "parents",
        "kids",
        "children",
        "fans",
    ]
)
_NEGATION = frozenset(
    ["not", "no", "never", "isn't", "aren't", "wasn't", "weren't", "ain't", "don't", "doesn't"]
)
_COPULA = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "am",
        "be",
        "been",
        "being",
        "isn't",
        "aren't",
        "wasn't",
        "ain't",
        "'s",
        "'re",
        "he's",
        "she's",
        "you're",
        "youre",
        "u're",
        "ur",
        "it's",
        "that's",
        "they're",
        "i'm",
        "im",
        "we're",
        "sounds",
        "sound",
        "seems",
        "seem",
        "looks",
        "look",
        "acts",
        "act",
        "became",
        "becomes",
    ]
)
_FILLER = frozenset(
    [
        "a",
        "an",
        "the",
        "such",
        "so",
        "very",
        "really",
        "just",
        "still",
        "all",
        "nothing",
        "but",
        "clearly",
        "obviously",
        "truly",
        "simply",
        "only",
        "totally",
        "completely",
        "absolutely",
        "always",
        "also",
        "both",
        "another",
        "one",
        "of",
        "bunch",
        "pack",
        "gang",
        "piece",
        "as",
        "like",
        "what",
        "quite",
        "most",
        "more",
        "fucking",
        "damn",
        "bloody",
        "stupid",
        "pathetic",
        "little",
        "big",
        "old",
        "fat",
        "ugly",
        "dirty",
        "filthy",
        "complete",
        "total",
        "utter",
        "real",
        "true",
        "being",
        "not",
        "and",
        "or",
        "too",
        "pretty",
        "ignorant",
        "arrogant",
        "corrupt",
        "worthless",
        "disgusting",
        "miserable",
        "sick",
        "crazy",
        "even",
        "indeed",
        "actually",
        "literally",
        "again",
        "that",
        "nation",
        "country",
        "people",
    ]
)
_REPORTED = re.compile(
    r"\b(?:called|calls|calling|call|labell?ed|named|branded|say|says|said|saying|wrote|writes|shouted|screamed|yelled|"
    r"told|quoted?|quoting|word|term|slur|insult|phrase)\b[^.!?\n]{0,40}$"
)
_QUOTES = re.compile(r'"([^"\n]{1,400})"|(?<!\w)\'([^\'\n]{3,400})\'(?!\w)')
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_WRITER_HINTS = (
    "author",
    "writ",
    "wrote",
    "journal",
    "report",
    "edit",
    "asbarez",
    "paper",
    "column",
    "moderator",
)
_MENTION = re.compile(r"(?<!\w)@([^\W_][\w.\-]{1,40})")


@dataclass(frozen=True, slots=True)
class Aim:
    """A target and the reason why it was taken.

    `sure` where grammar ties the words to the target, not mere nearness; `of_thing` where they are said of a thing
    ("your argument is idiotic"); `negated` where they are denied ("you are no fool").
    """

    target: Target
    why: str
    sure: bool = True
    of_thing: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Mention:
    target: Target
    start: int
    end: int
    name: str
    of_thing: bool = False


def aim_of(text: Text, start: int, end: int, context: Context) -> Aim:
    """Return whom the folded stretch `[start, end)` is aimed at, and why; several detectors ask the same."""
    known: dict[tuple[int, int, int], Aim] = text.__dict__.setdefault("aims", {})
    key = (id(context), start, end)
    if key not in known:
        aim = _aim_of(text, start, end, context)
        known[key] = _addressed_by_name(aim, text, start, context) or aim
    return known[key]


def _addressed_by_name(aim: Aim, text: Text, start: int, context: Context) -> Aim | None:
    """Return the public figure whom the sentence calls by name before it says "you" ("Nikol, you are a traitor!")."""
    if aim.target is not Target.READER:
        return None
    first, last = text.sentence_around(start)
    for mention in _mentions_in(text, first, last, context):
        called = not text.folded[first : mention.start].strip(' "') and text.folded[mention.end :].startswith(
            ","
        )
        if called and mention.target is Target.PUBLIC_FIGURE:
            return replace(aim, target=Target.PUBLIC_FIGURE, why=f"'{mention.name}' is called by name")
    return None


def _aim_of(text: Text, start: int, end: int, context: Context) -> Aim:
    first, last = text.sentence_around(start)
    before, after = text.folded[first:start], text.folded[end:last]
    mentions = _mentions_in(text, first, last, context)
    quoted = _quotation(text, start, end, before)
    subject = _subject(before, first, mentions)
    if quoted and not (subject and subject.target is Target.READER):
        return Aim(Target.QUOTED, quoted)
    if subject:
        return _named(subject, "is its subject", context, negated=_is_negated(before))
    tied = _tied(before, after, end, mentions)
    if tied:
        return _named(tied, "stands next to it", context)
    near = [m for m in mentions if (m.end <= start or m.start >= end) and m.target is not Target.SELF]
    if near:
        nearest = min(
            near, key=lambda m: (_gap(m, start, end) > 40, _RANK.get(m.target, 5), _gap(m, start, end))
        )
        aim = _named(nearest, "is the nearest mention", context, negated=_is_negated(before, words=2))
        return replace(aim, sure=False)
    if context.parent is not None and not re.search(r"\w", before):
        return Aim(Target.READER, "it opens the answer to another reader")
    return Aim(Target.NOBODY, "nobody is named in the sentence", sure=False)


def is_quoted(text: Text, start: int, end: int) -> bool:
    """Tell whether the folded stretch is somebody else's word: between quotation marks or reported."""
    first, _ = text.sentence_around(start)
    return bool(_quotation(text, start, end, text.folded[first:start]))


def addressee_of(text: Text, context: Context) -> Aim:
    """Return whom a text as a whole speaks to or of: a reader before the writer, a public figure, a group, nobody."""
    targets: dict[Target, str] = {}
    for first, last in text.sentences:
        for mention in _mentions_in(text, first, last, context):
            targets.setdefault(mention.target, mention.name)
    for target in (Target.READER, Target.WRITER, Target.PUBLIC_FIGURE, Target.GROUP):
        if target in targets:
            return Aim(target, f"'{targets[target]}' is mentioned", sure=False)
    return Aim(Target.NOBODY, "nobody is named", sure=False)


_RANK = {Target.READER: 0, Target.WRITER: 1, Target.PUBLIC_FIGURE: 2, Target.GROUP: 3}


def _gap(mention: _Mention, start: int, end: int) -> int:
    return start - mention.end if mention.end <= start else mention.start - end


def _named(mention: _Mention, how: str, context: Context, *, negated: bool = False) -> Aim:
    """Return the aim of a mention; a bare 'he' or 'she' is the public figure the article is about."""
    if mention.of_thing:
        return Aim(Target.NOBODY, f"it is said of a thing: '{mention.name}'", of_thing=True)
    if mention.name in ("he", "she", "he's", "she's", "him") and context.article.people:
        why = f"'{mention.name}' {how}, and the article is about a public figure"
        return Aim(Target.PUBLIC_FIGURE, why, negated=negated)
    return Aim(mention.target, f"'{mention.name}' {how}", negated=negated)


def _is_negated(before: str, words: int = 4) -> bool:
    """Tell whether one of the last `words` before denies what follows."""
    return not _NEGATION.isdisjoint(re.findall(r"[^\W_]+(?:'[^\W_]+)*", before)[-words:])


def _quotation(text: Text, start: int, end: int, before: str) -> str:
    quotes = text.__dict__.get("quotes")
    if quotes is None:
        marked = '"' in text.folded or "'" in text.folded
        quotes = [match.span() for match in _QUOTES.finditer(text.folded)] if marked else []
        text.__dict__["quotes"] = quotes
    if any(first < start and end < last for first, last in quotes):
        return "it stands between quotation marks"
    if (
        _REPORTED.search(before)
        and not re.search(r"\bwho(?:ever)? wrote\b", before)
        and not re.search(r"\b(?:i|i'll|i'd|let me|we) (?:\w+ )?(?:call|say|said)\b", before)
    ):
        return "it is reported speech"
    return ""


def _subject(before: str, first: int, mentions: list[_Mention]) -> _Mention | None:
    """Return who `... is a` is said of, when the words before the insult end so."""
    words = [(m.group(), first + m.start()) for m in re.finditer(r"[^\W_]+(?:'[^\W_]+)*", before)]
    while words and words[-1][0] in _FILLER:
        words.pop()
    if not words:
        return None
    word, at = words[-1]
    contracted = word.endswith(("'re", "'m", "'s")) or word in ("youre", "ur", "im")
    if not (word in _COPULA or contracted):
        return None
    if contracted:
        said_of = next((m for m in mentions if m.start <= at < m.end or (m.start == at)), None)
        if said_of and said_of.name in ("it's", "that's"):
            return replace(said_of, of_thing=True)
        return said_of
    candidates = [m for m in mentions if m.end <= at]
    if not candidates:
        following = [m for m in mentions if m.start > at]
        return following[0] if following and len(words) == 1 else None
    nearest = max(candidates, key=lambda m: m.end)
    held = re.search(r"\b(?:of|in|for|behind|to) $", before[: nearest.start - first])
    if held and len(candidates) > 1:  # "the author of this piece is ...": said of the author
        nearest = max((m for m in candidates if m is not nearest), key=lambda m: m.end)
    between = before[nearest.end - first : at - first].strip(" ,")
    if nearest.name in _POSSESSIVE and between and between.split()[-1] not in _KIN:
        return replace(nearest, of_thing=True, name=f"{nearest.name} {between}")
    if nearest.name in ("this", "that", "it", "these", "those", "that's", "it's"):
        return replace(nearest, of_thing=True)
    return nearest if len(between.split()) <= 4 and "," not in between else None


def _tied(before: str, after: str, end: int, mentions: list[_Mention]) -> _Mention | None:
    """Return who stands right beside the insult: "you idiot", "that idiot Putin", "scum like you"."""
    tail = re.sub(r"\W+$", "", before)
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", tail)
    while words and words[-1] in _FILLER:
        words.pop()
    if words and words[-1] in ("you", "u", "ya"):
        return next((m for m in reversed(mentions) if m.end <= end and m.target is Target.READER), None)
    follow = re.match(r"[\s,]*(?:like |as |of |named |called |the )?", after)
    offset = end + (follow.end() if follow else 0)
    close = [m for m in mentions if end <= m.start <= offset]
    if close and close[0].target is not Target.SELF:
        return close[0]
    return None


def _mentions_in(text: Text, first: int, last: int, context: Context) -> list[_Mention]:
    """Return the mentions of a sentence, worked out once for a text in its context."""
    known: dict[tuple[int, int, int], list[_Mention]] = text.__dict__.setdefault("mentions", {})
    key = (id(context), first, last)
    if key not in known:
        known[key] = list(_mentions(text, first, last, context))
    return known[key]


def _mentions(text: Text, first: int, last: int, context: Context) -> Iterator[_Mention]:
    """Yield everybody the sentence speaks of, by position."""
    sentence = text.folded[first:last]
    people = context.policy.people
    found: list[_Mention] = []
    for match in _WORD.finditer(sentence):
        word, start, end = match.group(), first + match.start(), first + match.end()
        if word in _YOU:
            found.append(_Mention(Target.READER, start, end, word))
        elif word in _ME:
            found.append(_Mention(Target.SELF, start, end, word))
        elif word in people.groups:
            found.append(_Mention(Target.GROUP, start, end, word))
        elif word in people.offices or word in people.public_figures:
            found.append(_Mention(Target.PUBLIC_FIGURE, start, end, word))
        elif word in _THEY or word in _ONE:
            found.append(_Mention(Target.NOBODY, start, end, word))
    for phrase in people.writers if any(end in sentence for end in _WRITER_HINTS) else ():
        found += _occurrences(phrase, sentence, first, Target.WRITER)
    for name, target in _names(context):
        found += _occurrences(name, sentence, first, target)
    for match in _MENTION.finditer(sentence):
        found.append(_Mention(Target.READER, first + match.start(), first + match.end(), match.group()))
    # A longer mention covers the shorter ones in it; a name covers a pronoun of the same place.
    found.sort(key=lambda m: (m.start, -m.end))
    reach = -1
    for mention in found:
        if mention.start >= reach:
            reach = mention.end
            yield mention


def _occurrences(phrase: str, sentence: str, first: int, target: Target) -> Iterator[_Mention]:
    at = sentence.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        whole = (at == 0 or not sentence[at - 1].isalnum()) and (
            end == len(sentence) or not sentence[end].isalnum()
        )
        if whole:
            yield _Mention(target, first + at, first + end, phrase)
        at = sentence.find(phrase, end)


def _names(context: Context) -> Iterator[tuple[str, Target]]:
    """Yield names that the article and the thread bring with them, whole and by their longer parts."""
    for name in context.article.people:
        yield from _parts(name, Target.PUBLIC_FIGURE)
    if context.article.author:
        yield from _parts(context.article.author, Target.WRITER)
    readers = (context.parent.author,) if context.parent else ()
    for name in (*readers, *context.thread_people):
        yield from _parts(name, Target.READER)


def _parts(name: str, target: Target) -> Iterator[tuple[str, Target]]:
    folded = fold(name).strip()
    if len(folded) >= 2:
        yield folded, target
    for part in folded.split():
        # A part must be long enough not to be an ordinary short word.
        if len(part) >= 3 and part != folded and part.strip(".").isalpha():
            yield part.strip("."), target
