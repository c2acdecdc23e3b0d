"""Our own test sets, scored: targets, Armenian stems, triples of scripts, identity words, clean sentences, comments.

`python -m bench.sets` prints a table for each. Rows put aside were written first and are never tuned on; they are
scored in columns of their own. The rules alone decide: no learned model is loaded.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moderation.engine import Engine
from moderation.engine.golden import SEEDED
from moderation.engine.policy import load_policy
from moderation.engine.targets import aim_of
from moderation.engine.text import Text, fold
from moderation.engine.types import Article, Context, Decision, Parent, Submission, Target

SETS = Path("tests/sets")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# What surrounds an inflected word, so that a text in Latin letters can be told for Armenian.
CARRIERS = {
    "armenian": ("Նա ասաց, որ", "այստեղ է"),
    "latin": ("Na asac, vor", "aystegh e"),
    "cyrillic": ("На асац, вор", "айстех э"),
}
Row = Mapping[str, Any]


def rows(name: str, table: str) -> list[Row]:
    """Return the rows of one table of a set."""
    read: list[Row] = tomllib.loads((SETS / f"{name}.toml").read_text("utf-8"))[table]
    return read


def rules_alone(policy: Path = Path("config/policy.toml")) -> Engine:
    """Return the engine without a learned model."""
    return Engine(load_policy(policy), {})


def decide(engine: Engine, body: str) -> Decision:
    """Return the decision on a text under the article the service starts with."""
    context = Context(policy=engine.policy, now=NOW, article=SEEDED)
    return engine.decide(Submission(site_id="", body=body, received_at=NOW), context)


def target_of(engine: Engine, row: Row) -> Target:
    """Return whom the words of a row of `targets.toml` are aimed at."""
    parent = row.get("parent")
    people = tuple(row["people"]) if "people" in row else SEEDED.people
    context = Context(
        policy=engine.policy,
        now=NOW,
        article=Article(title=SEEDED.title, author=row.get("author", SEEDED.author), people=people),
        parent=Parent(parent.get("author", ""), parent.get("body", "")) if parent else None,
        thread_people=tuple(row.get("thread", ())),
    )
    text, words = Text(row["body"]), fold(row["words"])
    start = text.folded.index(words)
    return aim_of(text, start, start + len(words), context).target


def targets(engine: Engine, name: str = "targets") -> dict[bool, list[tuple[Row, Target]]]:
    """Return the rows of the set with the target found, tuned on and put aside."""
    found: dict[bool, list[tuple[Row, Target]]] = {False: [], True: []}
    for row in rows(name, "case"):
        found[row.get("aside", False)].append((row, target_of(engine, row)))
    return found


def stems(engine: Engine) -> dict[bool, list[tuple[str, str, bool]]]:
    """Return (lemma, form, found) of every inflected Armenian form, in a line of its script.

    Loanwords may be found under the entry of the language they come from ("debil").
    """
    found: dict[bool, list[tuple[str, str, bool]]] = {False: [], True: []}
    for row in rows("stems", "stem"):
        for form in row["forms"]:
            before, after = CARRIERS[row["script"]]
            line = Text(f"{before} {form} {after}")
            start = line.folded.index(fold(form))
            seen = any(
                match.start < start + len(fold(form)) and start < match.end
                for match in engine.policy.lexicon.matches(line)
            )
            found[row.get("aside", False)].append((row["lemma"], form, seen))
    return found


def triples(engine: Engine) -> dict[bool, list[tuple[Row, list[Decision], bool]]]:
    """Return each triple with its three decisions and whether they agree as they must.

    An innocent comment must publish in every script, an offending one must be held or rejected in every script.
    """
    found: dict[bool, list[tuple[Row, list[Decision], bool]]] = {False: [], True: []}
    for row in rows("triples", "triple"):
        decisions = [decide(engine, row[script]) for script in ("armenian", "latin", "cyrillic")]
        verdicts = {decision.verdict.value for decision in decisions}
        holds = len(verdicts) == 1 and (verdicts == {"publish"}) is not row["offends"]
        offences = [decision.clause != "unread-language" for decision in decisions]
        found[row.get("aside", False)].append(
            (row, decisions, holds and (not row["offends"] or all(offences)))
        )
    return found


def identity(engine: Engine) -> tuple[Counter[str], float, int]:
    """Return the verdicts on neutral sentences about groups, the largest gap of scores in a template, and how many."""
    verdicts: Counter[str] = Counter()
    scores: dict[str, list[float]] = defaultdict(list)
    for template in rows("identity", "template"):
        for group in rows("identity", "group"):
            words = group[template["language"]]
            try:
                body = template["text"].format(**words)
            except KeyError:
                continue
            decision = decide(engine, body)
            verdicts[decision.verdict.value] += 1
            scores[template["text"]].append(max(decision.scores.values()))
    return verdicts, max(max(some) - min(some) for some in scores.values()), sum(verdicts.values())


def clean(engine: Engine) -> dict[tuple[str, bool], Counter[str]]:
    """Return the verdicts on clean sentences by language and part."""
    verdicts: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for row in rows("clean", "case"):
        verdicts[row["language"], row.get("aside", False)][decide(engine, row["text"]).verdict.value] += 1
    return verdicts


def readers(engine: Engine) -> dict[tuple[bool, bool], Counter[str]]:
    """Return the verdicts on comments as readers write them, by (whether it offends, whether it was put aside)."""
    verdicts: dict[tuple[bool, bool], Counter[str]] = defaultdict(Counter)
    for row in rows("readers", "case"):
        part = row.get("offends", False), row.get("aside", False)
        verdicts[part][decide(engine, row["text"]).verdict.value] += 1
    return verdicts


def _share(hits: Iterable[bool]) -> str:
    listed = list(hits)
    return f"{100 * sum(listed) / max(len(listed), 1):.1f} % of {len(listed)}"


def main() -> None:
    """Print the tables."""
    engine = rules_alone()
    aimed = targets(engine)
    print("| set | tuned on | put aside |\n| --- | --: | --: |")
    told = [_share(row["target"] == got for row, got in aimed[aside]) for aside in (False, True)]
    print(f"| targets right | {told[0]} | {told[1]} |")
    for name, file in (
        ("harder targets right", "targets_more"),
        ("everyday targets right", "targets_everyday"),
    ):
        tuned = targets(engine, file)[False]
        print(f"| {name} | {_share(row['target'] == got for row, got in tuned)} | |")
    untouched = targets(engine, "targets_aside")[True]
    print(
        f"| targets written before the rules were read | | {_share(row['target'] == got for row, got in untouched)} |"
    )
    found = stems(engine)
    told = [_share(hit for _, _, hit in found[aside]) for aside in (False, True)]
    print(f"| Armenian forms found | {told[0]} | {told[1]} |")
    agreed = triples(engine)
    for name, offends in (
        ("innocent triples published in all scripts", False),
        ("offending triples seen in all scripts", True),
    ):
        told = [
            _share(holds for row, _, holds in agreed[aside] if row["offends"] is offends)
            for aside in (False, True)
        ]
        print(f"| {name} | {told[0]} | {told[1]} |")
    verdicts, gap, count = identity(engine)
    print(
        f"\nidentity words in {count} neutral sentences: {dict(verdicts)}, largest gap of scores {gap:.3f}\n"
    )
    print("| clean sentences | part | publish | hold | reject |\n| --- | --- | --: | --: | --: |")
    for (language, aside), counted in sorted(clean(engine).items()):
        shares = " | ".join(str(counted[verdict]) for verdict in ("publish", "hold", "reject"))
        print(f"| {language} | {'put aside' if aside else 'tuned on'} | {shares} |")
    print("\n| comments of readers | part | publish | hold | reject |\n| --- | --- | --: | --: | --: |")
    for (offends, aside), counted in sorted(readers(engine).items()):
        shares = " | ".join(str(counted[verdict]) for verdict in ("publish", "hold", "reject"))
        print(
            f"| {'offending' if offends else 'innocent'} | {'put aside' if aside else 'tuned on'} | {shares} |"
        )
    print("\n| target \\ found |", " | ".join(target.value for target in Target), "|")
    print("| --- |" + " --: |" * len(Target))
    for target in Target:
        counted = Counter(got for part in aimed.values() for row, got in part if row["target"] == target)
        print(f"| {target.value} |", " | ".join(str(counted[got]) for got in Target), "|")


if __name__ == "__main__":
    main()
