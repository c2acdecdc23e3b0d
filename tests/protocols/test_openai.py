"""OpenAI moderations: what is read, and that what is not scored says so."""

import json

import pytest

from moderation.protocols import openai
from moderation.protocols.openai import OpenAIError


def read(sent):
    return openai.read(json.dumps({"input": sent}).encode())


def test_strings_and_lists_are_read_one_by_one_and_parts_as_one():
    assert read("a").texts == ["a"]
    assert read(["a", "b"]).texts == ["a", "b"]
    assert read([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]).texts == ["a\nb"]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        7,
        [],
        [7],
        [["a"]],
        [{"type": "image_url", "image_url": {"url": "https://a.example"}}],
        "a" * 20_001,
    ],
)
def test_what_cannot_be_scored_is_refused_by_name(sent):
    with pytest.raises(OpenAIError) as raised:
        read(sent)
    assert raised.value.body["error"]["type"] == "invalid_request_error"
    assert raised.value.body["error"]["param"] == "input"


def test_all_thirteen_categories_answer_and_those_without_evidence_apply_to_nothing():
    (result,) = openai.write(read("a"), [{"identity-attack": 0.8, "threat": 0.6}])["results"]
    assert len(result["categories"]) == 13
    assert result["category_scores"]["hate"] == 0.8
    assert result["category_scores"]["hate/threatening"] == 0.6
    assert result["flagged"] is True
    assert result["category_applied_input_types"]["illicit"] == []
    assert result["category_applied_input_types"]["hate"] == ["text"]


def test_nothing_is_flagged_where_nothing_speaks_for_it():
    (result,) = openai.write(read("a"), [{}])["results"]
    assert result["flagged"] is False
    assert set(result["category_scores"].values()) == {0.0}
