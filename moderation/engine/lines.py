"""Decisions over JSON Lines, or rows of a table: the public contract of `moderation decide`.

Stateless: no database, no line influences another, an unknown author silences the rules about history.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import orjson

from moderation.engine import Engine
from moderation.engine.text import unreadable_because
from moderation.engine.types import Article, Context, Parent, Submission, Verdict
from moderation.errors import InvalidInput

_NO_ARTICLE = Article()
_BATCH = 256  # lines scored together; more saves nothing and costs memory


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# Made once: `json.loads` makes one for each line when it is told what to do with NaN.
_DECODER = json.JSONDecoder(parse_constant=_no_constant)

Line = tuple[str, Submission, Context]


class _Malformed(Exception):
    def __init__(self, sentence: str, comment_id: str | None = None) -> None:
        super().__init__(sentence)
        self.comment_id = comment_id


def decide_lines(
    engine: Engine, lines: Iterable[bytes], now: Callable[[], datetime]
) -> Iterator[dict[str, object]]:
    """Yield an object for each line that is not blank, in order: a decision, or `line` and `error` in its place."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, _BATCH)):
        moment, longest = now(), engine.policy.limits.longest_comment
        read = [_read(engine, line, moment, longest) for _, line in batch]
        yield from _answers(engine, [number for number, _ in batch], read)


def decide_rows(
    engine: Engine, rows: Iterable[Mapping[str, object]], now: Callable[[], datetime]
) -> Iterator[dict[str, object]]:
    """Yield the same for rows that are objects already, as of a Parquet file; `line` counts the rows."""
    numbered = iter(enumerate(rows, 1))
    while batch := list(islice(numbered, _BATCH)):
        moment, longest = now(), engine.policy.limits.longest_comment
        read = [_checked(engine, row, moment, longest) for _, row in batch]
        yield from _answers(engine, [number for number, _ in batch], read)


def _answers(
    engine: Engine, numbers: Iterable[int], read: Sequence[Line | _Malformed]
) -> Iterator[dict[str, object]]:
    decisions = iter(
        engine.decide_many([(item[1], item[2]) for item in read if not isinstance(item, _Malformed)])
    )
    for number, item in zip(numbers, read, strict=True):
        if isinstance(item, _Malformed):
            named = {} if item.comment_id is None else {"id": item.comment_id}
            yield {**named, "line": number, "error": str(item)}
        else:
            yield {"id": item[0], **next(decisions).as_public()}


def as_line(answer: Mapping[str, object]) -> bytes:
    """Return an answer as one line of JSON."""
    try:
        return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a lone surrogate in an id, which only an escape can carry
        return json.dumps(answer).encode() + b"\n"


def read_labelled(
    engine: Engine, lines: Iterable[bytes], now: datetime
) -> Iterator[tuple[Submission, Context, Verdict, str | None]]:
    """Yield what each line hands in, and the `verdict` and `clause` an editor gave it; it needs no `id`.

    Raises:
        InvalidInput: names line, field and remedy.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = _an_object(line)
            submission, context = _handed_in(engine, given, now, engine.policy.limits.longest_comment)
            verdict, clause = _text(given, "verdict", required=True), _text(given, "clause") or None
            if verdict not in set(Verdict):
                raise _Malformed(f"verdict: is none of {', '.join(Verdict)}. Write one of them.")
            if verdict == Verdict.REJECT and clause not in engine.policy.clauses:
                raise _Malformed("clause: names no clause of the policy. Name the one the comment breaks.")
        except _Malformed as problem:
            raise InvalidInput(f"Line {number}: {problem}") from None
        yield submission, context, Verdict(verdict), clause if verdict == Verdict.REJECT else None


def _read(engine: Engine, line: bytes, now: datetime, longest: int) -> Line | _Malformed:
    try:
        given = _an_object(line)
    except _Malformed as problem:
        return problem
    return _checked(engine, given, now, longest)


def _checked(engine: Engine, given: Mapping[str, object], now: datetime, longest: int) -> Line | _Malformed:
    """Return id, submission and context of an object; keys that the contract does not name are ignored."""
    comment_id = given.get("id")
    if not isinstance(comment_id, str):
        return _Malformed("id: is missing or no string. Give every comment an id.")
    try:
        return comment_id, *_handed_in(engine, given, now, longest)
    except _Malformed as problem:
        problem.comment_id = comment_id
        return problem


def _an_object(line: bytes) -> Mapping[str, object]:
    try:
        try:
            given = orjson.loads(line)
        except orjson.JSONDecodeError:  # JSON all the same, if with a lone surrogate or a mark in front
            given = _DECODER.decode(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _Malformed("the line is not UTF-8. Encode it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise _Malformed(f"the line is not JSON ({error}). Write one object a line.") from None
    except (ValueError, RecursionError):
        raise _Malformed(
            "the line has a number or a nesting that is no JSON we read. Write one object a line."
        ) from None
    if not isinstance(given, dict):
        raise _Malformed("the line is no JSON object. Write one object a line.")
    return given


def _handed_in(
    engine: Engine, given: Mapping[str, object], now: datetime, longest: int
) -> tuple[Submission, Context]:
    body = _text(given, "body", required=True)
    problem = unreadable_because(body, longest)
    if problem:
        raise _Malformed(f"body: {problem}.")
    article, parent = _object(given, "article"), _object(given, "parent")
    people = article.get("people") or ()
    if not isinstance(people, list | tuple) or not all(isinstance(name, str) for name in people):
        raise _Malformed("article.people: is no list of strings. List the names.")
    context = Context(
        policy=engine.policy,
        now=now,
        article=Article(
            _text(article, "title"), _text(article, "text"), _text(article, "author"), tuple(people)
        )
        if article
        else _NO_ARTICLE,
        parent=Parent(_text(parent, "author"), _text(parent, "body")) if parent else None,
        author_name=_text(given, "author"),
        language=_text(given, "language") or None,
    )
    return Submission(site_id="", body=body, language=context.language, received_at=now), context


def _text(given: Mapping[str, object], key: str, *, required: bool = False) -> str:
    value = given.get(key)
    if value is None and not required:
        return ""
    if not isinstance(value, str):
        raise _Malformed(f"{key}: is {'missing' if value is None else 'no string'}. Give a string.")
    return value


def _object(given: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = given.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Malformed(f"{key}: is no object. Give an object or leave it out.")
    return value
