"""Surnames, places, titles and initials are not the words they look like; the words themselves still are."""

import pytest


@pytest.mark.parametrize(
    "body",
    [
        "Ask Prof. J. Wigger about the Methodists; he wrote two books on them.",
        "Levi Coon scored twice and Dyer once.",
        "Coon, Levi and Dyer were the first three names on the enlistment roll.",
        "In Coon v. Dyer the court found for the plaintiff.",
        "By Marta Fuk, special to Asbarez",
        'Roberto "Kike" Casas played second base.',
        "Khuy Tran opened a pho restaurant in Glendale with an Armenian partner.",
        "Our train stopped at Wank and then at Garmisch.",
        "Le docteur Salaud exerce à Marseille.",
        "Манда — посёлок в Танзании, а мандат — документ.",
    ],
)
def test_a_word_that_people_or_places_bear_publishes_as_their_name(decide, body):
    assert decide(body).verdict.value == "publish"


@pytest.mark.parametrize(
    "body",
    [
        "That Coon should leave.",
        "He is a Wigger.",
        "Dirty Coon go home.",
        "Go Fuk Yourself",
        "You Schmuck, read it again.",
        "Mrs. Wanker lives on our street.",
        "Kike Soros owns the press.",
    ],
)
def test_the_same_word_used_does_not(decide, body):
    assert decide(body).verdict.value != "publish"


@pytest.mark.parametrize(
    "body",
    [
        "Fucking is a village in Austria that has a new name.",
        "Coon Creek flooded the lower pasture.",
        "The road to the hamlet of Twat is closed.",
    ],
)
def test_what_is_said_to_be_a_place_publishes(decide, body):
    assert decide(body).verdict.value == "publish"


@pytest.mark.parametrize(
    "body",
    [
        "The Bitch Is Back was on the radio when the car broke down.",
        "Bullshit Jobs is a book by David Graeber.",
        "The Subtle Art of Not Giving a F*ck sold ten million copies.",
        "A Confederacy of Dunces was published after the author's death.",
        "Идиот — это роман Достоевского, а не ругательство.",
        "Putain de toi est une chanson de Brassens.",
    ],
)
def test_the_title_of_a_work_publishes(decide, body):
    assert decide(body).verdict.value == "publish"


@pytest.mark.parametrize(
    "body",
    [
        "Fuck Donald Trump and his show.",
        "That Fucking Idiot made a film.",
        "What a fucking film.",
        "Hey sexy, are you single?",
    ],
)
def test_an_outcry_beside_a_work_does_not(decide, body):
    assert decide(body).verdict.value != "publish"


def test_initials_before_a_surname_are_no_word_and_letters_set_apart_are(decide):
    assert decide("F. U. Kandilian and W. T. F. Aprahamian signed the minutes.").verdict.value == "publish"
    assert decide("W T F is this").verdict.value != "publish"


def test_a_word_beside_its_own_kind_has_its_plain_sense_unless_somebody_is_spoken_to(decide):
    assert decide("Put a knob of butter on the faggot and serve.").verdict.value == "publish"
    assert decide("Sausage, kraut and mustard on rye, please.").verdict.value == "publish"
    assert decide("You faggot, pass the butter.").verdict.value == "reject"
