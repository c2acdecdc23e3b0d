"""Some decisions are judged again by somebody who does not know them; nobody judges his own."""

from dataclasses import replace

import pytest

from moderation.errors import Conflict, Forbidden, InvalidInput
from moderation.services import second_looking
from moderation.settings import Settings
from tests.builders import DAY, a_moderator, stored

ATTACK = "You are an idiot."


@pytest.fixture
def tools(tools):
    return replace(tools, settings=Settings(second_look_percent=100))


@pytest.fixture
def colleague(tools):
    colleague = a_moderator(email="colleague@paper.example")
    with tools.database.begin() as store:
        stored(store, colleague)
    return colleague


def waiting(tools, moderator):
    with tools.database.read() as store:
        found = store.second_looks.next_for(moderator.id)
    return found[0] if found else None


def test_a_share_of_decisions_is_chosen_by_their_id_alone():
    ids = [f"decision-{n}" for n in range(20_000)]
    chosen = [one for one in ids if second_looking.is_chosen(one, 2)]
    assert 300 < len(chosen) < 500
    assert chosen == [one for one in ids if second_looking.is_chosen(one, 2)]
    assert not any(second_looking.is_chosen(one, 0) for one in ids)


def test_each_decision_is_chosen_once(tools, submit):
    submit(ATTACK)
    submit("I see it otherwise.", by="Ben")
    assert second_looking.choose(tools) == 2
    assert second_looking.choose(tools) == 0


def test_a_moderator_is_never_given_what_he_decided_himself(tools, newsroom, submit, review, colleague):
    comment = submit(ATTACK).comment
    review(comment, "approve")
    second_looking.choose(tools)
    assert waiting(tools, newsroom.moderator) is None
    look = waiting(tools, colleague)
    with pytest.raises(Forbidden):
        second_looking.look(tools, look.id, "publish", None, newsroom.moderator)
    second_looking.look(tools, look.id, "publish", None, colleague)
    with pytest.raises(Conflict):
        second_looking.look(tools, look.id, "publish", None, colleague)


def test_agreement_is_measured_by_who_by_clause_and_by_detector(tools, submit, colleague, now):
    comment = submit(ATTACK).comment
    submit("I see it otherwise, and here is why.", by="Ben")
    second_looking.choose(tools)
    while (look := waiting(tools, colleague)) is not None:
        second_looking.look(tools, look.id, "publish", None, colleague)
    found = second_looking.measured(tools, now - DAY, now + DAY)
    assert (found.total.looks, found.total.agreed, found.total.strict, found.total.lenient) == (2, 1, 1, 0)
    assert found.by_who["engine"] == found.total
    assert found.by_clause["personal-attack"].strict == 1
    assert found.by_detector["personal_attack"].agreed == 0
    low, high = found.total.between
    assert 0 < low < 0.5 < high < 1
    with tools.database.read() as store:
        assert store.comments.get(comment.id).state == "rejected"  # it changes nothing
        assert store.audit.of([f"comment:{comment.id}"])[0].action == "decision.second-look"


def test_a_refusal_names_its_clause(tools, submit, colleague):
    submit("I see it otherwise, and here is why.")
    second_looking.choose(tools)
    look = waiting(tools, colleague)
    for verdict, clause in (("hold", None), ("reject", None), ("reject", "nothing")):
        with pytest.raises(InvalidInput):
            second_looking.look(tools, look.id, verdict, clause, colleague)
