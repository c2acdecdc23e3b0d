"""Which policy is in force: a draft is checked, published with a reason, and an old one restored."""

from dataclasses import dataclass
from datetime import datetime

from moderation.engine import Engine
from moderation.engine.comparing import differences, flips
from moderation.engine.golden import GoldenOutcome, read_golden, run_golden
from moderation.engine.policy import Policy, policy_of
from moderation.errors import Conflict, InvalidInput, NotFound, PolicyInvalid
from moderation.services import Tools

LONGEST_REASON = 500
LONGEST = 500_000


@dataclass(frozen=True, slots=True)
class Golden:
    """What the golden decisions say of a draft: how many hold, and those that would turn."""

    rows: int
    hold: int
    turned: list[tuple[GoldenOutcome, GoldenOutcome]]
    broken: list[GoldenOutcome]  # that must hold and do not


def read_draft(tools: Tools, text: str) -> Policy:
    """Return the policy of a draft.

    Raises:
        InvalidInput: says what in it does not hold, and the remedy.
    """
    if len(text) > LONGEST:
        raise InvalidInput("The draft is too long.", {"text": [f"At most {LONGEST} characters."]})
    path = tools.settings.policy_path
    names = frozenset(detector.name for detector in tools.engine.detectors)
    try:
        return policy_of(text.replace("\r\n", "\n").encode(), path, names, tools.engine.policy)
    except PolicyInvalid as error:
        raise InvalidInput(
            "The draft does not hold.", {"text": [str(error).replace(f"{path}: ", "", 1)]}
        ) from error


def save_draft(tools: Tools, text: str, by: str, request_id: str = "") -> Policy:
    """Return the policy of the draft after it was kept; one that does not hold is not kept."""
    draft, now = read_draft(tools, text), tools.now()
    with tools.database.begin() as store:
        store.policies.save_draft(draft.source, tools.engine.policy.version, by, now)
        store.audit.append(
            at=now,
            actor=by,
            action="policy.drafted",
            subject=f"policy:{draft.version}",
            detail={"based_on": tools.engine.policy.version},
            request_id=request_id,
        )
    return draft


def changes(tools: Tools, draft: Policy) -> list[str]:
    """Return a line for each key that differs from the policy in force."""
    return [*differences(tools.engine.policy, draft)]


def engine_under(tools: Tools, policy: Policy) -> Engine:
    """Return the engine as it would decide under another policy, with the models in use."""
    return Engine(policy, tools.engine.scorers, tools.engine.detectors)


def golden(tools: Tools, draft: Policy) -> Golden:
    """Return what the golden decisions say of a draft, beside the policy in force."""
    cases = read_golden(tools.settings.policy_path.parent / "decisions", tools.engine.policy)
    before = run_golden(tools.engine, cases, tools.now())
    after = run_golden(engine_under(tools, draft), cases, tools.now())
    must = [one for one in after if not one.case.aside and not one.case.known_miss]
    return Golden(
        len(must),
        sum(one.holds for one in must),
        [*flips(before, after)],
        [one for one in must if not one.holds],
    )


def publish(
    tools: Tools, text: str, reason: str, by: str, request_id: str = "", *, action: str = "policy.published"
) -> Policy:
    """Return the policy after it came into force; every process that serves decides by it within a second.

    Raises:
        InvalidInput: it does not hold, or there is no reason.
        Conflict: it is in force already.
    """
    draft, now = read_draft(tools, text), tools.now()
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput(
            "The policy was not published.",
            {"reason": [f"Say why, in 3 to {LONGEST_REASON} characters: colleagues will ask."]},
        )
    live = tools.engine.policy
    if draft.version == live.version:
        raise Conflict("This policy is in force already.")
    with tools.database.begin() as store:
        last = store.policies.published()
        if last is not None and last.version == draft.version:  # by another process, a moment ago
            raise Conflict("This policy is in force already.")
        # Before either can be asked for: a decision under way may still end by the older one.
        store.policies.remember(live.version, live.source, now)
        store.policies.remember(draft.version, draft.source, now)
        number = store.policies.publish(draft.version, by, reason, now).number
        if action != "policy.braked":
            store.policies.drop_draft()
        store.audit.append(
            at=now,
            actor=by,
            action=action,
            subject=f"policy:{draft.version}",
            before={"version": live.version},
            after={"version": draft.version},
            detail={"number": number, "replaced": live.version},
            request_id=request_id,
        )
    tools.engine.policy = draft
    return draft


def restore(tools: Tools, version: str, reason: str, by: str, request_id: str = "") -> Policy:
    """Return an old policy after it came into force again, under the word lists of today.

    Raises:
        NotFound, InvalidInput, Conflict: as `publish`.
    """
    with tools.database.read() as store:
        old = store.policies.get(version)
    if old is None:
        raise NotFound("There is no such version of the policy.")
    return publish(tools, old.text, reason, by, request_id, action="policy.restored")


def adopt_published(tools: Tools, *, afresh: bool = False) -> datetime | None:
    """Return since when the policy published last is in force, after letting the engine decide by it; None without one.

    With `afresh` the words beside it are read again too, whether or not it is another policy.

    Raises:
        InvalidInput: it does not hold any more, for a file beside it was changed; the engine keeps what it has.
    """
    with tools.database.read() as store:
        last = store.policies.published()
        version = store.policies.get(last.version) if last else None
    if last is None or version is None:
        return None
    if afresh or tools.engine.policy.source != version.text:
        tools.engine.policy = read_draft(tools, version.text)
    return last.at
