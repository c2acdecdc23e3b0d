"""Perspective and OpenAI moderations at their own addresses, asked by their own clients and by hand."""

import threading
from dataclasses import replace

import pytest
from googleapiclient import discovery, errors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import AuthenticationError, BadRequestError, OpenAI
from werkzeug.serving import make_server

from moderation.engine import Engine
from moderation.store.tables import ApiKey, LabelledDecision
from moderation.web import create_app
from tests.builders import an_api_key, digest_of, stored
from tests.workbench import rows

INSULT = "You are a pathetic idiot."
ARMENIAN_INSULT = "Դու ապուշ ես։"
GERMAN = "Ich finde den Artikel sehr gut und danke der Redaktion dafür, dass sie ihn geschrieben hat."


@pytest.fixture
def analyze(client, newsroom):
    def analyze(text, *attributes, key=newsroom.key, **changes):
        asked = {
            "comment": {"text": text},
            "requestedAttributes": {name: {} for name in attributes or ("TOXICITY",)},
        }
        return client.post(f"/v1alpha1/comments:analyze?key={key}", json=asked | changes)

    return analyze


def score(answer, attribute):
    assert answer.status_code == 200, answer.text
    return answer.json["attributeScores"][attribute]["summaryScore"]["value"]


def test_an_insult_scores_high_and_thanks_score_low(analyze):
    high, low = (
        analyze(INSULT, "TOXICITY", "INSULT"),
        analyze("Thank you for this article.", "TOXICITY", "INSULT"),
    )
    assert score(high, "INSULT") > 0.8
    assert score(low, "INSULT") < 0.2
    assert score(high, "TOXICITY") > 0.8
    assert score(low, "TOXICITY") < 0.2


def test_an_armenian_insult_scores_high(analyze):
    answer = analyze(ARMENIAN_INSULT, "INSULT")
    assert score(answer, "INSULT") > 0.5
    assert answer.json["detectedLanguages"] == ["hy"]


def test_an_emoji_is_scored_in_the_language_of_the_policy(analyze):
    assert analyze("👍").json["detectedLanguages"] == ["en"]


def test_every_production_attribute_has_a_score(analyze):
    names = [
        "TOXICITY",
        "SEVERE_TOXICITY",
        "IDENTITY_ATTACK",
        "INSULT",
        "PROFANITY",
        "THREAT",
        "SEXUALLY_EXPLICIT",
    ]
    assert set(analyze(INSULT, *names).json["attributeScores"]) == set(names)


def test_whom_an_attack_is_aimed_at_has_attributes_of_its_own(analyze):
    answer = analyze(INSULT, "ATTACK_ON_COMMENTER", "ATTACK_ON_AUTHOR")
    assert score(answer, "ATTACK_ON_COMMENTER") > 0.8
    assert score(answer, "ATTACK_ON_AUTHOR") == 0


def test_each_sentence_has_its_score_where_annotations_are_asked_for(analyze):
    text = f"😀 What a nice day. {INSULT}"
    answer = analyze(text, spanAnnotations=True)
    first, second = answer.json["attributeScores"]["TOXICITY"]["spanScores"]
    assert first["score"]["value"] < 0.3 < second["score"]["value"]
    units = text.encode("utf-16-le")
    assert units[2 * second["begin"] : 2 * second["end"]].decode("utf-16-le") == INSULT


def test_what_is_analyzed_is_not_stored(analyze, tools):
    analyze(INSULT)
    assert rows(tools.database, LabelledDecision) == []


def test_a_text_in_a_language_that_is_not_read_has_no_score(analyze):
    for answer in (analyze(GERMAN), analyze(GERMAN, languages=["en"])):
        assert answer.status_code == 400
        assert answer.json["error"]["details"][0]["errorType"] == "LANGUAGE_DETECTION_FAILED"
    refused = analyze(GERMAN, languages=["de"])
    assert refused.json["error"]["message"] == "Attribute TOXICITY does not support request languages: de"


def test_a_key_that_is_not_known_or_may_not_do_this_is_refused(analyze, client, newsroom, tools):
    with tools.database.begin() as store:
        stored(store, an_api_key(newsroom.site, digest=digest_of("mk_blocks"), scopes=["blocks"]))
    for key in ("", "mk_wrong", "mk_blocks", "ключ"):
        answer = analyze("Hello there.", key=key)
        assert (answer.status_code, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert answer.json["error"]["message"] == "API key not valid. Please pass a valid API key."
    asked = {"comment": {"text": "Hello there."}, "requestedAttributes": {"TOXICITY": {}}}
    assert (
        client.post(
            "/v1alpha1/comments:analyze", json=asked, headers={"X-Goog-Api-Key": newsroom.key}
        ).status_code
        == 200
    )


def test_a_suggestion_becomes_a_labelled_row(client, newsroom, tools):
    told = {
        "comment": {"text": INSULT},
        "attributeScores": {
            "TOXICITY": {"summaryScore": {"value": 1}},
            "INSULT": {"summaryScore": {"value": 1}},
        },
        "clientToken": "comment:7",
        "languages": ["en"],
    }
    answer = client.post(f"/v1alpha1/comments:suggestscore?key={newsroom.key}", json=told)
    assert answer.json == {
        "clientToken": "comment:7",
        "requestedLanguages": ["en"],
        "detectedLanguages": ["en"],
    }
    (row,) = rows(tools.database, LabelledDecision)
    (key,) = rows(tools.database, ApiKey)
    assert (row.source, row.who, row.body) == ("feedback", f"key:{key.id}", INSULT)
    assert row.scores == {"toxicity": 1.0, "personal-attack": 1.0}


class Broken:
    """A detector that never answers."""

    name, version = "broken", "1"

    def detect(self, text, context):
        raise RuntimeError


def test_a_check_that_fails_gives_no_score(tools, newsroom):
    broken = replace(tools, engine=Engine(tools.engine.policy, {}, [Broken()]))
    client = create_app(broken).test_client()
    asked = {"comment": {"text": "Hello there."}, "requestedAttributes": {"TOXICITY": {}}}
    answer = client.post(f"/v1alpha1/comments:analyze?key={newsroom.key}", json=asked)
    assert (answer.status_code, answer.json["error"]["status"]) == (503, "UNAVAILABLE")
    assert answer.headers["Retry-After"]
    answer = client.post("/v1/moderations", json={"input": "Hello there."}, headers=newsroom.bearer)
    assert (answer.status_code, answer.json["error"]["type"]) == (503, "server_error")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {"comment": st.fixed_dictionaries({"text": st.text(max_size=40)}) | ANYTHING},
        optional={
            "requestedAttributes": st.dictionaries(st.sampled_from(["TOXICITY", "SPAM", "X"]), ANYTHING)
            | ANYTHING,
            "attributeScores": ANYTHING,
            "input": ANYTHING,
            "languages": ANYTHING,
            "spanAnnotations": ANYTHING,
        },
    )
)
def test_whatever_is_sent_is_answered_and_never_by_an_accident(client, newsroom, sent):
    for path in (
        f"/v1alpha1/comments:analyze?key={newsroom.key}",
        f"/v1alpha1/comments:suggestscore?key={newsroom.key}",
    ):
        answer = client.post(path, json=sent)
        assert answer.status_code < 500
        assert answer.status_code == 200 or answer.json["error"]["message"]
    answer = client.post("/v1/moderations", json=sent, headers=newsroom.bearer)
    assert answer.status_code < 500
    assert answer.status_code == 200 or answer.json["error"]["message"]


@pytest.mark.parametrize("path", ["/v1alpha1/comments:analyze", "/v1/moderations"])
def test_what_the_framework_refuses_is_refused_in_the_foreign_form(client, newsroom, path):
    for answer in (
        client.post(
            f"{path}?key={newsroom.key}", data="x", headers=newsroom.bearer, content_type="text/plain"
        ),
        client.post(
            f"{path}?key={newsroom.key}",
            data=b"x" * 9_000_000,
            headers=newsroom.bearer,
            content_type="application/json",
        ),
    ):
        assert 400 <= answer.status_code < 500
        assert answer.json["error"]["message"]


@pytest.fixture
def address(app, newsroom, settings):
    """The application on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def google(address, newsroom, monkeypatch):
    """Google's own client library, built from our discovery document."""

    def build(key=newsroom.key):
        return discovery.build(
            "commentanalyzer",
            "v1alpha1",
            developerKey=key,
            discoveryServiceUrl=f"{address}/$discovery/rest?version=v1alpha1",
            static_discovery=False,
            client_options={"api_endpoint": address},
        )

    return build


def test_google_s_client_library_is_answered(google):
    asked = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]}
    answer = google().comments().analyze(body=asked).execute()
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8
    told = {"comment": {"text": INSULT}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    assert google().comments().suggestscore(body=told).execute()["detectedLanguages"] == ["en"]


def test_google_s_client_library_reads_why_it_is_refused(google):
    asked = {"comment": {"text": GERMAN}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["de"]}
    with pytest.raises(errors.HttpError, match="does not support request languages: de") as raised:
        google().comments().analyze(body=asked).execute()
    assert raised.value.error_details[0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    with pytest.raises(errors.HttpError, match="API key not valid"):
        google("mk_wrong").comments().analyze(body=asked).execute()


def test_openai_s_client_library_is_answered(address, newsroom):
    client = OpenAI(api_key=newsroom.key, base_url=f"{address}/v1", max_retries=0)
    insult, thanks = client.moderations.create(input=[INSULT, "Thank you for this article."]).results
    assert insult.flagged
    assert insult.categories.harassment
    assert not thanks.flagged
    assert thanks.category_scores.self_harm_intent == 0
    assert thanks.category_applied_input_types.illicit == []
    parts = [{"type": "text", "text": INSULT}, {"type": "text", "text": "Good night."}]
    assert len(client.moderations.create(input=parts).results) == 1
    with pytest.raises(BadRequestError, match="language"):
        client.moderations.create(input=GERMAN)
    with pytest.raises(AuthenticationError):
        OpenAI(api_key="mk_wrong", base_url=f"{address}/v1", max_retries=0).moderations.create(input="Hello")
