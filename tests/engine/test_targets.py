"""Targets: whom an insult is aimed at."""

import pytest

from moderation.engine.lexicon import Lexicon
from moderation.engine.targets import aim_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Parent
from tests.builders import NOW
from tests.engine.conftest import ARTICLE

SENTENCES = [
    ("You are an idiot.", "reader"),
    ("you're such an idiot", "reader"),
    ("Are you an idiot?", "reader"),
    ("What an idiot you are.", "reader"),
    ("Shut up, you pathetic idiot.", "reader"),
    ("Idiots like you ruin this site.", "reader"),
    ("You and your friends are idiots.", "reader"),
    ("Ani is an idiot.", "reader"),
    ("@Ani what an idiot", "reader"),
    ("Only an idiot could write what Garo wrote, Garo is an idiot.", "reader"),
    ("The author is an idiot.", "writer"),
    ("Whoever wrote this is an idiot.", "writer"),
    ("Asbarez is run by idiots, this newspaper is an idiot.", "writer"),
    ("The author of this piece is an idiot.", "writer"),
    ("Putin is an idiot.", "public_figure"),
    ("That idiot Pashinyan signed it.", "public_figure"),
    ("Nikol Pashinyan is a complete idiot.", "public_figure"),
    ("The prime minister is an idiot.", "public_figure"),
    ("Erdogan and Aliyev are idiots.", "public_figure"),
    ("Aliyev, an idiot, wants more.", "public_figure"),
    ("You know that Putin is an idiot.", "public_figure"),
    ("Do you think Aliyev is an idiot?", "public_figure"),
    ("Turks are idiots.", "group"),
    ("All Armenians are idiots.", "group"),
    ("I am an idiot.", "self"),
    ("I was such an idiot to believe it.", "self"),
    ("I'm an idiot, sorry.", "self"),
    ("He called me an idiot.", "quoted"),
    ('They shouted "idiot" at her.', "quoted"),
    ('My teacher said: "Only an idiot forgets history."', "quoted"),
    ("An idiot would believe this.", "nobody"),
]


@pytest.mark.parametrize(("sentence", "target"), SENTENCES)
def test_an_insult_finds_its_target(policy, sentence, target):
    context = Context(
        policy=policy, now=NOW, article=ARTICLE, parent=Parent("Ani", "I agree."), thread_people=("Garo",)
    )
    text = Text(sentence)
    start = (
        text.folded.rindex("idiot")
        if "Garo is" in sentence or "newspaper is" in sentence
        else text.folded.index("idiot")
    )
    aim = aim_of(text, start, start + len("idiot"), context)
    assert aim.target == target, aim


@pytest.mark.parametrize(
    "sentence", ["Your argument is idiotic.", "This is idiotic.", "It's an idiotic war."]
)
def test_a_thing_is_nobody(policy, sentence):
    text = Text(sentence)
    start = text.folded.index("idiotic")
    assert aim_of(text, start, start + 7, Context(policy=policy, now=NOW)).target == "nobody"


@pytest.mark.parametrize("sentence", ["You are not an idiot.", "You aren't an idiot."])
def test_what_is_denied_is_marked_so(policy, sentence):
    text = Text(sentence)
    start = text.folded.index("idiot")
    assert aim_of(text, start, start + 5, Context(policy=policy, now=NOW)).negated


def test_every_aim_says_why(policy):
    for sentence, _ in SENTENCES:
        assert aim_of(Text(sentence), 0, 1, Context(policy=policy, now=NOW)).why


def test_the_lexicon_of_the_policy_is_loaded(policy):
    assert isinstance(policy.lexicon, Lexicon)
    assert policy.lexicon.has("idiot")
