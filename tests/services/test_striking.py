"""Points, what the ladder makes of them, and what is left of a penalty when one of its strikes is overruled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.engine import Engine
from moderation.errors import AuthorBlocked
from moderation.services.checking import Writer
from moderation.services.submitting import submit_comment
from moderation.store.tables import Article, Block, Strike
from tests.builders import a_new_comment
from tests.workbench import rows


def test_a_severe_breach_costs_more(tools, submit, review):
    comments = [submit(f"Opinion number {number} on the matter.").comment for number in range(2)]
    review(comments[0], "remove", clause="personal-attack")
    review(comments[1], "remove", clause="personal-attack", severe=True)
    clause = tools.engine.policy.clauses["personal-attack"]
    points = [strike.points for strike in rows(tools.database, Strike)]
    assert points == [clause.strike_points, clause.severe_points]
    assert clause.severe_points > clause.strike_points


@pytest.mark.parametrize(
    ("body", "clause", "points", "penalty"),
    [
        ("I will kill you if I ever see you in Glendale.", "threat", 4, "premoderate"),
        ("Somebody should kill the author of this article.", "threat", 3, "warn"),
        ("1915 should be repeated.", "identity-attack", 4, "premoderate"),
        ("You are an idiot.", "personal-attack", 2, "warn"),
    ],
)
def test_the_gravest_words_cost_the_higher_points_before_a_moderator_has_seen_them(
    tools, submit, review, clock, body, clause, points, penalty
):
    comment = submit(body).comment
    (strike,), (given,) = rows(tools.database, Strike), rows(tools.database, Block)
    assert (strike.clause, strike.points, strike.given_by) == (clause, points, "engine")
    assert (given.penalty, given.given_by) == (penalty, "ladder")
    if penalty == "block":
        assert given.ends_at == clock() + timedelta(days=30)
        with pytest.raises(AuthorBlocked):
            submit("Another thought.")
        review(comment, "approve")  # a moderator sees it otherwise: all that rested on it goes with it
        assert rows(tools.database, Block)[0].lifted_at == clock()
        assert submit("Another thought.").status == "published"


def test_a_block_on_two_strikes_of_which_one_is_overruled_becomes_what_the_other_calls_for(
    tools, submit, review, clock
):
    first = submit("Opinion number one on the matter.").comment
    second = submit("Opinion number two on the matter.").comment
    review(first, "remove", clause="personal-attack")  # 2 points: a warning
    clock.advance(days=1)
    review(second, "remove", clause="personal-attack", severe=True)  # 6: from there at once to a block
    given_at = clock()
    assert [block.penalty for block in rows(tools.database, Block)] == ["warn", "block"]
    clock.advance(days=2)
    review(first, "restore")
    warning, block, instead = rows(tools.database, Block)
    assert block.lifted_at == clock()
    assert (instead.penalty, instead.starts_at, instead.lifted_at) == ("premoderate", given_at, None)
    assert instead.ends_at == given_at + timedelta(days=14)
    assert instead.strike_ids == [strike.id for strike in rows(tools.database, Strike)][1:]
    review(second, "restore")
    assert rows(tools.database, Block)[-1].lifted_at == clock()
    assert warning.penalty == "warn"


def test_what_would_be_over_by_now_is_not_put_in_place_of_a_block(tools, submit, review, clock):
    first = submit("Opinion number one on the matter.").comment
    second = submit("Opinion number two on the matter.").comment
    review(first, "remove", clause="personal-attack")
    review(second, "remove", clause="personal-attack", severe=True)
    clock.advance(days=20)
    review(first, "restore")
    assert [block.penalty for block in rows(tools.database, Block)] == ["warn", "block"]


def test_the_ladder_covers_what_the_policy_says(tools, submit):
    ladder = tuple(
        rung.model_copy(update={"covers": ("email_domain", "network")} if rung.penalty == "block" else {})
        for rung in tools.engine.policy.ladder
    )
    policy = tools.engine.policy.model_copy(update={"ladder": ladder})
    policy.__dict__.update(
        {name: getattr(tools.engine.policy, name) for name in ("lexicon", "readings", "languages")}
    )
    tools = replace(tools, engine=Engine(policy, tools.engine.scorers, tools.engine.detectors))
    for end in ("", "!", "."):
        submit_comment(
            tools,
            a_new_comment(
                rows(tools.database, Article)[0],
                f"You are an idiot{end}",
                writer=Writer("Ann", "ann@spam.example", address="192.0.2.7"),
            ),
        )
    blocks = [block for block in rows(tools.database, Block) if block.penalty == "block"]
    assert sorted(block.subject_kind for block in blocks) == ["author", "email_domain", "network"]
    assert len({block.ends_at for block in blocks}) == 1
