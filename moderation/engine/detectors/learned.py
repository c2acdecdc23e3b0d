"""Learned: what the models say, as signals; the engine looks for their words where no rule names any."""

from collections.abc import Iterator

from moderation.engine.targets import Aim, addressee_of, aim_of, qualifies_a_thing
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_WORTH_SAYING = 0.2  # below this a score is no signal


class Learned:
    """Turns each label of each loaded model into a signal for the clause the policy maps it to."""

    name, version = "learned", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each label that has a clause and is not far from nothing."""
        aim: Aim | None = None  # the same for every label, and asked for by few texts
        for model, scores in text.opinions.items():
            for label, score in scores.items():
                if score < _WORTH_SAYING:
                    continue
                clause_id = context.policy.learned.get(label)
                if clause_id is None:
                    continue
                clause = context.policy.clauses[clause_id]
                note = f"{model} is {score:.0%} sure"
                # An upper bound first: whom a text addresses is asked only where it matters.
                if clause.detectors.get(self.name, 0.0) * score < clause.hold_at:
                    yield Signal.of(self, clause_id, score, note=f"{note}.")
                    continue
                aim = aim or _mitigation(text, context) or addressee_of(text, context)
                yield Signal.of(self, clause_id, score, target=aim.target, note=f"{note}; {aim.why}.")


def _mitigation(text: Text, context: Context) -> Aim | None:
    """Return the aim where every bad word is quoted, denied, said of oneself or of a thing, which no model can see."""
    first: Aim | None = None
    harmless = of_figures = True
    for match in context.policy.lexicon.matches(text):
        aim = aim_of(text, match.start, match.end, context)
        first = first or aim
        of_figures = of_figures and aim.target is Target.PUBLIC_FIGURE
        harmless = harmless and (
            aim.target in (Target.QUOTED, Target.SELF)
            or aim.negated
            or aim.of_thing
            or (match.entry.adjective and qualifies_a_thing(text, match.end, context))
        )
        if not harmless and not of_figures:
            return None  # whatever the others are
    if first is None:
        return None
    if harmless:
        return Aim(Target.SELF if first.target is Target.SELF else Target.QUOTED, first.why)
    return first  # "you" may be the politician who is addressed


DETECTOR = Learned()
