"""docs/security.md names tests that are there, each requirement once, and counts its own table rightly."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.partition("## OWASP ASVS")[2].splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]
NAMED = sorted({*re.findall(r"`((?:\w+/)?test_\w+\.py)::(test_\w+)`", PAGE)})
HOW = ("test", "page", "not applicable", "deployment", "open")


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_test_that_is_named_is_there():
    assert len(NAMED) > 120
    assert [
        f"{path}::{name}"
        for path, name in NAMED
        if not (TESTS / path).exists() or name not in functions_of(path)
    ] == []


def test_no_requirement_stands_twice_and_none_of_the_levels_is_left_out():
    """70 of level 1 and 183 of level 2, as in the release of 5.0.0."""
    assert [number for number, times in Counter(row[0] for row in ROWS).items() if times > 1] == []
    assert Counter(row[1] for row in ROWS) == {"1": 70, "2": 183}


def test_the_page_counts_its_own_table():
    for level in ("1", "2"):
        counted = Counter(row[3] for row in ROWS if row[1] == level)
        assert counted.keys() <= {*HOW}
        line = f"| {level} | {sum(counted.values())} | " + " | ".join(str(counted[how]) for how in HOW) + " |"
        assert line in PAGE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_requirement_says_what_holds_it_or_why_nothing_does(row):
    *_, how, held_by = row
    assert (how == "test") <= bool(re.match(r"`(?:\w+/)?test_\w+\.py::test_\w+`", held_by))
    assert how != "page" or re.search(r"\]\((?:#[a-z-]+|\w[\w-]*\.md)", held_by)
    assert len(held_by) > 8


def test_every_page_and_place_that_is_led_to_is_there():
    places = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line[:2] == "##"
    }
    for page, place in re.findall(r"\]\(([\w-]+\.md)?(?:#([a-z-]+))?\)", PAGE):
        if page:
            text = (TESTS.parent / "docs" / page).read_text("utf-8")
            headings = {
                line.lstrip("# ").lower().replace(" ", "-")
                for line in text.splitlines()
                if line.startswith("#")
            }
            assert not place or place in headings, (page, place)
        else:
            assert place in places, place
