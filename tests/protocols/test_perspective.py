"""Perspective: requests read and answers written as its clients expect them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.protocols import perspective
from moderation.protocols.perspective import PerspectiveError, Scored


def body(**changes):
    asked = {
        "comment": {"text": "You are a fool. Nice day."},
        "requestedAttributes": {"TOXICITY": {}, "INSULT": {}},
    }
    return json.dumps(asked | changes).encode()


def refusal(read, sent):
    with pytest.raises(PerspectiveError) as raised:
        read(sent)
    (detail,) = raised.value.body["error"].get("details", [{"errorType": None}])
    return raised.value.body["error"]["message"], detail["errorType"]


@pytest.mark.parametrize(
    ("changes", "message", "kind"),
    [
        ({"comment": {"text": " "}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
        ({"comment": {"text": "a" * 20_481}}, "Comment text too long.", "COMMENT_TOO_LONG"),
        ({"requestedAttributes": {}}, "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (
            {"requestedAttributes": {"FLIRTATION": {}}},
            "Unknown requested attribute: FLIRTATION",
            "INVALID_REQUEST",
        ),
        (
            {"requestedAttributes": {"INSULT": {"scoreType": "STANCE"}}},
            "Requested score type STANCE is not supported by attribute INSULT",
            "INVALID_REQUEST",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_in_the_service_s_words(changes, message, kind):
    assert refusal(perspective.read_analyze, body(**changes)) == (message, kind)


@pytest.mark.parametrize(
    "sent", [b"", b"[]", b"{", b'{"comment": {"text": "\\ud800"}}', b'{"a": 1, "a": 2}', b"\xff"]
)
def test_what_is_no_json_is_refused(sent):
    message, _ = refusal(perspective.read_analyze, sent)
    assert message.startswith("Invalid JSON payload received.")


def test_a_field_it_does_not_know_is_named():
    message, kind = refusal(perspective.read_analyze, body(shout=True))
    assert "'shout'" in message
    assert kind == "INVALID_REQUEST"


def test_entries_and_parent_are_not_sent_together():
    context = {"entries": [{"text": "a"}], "articleAndParentComment": {}}
    message, _ = refusal(perspective.read_analyze, body(context=context))
    assert "Send one of them" in message


def test_the_names_of_the_schema_beneath_are_read_too():
    sent = {"comment": {"text": "Hello there"}, "requested_attributes": {"TOXICITY": {}}, "client_token": "c"}
    request = perspective.read_analyze(json.dumps(sent).encode())
    assert (list(request.requested_attributes), request.client_token) == (["TOXICITY"], "c")


def test_a_language_that_is_not_read_is_told_with_the_attribute_clients_look_for():
    request = perspective.read_analyze(body(languages=["es"]))
    with pytest.raises(PerspectiveError) as raised:
        perspective.check_languages(request, frozenset(["en", "hy"]))
    (detail,) = raised.value.body["error"]["details"]
    assert str(raised.value) == "Attribute TOXICITY does not support request languages: es"
    assert detail["languageNotSupportedByAttributeError"] == {
        "requestedLanguages": ["es"],
        "attribute": "TOXICITY",
    }
    perspective.check_languages(
        perspective.read_analyze(body(languages=["en-GB", "hy-Latn"])), frozenset(["en", "hy"])
    )


def answered(text="You are a fool. 😀 Nice day.", parts=((0, 15), (18, 27)), **changes):
    request = perspective.read_analyze(body(comment={"text": text}, **changes))
    whole = Scored(0, len(text), {"toxicity": 0.83, "personal-attack": 0.9})
    spans = [Scored(*part, {"toxicity": 0.5}) for part in parts] or [whole]
    return perspective.write_scores(request, whole, spans, "en")


def test_spans_are_counted_in_utf_16_code_units():
    spans = answered()["attributeScores"]["TOXICITY"]["spanScores"]
    assert [(span["begin"], span["end"]) for span in spans] == [(0, 15), (19, 28)]


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text and text.isprintable()))
def test_the_one_span_of_a_text_is_the_whole_of_it_as_javascript_counts(text):
    (span,) = answered(text, parts=())["attributeScores"]["TOXICITY"]["spanScores"]
    assert (span["begin"], span["end"]) == (0, len(text.encode("utf-16-le")) // 2)


def test_an_attribute_beneath_its_threshold_is_left_out():
    asked = {"TOXICITY": {"scoreThreshold": 0.9}, "INSULT": {"scoreThreshold": 0.9}}
    assert list(answered(requestedAttributes=asked)["attributeScores"]) == ["INSULT"]


def test_the_token_comes_back_and_the_language_asked_for_is_not_called_detected():
    assert answered(clientToken="c1")["clientToken"] == "c1"
    assert answered()["detectedLanguages"] == ["en"]
    assert "detectedLanguages" not in answered(languages=["en"])


def test_an_experimental_twin_is_its_attribute():
    asked = {"INSULT_EXPERIMENTAL": {}}
    score = answered(requestedAttributes=asked)["attributeScores"]["INSULT_EXPERIMENTAL"]["summaryScore"]
    assert score == {"value": 0.9, "type": "PROBABILITY"}


def test_a_suggestion_counts_by_its_summary_or_its_highest_span():
    told = {
        "comment": {"text": "You fool"},
        "attributeScores": {
            "TOXICITY": {"summaryScore": {"value": 1}},
            "INSULT": {
                "spanScores": [
                    {"begin": 0, "end": 3, "score": {"value": 0.2}},
                    {"begin": 4, "end": 8, "score": {"value": 0.9}},
                ]
            },
        },
    }
    assert perspective.read_suggestion(json.dumps(told).encode()).values() == {"TOXICITY": 1.0, "INSULT": 0.9}
    nothing = json.dumps({"comment": {"text": "You fool"}}).encode()
    assert refusal(perspective.read_suggestion, nothing) == ("Missing attribute_scores", "INVALID_REQUEST")
