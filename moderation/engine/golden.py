"""Golden decisions: comments with the verdict an editor expects, as data; the policy's own tests."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from moderation.engine import Engine
from moderation.engine.policy import Policy
from moderation.engine.types import Article, Context, Parent, Submission, Verdict
from moderation.errors import PolicyInvalid

# The context of a row that names no article: the one the service starts with (seeds/article.md).
SEEDED = Article(
    title="Putin Says Karabakh is Azerbaijan, Adding Ankara Defended Baku’s ‘Just Cause’",
    author="Asbarez",
    people=("Vladimir Putin", "Ilham Aliyev", "Recep Tayyip Erdogan", "Nikol Pashinyan"),
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Article(_Strict):
    title: str = ""
    text: str = ""
    author: str = ""
    people: tuple[str, ...] = ()


class _Parent(_Strict):
    author: str = ""
    body: str = ""


class _Case(_Strict):
    body: str
    verdict: Literal["publish", "hold", "reject"]
    why: str
    clause: str | None = None
    author: str = ""
    article: _Article | None = None
    parent: _Parent | None = None
    aside: bool = False
    known_miss: bool = False


class _File(_Strict):
    language: str
    clause: str | None = None
    case: tuple[_Case, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One row; `aside` rows are scored apart and never tuned on, a `known_miss` waits for a better engine."""

    file: str
    body: str
    verdict: Verdict
    clause: str | None
    why: str
    author: str
    article: Article
    parent: Parent | None
    aside: bool
    known_miss: bool


@dataclass(frozen=True, slots=True)
class GoldenOutcome:
    """What the engine said of a row."""

    case: Case
    got: str
    holds: bool


def read_golden(folder: Path, policy: Policy) -> list[Case]:
    """Return every row of the folder's TOML files.

    Raises:
        PolicyInvalid: names the file and what is wrong in it.
    """
    cases = []
    for path in sorted(folder.glob("*.toml")):
        try:
            read = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
            raise PolicyInvalid(f"{path}: {error}. Correct the row.") from error
        for row in read.case:
            clause = None if row.verdict == "publish" else row.clause or read.clause or None
            if clause is not None and clause not in policy.clauses and clause not in policy.reserved:
                raise PolicyInvalid(f"{path}: there is no clause {clause!r}. Name one of the policy's.")
            cases.append(
                Case(
                    path.name,
                    row.body,
                    Verdict(row.verdict),
                    clause,
                    row.why,
                    row.author,
                    Article(**row.article.model_dump()) if row.article else SEEDED,
                    Parent(row.parent.author, row.parent.body) if row.parent else None,
                    row.aside,
                    row.known_miss,
                )
            )
    return cases


def run_golden(engine: Engine, cases: Sequence[Case], now: datetime) -> list[GoldenOutcome]:
    """Return for each row what the engine decides; it holds when verdict and deciding clause are as expected."""
    pairs = [
        (
            Submission(site_id="", body=case.body, received_at=now),
            Context(
                policy=engine.policy,
                now=now,
                article=case.article,
                parent=case.parent,
                author_name=case.author,
            ),
        )
        for case in cases
    ]
    return [
        GoldenOutcome(
            case,
            f"{decision.verdict.value} {decision.clause or ''}".strip(),
            decision.verdict is case.verdict and decision.clause == case.clause,
        )
        for case, decision in zip(cases, engine.decide_many(pairs), strict=True)
    ]
