"""JSON without the liberties that let two parsers read the same bytes differently."""

import json
import math
from collections.abc import Iterator
from typing import Never

from moderation.errors import InvalidInput

WHOLE = "body"  # the field that an error names when it concerns the message as a whole
_DEEPEST = 16


def malformed(faults: dict[str, list[str]]) -> InvalidInput:
    """Return the error for a body that is wrong at these fields, each with its reason and remedy."""
    field, sentences = next(iter(faults.items()))
    return InvalidInput(f"{field}: {sentences[0]}", faults, status=400, code="malformed-body")


def _refuse(reason: str, remedy: str, field: str = WHOLE) -> Never:
    raise malformed({field: [f"{reason}. {remedy}."]})


def parse(body: bytes) -> dict[str, object]:
    """Return the JSON object that `body` is, or raise InvalidInput where two readers could disagree."""
    try:
        value: object = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=lambda name: _refuse(f"Has {name}, which is not JSON", "Send a number or null"),
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        _refuse(f"Not UTF-8 at byte {error.start}", "Encode it as UTF-8")
    except json.JSONDecodeError as error:
        _refuse(f"Not JSON at line {error.lineno}, column {error.colno}", "Send one JSON object")
    except RecursionError:
        _refuse(f"Nested more than {_DEEPEST} deep", "Send it as documented")
    except ValueError:  # Python's own limit on the digits of a whole number
        _refuse("Has a number of thousands of digits", "Send an ordinary number")
    if not isinstance(value, dict):
        _refuse("JSON, but not an object", "Send one JSON object")
    for path, text in _texts(value):
        if "\0" in text:
            _refuse("Has U+0000, which databases cannot hold", "Leave it out", path)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            _refuse("Has half of a surrogate pair", "Send both halves or neither", path)
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    once = dict(pairs)
    if len(once) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse("Stands twice in one object", "Send it once", printable(twice))
    return once


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse("Has a number beyond any float", "Send an ordinary number")
    return number


def _texts(value: object) -> Iterator[tuple[str, str]]:
    """Yield every text with its path, names of fields included; refuse what is too deep."""
    waiting: list[tuple[str, object, int]] = [("", value, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > _DEEPEST:
            _refuse(f"Nested more than {_DEEPEST} deep", "Send it as documented")
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield f"{path} (a field's name)".strip(), name
                waiting.append((f"{path}.{printable(name)}".lstrip("."), inner, depth + 1))
        elif isinstance(value, list):
            waiting.extend((f"{path}.{index}", inner, depth + 1) for index, inner in enumerate(value))


def printable(name: str) -> str:
    """Return a field's name, short and in letters that any encoding can carry."""
    return name[:60].encode("ascii", "backslashreplace").decode()
