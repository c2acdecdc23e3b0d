"""Two policies compared: what an editor changed, and which golden decisions it turns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moderation.engine.golden import GoldenOutcome
from moderation.engine.policy import Policy

_SHOWN = (
    "kind",
    "severity",
    "forms",
    "stems",
    "inflection",
    "exceptions",
    "names",
    "beside",
    "needs_language",
    "sources",
    "confirmed_by",
)


def differences(old: Policy, new: Policy) -> Iterator[str]:
    """Yield a line for each key, word or list member that differs, `key: old -> new`."""
    left = old.model_dump(mode="json", exclude={"source", "version"})
    right = new.model_dump(mode="json", exclude={"source", "version"})
    yield from _differing("", left, right)
    words = [
        {(e.language, e.lemma): e.model_dump(include=set(_SHOWN)) for e in p.lexicon.entries}
        for p in (old, new)
    ]
    for language, lemma in sorted(words[0].keys() | words[1].keys()):
        before, after = (found.get((language, lemma)) for found in words)
        name = f"lexicon.{language}.{lemma}"
        if before is None:
            yield f"{name}: added"
        elif after is None:
            yield f"{name}: removed"
        else:
            yield from _differing(name, before, after)
    for language in sorted(old.languages.known.keys() | new.languages.known.keys()):
        listed = [p.languages.known.get(language, frozenset()) for p in (old, new)]
        if listed[0] != listed[1]:
            added, removed = len(listed[1] - listed[0]), len(listed[0] - listed[1])
            yield f"languages.{language}: {added} words added, {removed} removed"


def flips(
    before: Sequence[GoldenOutcome], after: Sequence[GoldenOutcome]
) -> Iterator[tuple[GoldenOutcome, GoldenOutcome]]:
    """Yield the outcomes of the rows that two policies decide differently, old and new."""
    decided = {(outcome.case.file, outcome.case.body): outcome for outcome in before}
    for outcome in after:
        earlier = decided.get((outcome.case.file, outcome.case.body))
        if earlier is not None and earlier.got != outcome.got:
            yield earlier, outcome


def _differing(name: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differing(f"{name}.{key}".lstrip("."), old.get(key), new.get(key))
    elif (
        isinstance(old, list | tuple)
        and isinstance(new, list | tuple)
        and all(isinstance(x, str) for x in (*old, *new))
    ):
        for sign, members in (
            ("added", sorted(set(new) - set(old))),
            ("removed", sorted(set(old) - set(new))),
        ):
            if members:
                yield f"{name}: {sign} {', '.join(map(repr, members))}"
    elif old != new:
        yield f"{name}: {old!r} -> {new!r}"
