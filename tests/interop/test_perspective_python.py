"""PyPI's perspective, unmodified, believes it talks to Google: its address is fixed, so its calls are carried to us."""

import json
import os
import subprocess
import sys

import pytest

from moderation.store.tables import LabelledDecision
from tests.builders import a_site, an_api_key, digest_of, stored
from tests.interop.intercepting import intercepted
from tests.interop.served import served
from tests.workbench import rows

HOST, KEY = "commentanalyzer.googleapis.com", "mk_test"
INSULT, THANKS, GERMAN = (
    "You are a pathetic idiot.",
    "Thank you for this article.",
    "Ich finde den Artikel sehr gut und danke der Redaktion dafür, dass sie ihn geschrieben hat.",
)
PROGRAM = """
import json, sys, urllib.error
from perspective import PerspectiveAPI
asked = json.load(sys.stdin)
client = PerspectiveAPI(asked["key"])
try:
    answer = getattr(client, asked["call"])(*asked["args"], **asked["options"])
except urllib.error.HTTPError as error:
    answer = {"status": error.code, "error": json.load(error)["error"]}
print(json.dumps(answer))
"""


@pytest.fixture
def call(tools, tmp_path):
    """Let the client make a call in a process of its own."""
    site = a_site()
    with tools.database.begin() as store:
        stored(store, site, an_api_key(site, digest=digest_of(KEY), scopes=[]))
    with served(tools) as port, intercepted(HOST, port, tmp_path) as environment:

        def call(name, *args, key=KEY, **options):
            asked = {"call": name, "args": args, "options": options, "key": key}
            answer = subprocess.run(
                [sys.executable, "-c", PROGRAM],
                env={**os.environ, **environment},
                input=json.dumps(asked),
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert answer.returncode == 0, answer.stderr
            return json.loads(answer.stdout)

        yield call


def test_a_comment_is_scored(call):
    insult = call("score", INSULT, ["TOXICITY", "INSULT", "THREAT"])
    assert insult["TOXICITY"] > 0.8
    assert insult["INSULT"] > 0.8
    assert insult["THREAT"] < 0.2
    assert call("score", THANKS)["TOXICITY"] < 0.2


def test_all_that_it_can_say_is_read(call):
    answer = call(
        "analyze_comment",
        f"Good day. {INSULT}",
        requested_attributes={"TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": 0.1}},
        span_annotations=True,
        languages=["en"],
        do_not_store=True,
        client_token="c-1",
        session_id="s-1",
        community_id="paper.example",
        context=[{"text": "The article.", "type": "PLAIN_TEXT"}],
        comment_type="PLAIN_TEXT",
    )
    assert answer["clientToken"] == "c-1"
    assert len(answer["attributeScores"]["TOXICITY"]["spanScores"]) == 2


def test_a_suggestion_becomes_a_labelled_row(call, tools):
    score = {"TOXICITY": {"summaryScore": {"value": 1.0, "type": "PROBABILITY"}}}
    assert call("suggest_score", INSULT, score, languages=["en"])["requestedLanguages"] == ["en"]
    (label,) = rows(tools.database, LabelledDecision)
    assert (label.body, label.scores) == (INSULT, {"toxicity": 1.0})


def test_a_refusal_is_told_as_google_tells_it(call):
    wrong = call("score", THANKS, key="mk_wrong")
    assert (wrong["status"], wrong["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "API key not valid" in wrong["error"]["message"]
    unread = call("score", GERMAN)
    assert unread["error"]["details"][0]["errorType"] == "LANGUAGE_DETECTION_FAILED"
