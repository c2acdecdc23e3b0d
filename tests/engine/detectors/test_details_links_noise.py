"""Private details, advertising and noise: what is a person's, what is an offer, what cannot be read."""

from datetime import timedelta

import pytest

from moderation.engine.types import Standing
from tests.builders import NOW


@pytest.mark.parametrize(
    ("body", "verdict", "clause"),
    [
        ("His home phone is 818-555-0134.", "reject", "private-details"),
        ("The consulate's public number is 310-657-6102.", "publish", None),
        ("The war lasted from 27.09.2020 to 10.11.2020, 44 days.", "publish", None),
        ("He lives at 123 Main Street, apartment 4.", "reject", "private-details"),
        ("My card is 4111 1111 1111 1111.", "reject", "private-details"),
        ("My card is 4111 1111 1111 1112.", "publish", None),
        ("Corrections go to editor@example.com, it says there.", "publish", None),
        ("Compare https://www.osce.org/a with https://www.primeminister.am/b please.", "publish", None),
        ("See bit.ly/3abcde for the proof.", "hold", "spam"),
        ("I make $500 a day working from home.", "reject", "spam"),
        ("THE WHOLE COMMENT IS IN CAPITALS AND NOBODY LIKES IT", "hold", "flooding"),
        ("NATO, the EU and the OSCE did nothing.", "publish", None),
        ("What a goal!!!", "publish", None),
        ("na na " * 60, "reject", "flooding"),
    ],
)
def test_the_words_around_say_what_it_is(decide, body, verdict, clause):
    decision = decide(body)
    assert (decision.verdict, decision.clause) == (verdict, clause), decision.signals


def test_the_same_text_again_is_held_and_again_and_again_rejected(decide):
    body = "Read my book on the history of Artsakh, everyone."
    assert decide(body, recent_bodies=("Another thought entirely.",)).verdict == "publish"
    assert decide(body, recent_bodies=(body,)).verdict == "hold"
    assert decide(body, recent_bodies=(body + " Now!", body)).verdict == "reject"


def test_a_long_text_that_another_reader_posted_is_looked_at_and_a_slogan_is_not(decide):
    long = "We the undersigned ask the city council to put the memorial on its agenda before the end of the spring."
    assert decide(long, thread_bodies=("Something else.", long)).verdict == "hold"
    slogan = "Recognise Artsakh now, today!"
    assert decide(slogan, thread_bodies=(slogan,)).verdict == "publish"


def test_a_first_comment_with_a_link_is_held_and_an_unknown_author_is_not_asked(decide):
    body = "The text stands at https://www.osce.org/minsk-group for all to read."
    newcomer = Standing(approved_comments=0, first_seen_at=NOW - timedelta(days=1))
    assert decide(body, standing=newcomer).clause == "spam"
    assert decide(body).verdict == "publish"


@pytest.mark.parametrize(
    "offer", ["Dr. Osas cured my herpes in a week.", "I make $1.500 a week from my sofa."]
)
def test_calm_sentences_around_an_offer_do_not_hide_it(decide, offer):
    calm = (
        "The corridor is narrow and the winter was long for everyone in the villages. My grandmother was born "
        "there, and she told us how the snow closed the road until April. Nobody asked them what they wanted. "
    )
    for body in (offer, calm + offer, f"{calm}{offer} {calm}"):
        decision = decide(body)
        assert (decision.verdict, decision.clause) == ("reject", "spam")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(" ".join(f"person{n}@mail.example" for n in range(40)), id="addresses"),
        pytest.param(", ".join(f"818-555-01{n:02}" for n in range(40)), id="numbers"),
    ],
)
def test_a_long_list_of_details_is_held_as_one(decide, body):
    decision = decide(body)
    assert decision.verdict != "publish"
    assert "private-details" in {reason.clause for reason in decision.reasons}
    assert len([signal for signal in decision.signals if signal.clause == "private-details"]) <= 25
