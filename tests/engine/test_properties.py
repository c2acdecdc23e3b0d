"""Promises over any mixture of sentences: what is added to a comment never makes it look better."""

from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.engine import Engine
from moderation.engine.policy import load_policy
from moderation.engine.types import Context, Submission, Verdict
from moderation.settings import Settings
from tests.builders import NOW

RULES = Engine(load_policy(Settings().policy_path), {})
CONTENT = ("profanity", "personal-attack", "identity-attack", "threat", "sexual", "private-details")
OFFENCES = (
    "You are a pathetic idiot.",
    "This is fucking nonsense.",
    "Shut up, moron!",
    "We should kill all Turks.",
    "Armenians are vermin.",
    "I will find you and kill you.",
    "Call her at home, her number is (818) 555-0143.",
    "Send nudes to me.",
    "What a shitty deal.",
    "u r a m0r0n",
    "Go to hell and rot.",
)
BENIGN = (
    "The road to the south was closed again this morning.",
    "It rained all week, and the harvest was late.",
    "Two hundred families came back in the spring.",
    "Thank you for this long and careful article.",
    "The second half of the treaty is worth reading twice.",
    "Nothing in the text says so, as far as anybody can see.",
    "In 1921 the border was drawn with a pencil.",
)
SOFT = (
    *BENIGN,
    "Aliyev is a liar and his war was a crime.",
    "That is a stupid argument.",
    "Your comment is wrong from beginning to end.",
    "Damn this war.",
    "They called us dogs, and we have not forgotten it.",
    "WE WILL NEVER FORGET WHAT THEY DID TO OUR VILLAGES IN THE AUTUMN OF THAT YEAR",
)


def decide(body):
    context = Context(policy=RULES.policy, now=NOW)
    return RULES.decide(Submission(site_id="", body=body, received_at=NOW), context)


@given(
    st.sampled_from(OFFENCES),
    st.lists(st.sampled_from(BENIGN), max_size=6),
    st.lists(st.sampled_from(BENIGN), max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_padding_with_benign_sentences_never_lowers_the_score_of_a_content_clause(offence, before, after):
    alone, padded = decide(offence), decide(" ".join([*before, offence, *after]))
    assert any(alone.scores[clause] > 0 for clause in CONTENT)
    for clause in CONTENT:
        assert padded.scores[clause] >= alone.scores[clause], clause


@given(st.lists(st.sampled_from(SOFT), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_comment_is_never_judged_harder_than_itself_with_an_insult_added(sentences):
    soft = " ".join(sentences)
    harsh = decide(f"{soft} You are a pathetic idiot.")
    assert decide(soft).verdict.order <= harsh.verdict.order
    assert harsh.verdict is Verdict.REJECT


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_every_span_of_every_decision_lies_within_the_original(body):
    decision = decide(body)
    spans = [span for signal in decision.signals for span in signal.spans]
    assert all(0 <= span.start < span.end <= len(body) for span in spans)
