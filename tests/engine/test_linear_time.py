"""No text costs more than its length: each regular expression is fed what it repeats, again and again.

The strings are made from the patterns themselves: of every repetition the shortest text that it repeats, with and
without what stands before it, and a few letters, signs and blanks. A pattern with nested or overlapping repetitions
needs four times as long for a text twice as long, or worse.
"""

import gc
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from re import _constants as op
from re import _parser as parser
from types import MappingProxyType, ModuleType

import pytest

import moderation
from moderation.engine.types import Context, Submission
from tests.builders import NOW

REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
OF_CATEGORY = {op.CATEGORY_SPACE: " ", op.CATEGORY_DIGIT: "7", op.CATEGORY_NOT_WORD: "."}
TRIED = "a7 .-@/Ա\n"
EVERYWHERE = ("a", "7", " ", ".", "-", "/", "@", '"', "'", "<", "a.", "a@", " A.", "\u0301", "ա")
TRAINING = ("moderation.classifier", "moderation.store.migrations", "moderation.__main__")
# What these are matched against is never longer than a name of ours or a header.
OF_OUR_OWN_NAMES = ("moderation.telemetry", "moderation.store.exporting", "moderation.protocols.akismet")


def patterns_of(roots: list[object]) -> set[re.Pattern[str]]:
    """The patterns that are bound in modules, or held by what is bound there."""
    found, seen, stack = set(), set(), [*roots]
    while stack:
        holder = stack.pop()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for held in gc.get_referents(holder):
            if isinstance(held, re.Pattern):
                if isinstance(held.pattern, str):
                    found.add(held)
            elif isinstance(held, (dict, list, tuple, set, frozenset, MappingProxyType)) or (
                type(held).__module__.startswith("moderation") and not isinstance(held, (type, ModuleType))
            ):
                stack.append(held)
    return found


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(moderation.__path__, "moderation."):
        if not found.name.startswith(TRAINING):
            yield importlib.import_module(found.name)


def example(members: list) -> str:
    """A character of a class."""
    (kind, value), *rest = members
    if kind is op.NEGATE:
        others = {chr(given) for code, given in rest if code is op.LITERAL}
        return next(letter for letter in (*TRIED, "~") if letter not in others)
    if kind is op.LITERAL:
        return chr(value)
    return chr(value[0]) if kind is op.RANGE else OF_CATEGORY.get(value, "a")


def shortest(sequence) -> str:
    """A short text that a parsed pattern, or a part of one, matches; lookarounds are not looked at."""
    text = ""
    for code, value in sequence:
        if code is op.LITERAL:
            text += chr(value)
        elif code in (op.ANY, op.NOT_LITERAL):
            text += "a" if value != ord("a") else "b"
        elif code is op.IN:
            text += example(value)
        elif code is op.BRANCH:
            text += shortest(value[1][0])
        elif code is op.SUBPATTERN:
            text += shortest(value[3])
        elif code in REPEATS:
            text += shortest(value[2]) * max(value[0], 1)
        elif code is op.ATOMIC_GROUP:
            text += shortest(value)
    return text


def pumps(sequence, before: str = "") -> Iterator[str]:
    """What each repetition of a parsed pattern repeats, with and without what stands before it."""
    for code, value in sequence:
        if code in REPEATS:
            if value[1] > 3:
                body = shortest(value[2])
                yield from (body, before + body)
            yield from pumps(value[2], before)
        elif code is op.BRANCH:
            for branch in value[1]:
                yield from pumps(branch, before)
        elif code in (op.SUBPATTERN, op.ASSERT, op.ASSERT_NOT):
            yield from pumps(value[-1], before)
        elif code is op.ATOMIC_GROUP:
            yield from pumps(value, before)
        before += shortest([(code, value)])


def seconds(work) -> float:
    """The processor's time for some work, not the clock's: others use this machine too."""
    began = time.process_time()
    work()
    return time.process_time() - began


def test_no_comment_costs_more_than_its_length(rules, policy):
    """Through the whole engine without models: 6,000 characters are quick, or cost four times what a quarter of them does."""
    engine = [module for module in modules() if module.__name__.startswith("moderation.engine")]
    found = patterns_of([module.__dict__ for module in engine] + [policy])
    assert len(found) > 300
    strings = {text for pattern in found for text in pumps(parser.parse(pattern.pattern, pattern.flags))}
    strings = {text for text in strings if 0 < len(text) < 200 and text.isprintable()} | {*EVERYWHERE}
    assert len(strings) > 300

    def decide(string: str, length: int) -> float:
        body = (string * length)[:length] + " / idiot"
        pair = Submission(site_id="s", body=body, received_at=NOW), Context(policy=policy, now=NOW)
        return seconds(lambda: rules.decide(*pair))

    slow = {}
    for string in sorted(strings):
        whole = decide(string, 6_000)
        if whole > 0.06 and (whole := min(whole, decide(string, 6_000))) > 0.06:
            part = max(decide(string, 1_500), decide(string, 1_500), 0.003)
            if whole > 0.09 and whole / part > 7:
                slow[string] = (round(part, 3), round(whole, 3))
    assert slow == {}


def outside_the_engine() -> list[re.Pattern[str]]:
    left_out = ("moderation.engine", *OF_OUR_OWN_NAMES)
    own = [module.__dict__ for module in modules() if not module.__name__.startswith(left_out)]
    return sorted(patterns_of(own), key=lambda pattern: pattern.pattern)


def test_no_pattern_outside_of_the_engine_needs_more_than_linear_time():
    """What comes in by protocols, forms and addresses may be longer than a comment: 100,000 characters."""
    found = outside_the_engine()
    assert len(found) > 10
    slow = {}
    for pattern in found:
        strings = {*pumps(parser.parse(pattern.pattern, pattern.flags)), *EVERYWHERE} - {""}
        for string in sorted(strings):
            for length in (2_000, 20_000, 100_000):
                taken = seconds(lambda: pattern.search((string * length)[:length] + "\0"))  # noqa: B023
                if taken > 0.25:
                    slow[pattern.pattern[:80], string] = (length, round(taken, 2))
                    break
    assert slow == {}


@pytest.mark.parametrize(
    ("pattern", "length"),
    [(r"(a+)+$", 22), (r"(?:a|aa)+b", 30), (r"\S*@", 20_000), (r"\s+(?=!)", 8_000)],
)
def test_the_strings_find_what_is_not_linear(pattern, length):
    found = re.compile(pattern)
    for string in sorted({*pumps(parser.parse(pattern))} - {""}):
        if seconds(lambda: found.search((string * length)[:length] + "\0")) > 0.05:  # noqa: B023
            return
    pytest.fail(f"{pattern} looks linear")
