"""An emulator of Coral: it pretty-prints, signs, waits 200 ms and throws away what it does not know."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.protocols import coral
from moderation.services import connecting, phasing
from moderation.store.tables import Comment, Strike
from tests.builders import a_block, an_author, stored
from tests.protocols.test_coral import CALL, CODES, REASONS, STATUSES
from tests.web.conftest import ATTACK, CLEAN, PROFANE
from tests.workbench import rows

SECRET = "empsec_0123456789abcdef"
UNREAD = "არცახი სომხეთია და მორჩა"


class EmulatedCoral:
    """What Coral does with a phase, by its source: None where it lets the comment pass."""

    def __init__(self, client):
        self.client = client

    def ask(self, body=CLEAN, secret=SECRET, **changes):
        call = json.loads(json.dumps(CALL))
        call["comment"]["body"] = body
        for name, change in changes.items():
            call[name] = {**call[name], **change} if isinstance(change, dict) else change
        return self.post(json.dumps(call, indent=2, ensure_ascii=False).encode(), secret)

    def post(self, raw, secret=SECRET, site="paper", **headers):
        signed = {"X-Coral-Signature": coral.sign(raw, secret), "User-Agent": "Coral Moderation/9.11.8"}
        return self.client.post(
            f"/coral/phase/{site}", data=raw, content_type="application/json", headers=signed | headers
        )

    def status(self, *args, **kwargs):
        answer = self.ask(*args, **kwargs)
        if not 200 <= answer.status_code < 300 or answer.status_code == 204 or not answer.data:
            return None
        told = answer.json
        assert told.get("status", "NONE") in STATUSES
        assert all(action["reason"] in REASONS for action in told.get("actions", []))
        reason = told.get("moderationAction", {}).get("rejectionReason", {}).get("code", "OTHER")
        assert reason in CODES
        return told["status"]


@pytest.fixture(autouse=True)
def desk(monkeypatch):
    """A desk of this test's own, with time enough on a machine that is busy."""
    monkeypatch.setattr(phasing, "DESK", phasing.Desk())
    monkeypatch.setattr(phasing, "SECONDS", 30.0)


@pytest.fixture
def phase(client, tools, newsroom):
    connecting.take_coral_secret(tools, newsroom.site.id, SECRET, "cli")
    return EmulatedCoral(client)


def test_we_have_no_opinion_on_what_may_be_published(phase):
    answer = phase.ask(CLEAN)
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize(("body", "code"), [(PROFANE, "OFFENSIVE"), (ATTACK, "HARASSMENT_BULLYING")])
def test_what_breaks_the_policy_is_rejected_with_a_reason_of_coral_s(phase, tools, body, code):
    answer = phase.ask(f"<p>{body}</p>")
    assert answer.status_code == 200
    told = answer.json
    assert told["status"] == "REJECTED"
    assert told["moderationAction"]["rejectionReason"]["code"] == code
    assert told["moderationAction"]["rejectionReason"]["detailedExplanation"]


def test_what_we_suspect_is_withheld_and_what_we_cannot_read_is_kept_for_a_person(phase):
    assert phase.status(UNREAD) == "PREMOD"
    assert phase.status("word " * 4000) == "PREMOD"
    assert phase.status("Pashinyan is an idiot.") == "SYSTEM_WITHHELD"


def test_a_change_is_decided_as_a_new_comment_is(phase):
    assert phase.status(PROFANE, action="EDIT") == "REJECTED"


@pytest.mark.parametrize("role", ["STAFF", "MODERATOR", "ADMIN"])
def test_the_newsroom_s_own_people_are_not_our_business(phase, role):
    assert phase.status(PROFANE, author={"role": role}) is None


@pytest.mark.parametrize("body", ["", None, "<p></p>"])
def test_there_is_no_opinion_on_a_picture_alone(phase, body):
    assert phase.status(body) is None


def test_whom_we_block_is_rejected(phase, tools, newsroom):
    author = an_author(newsroom.site, external_id="a-1")
    with tools.database.begin() as store:
        stored(store, author, a_block(author))
    assert phase.status(CLEAN) == "REJECTED"
    assert phase.status(CLEAN, author={"id": "a-2"}) is None


def test_the_story_that_is_known_here_tells_whom_words_are_aimed_at(phase, tools, newsroom):
    """An insult at somebody is held, at the writer of the article rejected."""
    body = "Zabel Torosyan is an idiot."
    with tools.database.begin() as store:
        article = store.articles.get(newsroom.article.id)
        article.url, article.byline = "https://paper.example/by-her", "Zabel Torosyan"
    assert phase.status(body, story={"id": "s-9", "url": "https://paper.example/by-her/"}) == "REJECTED"
    assert phase.status(body, story={"id": "post-1", "url": None}) == "REJECTED"
    assert phase.status(body, story={"id": "s-8", "url": "https://paper.example/other"}) == "SYSTEM_WITHHELD"


def test_nothing_is_stored_and_no_strike_given(phase, tools):
    phase.status(PROFANE)
    assert rows(tools.database, Comment) == rows(tools.database, Strike) == []


def test_what_is_not_signed_by_the_site_s_coral_is_refused(phase):
    raw = json.dumps(CALL, indent=2).encode()
    assert phase.post(raw, "empsec_another_secret").status_code == 401
    assert phase.post(raw, **{"X-Coral-Signature": ""}).status_code == 401
    assert phase.post(raw, site="nobody").status_code == 404
    compact = json.dumps(CALL).encode()
    signature = {"X-Coral-Signature": coral.sign(raw, SECRET)}
    assert phase.post(compact, **signature).status_code == 401


def test_the_new_secret_and_the_one_before_hold_and_earlier_ones_no_more(phase, tools, newsroom):
    for secret in ("empsec_second_secret_", "empsec_third_secret__"):
        connecting.take_coral_secret(tools, newsroom.site.id, secret, "cli")
    assert phase.ask(secret="empsec_third_secret__").status_code == 204
    assert phase.ask(secret="empsec_second_secret_").status_code == 204
    assert phase.ask(secret=SECRET).status_code == 401


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"{}", b'{"action":"NEW"}', json.dumps(CALL | {"comment": {"body": "\0"}}).encode()],
)
def test_what_cannot_be_read_is_held_and_does_not_pass(phase, raw):
    answer = phase.post(raw)
    assert (answer.status_code, answer.json) == (200, {"status": "PREMOD"})


def test_an_accident_is_held_and_not_remembered(phase, monkeypatch, log):
    whole = phasing.opinion
    monkeypatch.setattr(phasing, "opinion", lambda *_: 1 / 0)
    assert phase.status(CLEAN) == "PREMOD"
    assert "ZeroDivisionError" in log.getvalue()
    monkeypatch.setattr(phasing, "opinion", whole)
    assert phase.status(CLEAN) is None


def test_what_is_not_ready_in_time_is_held(phase, monkeypatch):
    whole, release = phasing.opinion, []

    def slow(*args):
        while not release:
            time.sleep(0.005)
        return whole(*args)

    monkeypatch.setattr(phasing, "opinion", slow)
    monkeypatch.setattr(phasing, "SECONDS", 0.15)
    began = time.perf_counter()
    assert phase.status(PROFANE) == "PREMOD"
    assert time.perf_counter() - began < 2
    for number in range(10):  # the rest does not wait behind it
        assert phase.status(f"{PROFANE} {number}") == "PREMOD"
    release.append(True)
    monkeypatch.setattr(phasing, "SECONDS", 30.0)
    assert phase.status(PROFANE) == "REJECTED"


def test_the_same_request_again_is_decided_once(phase, monkeypatch):
    asked, whole = [], phasing.opinion
    monkeypatch.setattr(phasing, "opinion", lambda *args: asked.append(1) or whole(*args))
    assert [phase.status(PROFANE) for _ in range(3)] == ["REJECTED"] * 3
    assert len(asked) == 1
    phase.status(PROFANE, author={"id": "a-2"})
    assert len(asked) == 2


def test_no_word_of_a_reader_reaches_the_log(phase, log):
    phase.status(PROFANE)
    phase.post(json.dumps(CALL | {"comment": {"body": ["bullshit"]}}).encode())
    assert "bullshit" not in log.getvalue()


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.text(max_size=80),
    role=st.text(max_size=10),
    url=st.text(max_size=30),
    author=st.text(max_size=30),
)
def test_no_comment_leads_to_an_accident(phase, body, role, url, author):
    answer = phase.ask(body, author={"id": author, "role": role}, story={"id": url, "url": url})
    assert answer.status_code in (200, 204)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200), st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80)
)
def test_no_bytes_lead_to_an_accident(phase, raw, signature):
    assert phase.post(raw).json == {"status": "PREMOD"}
    assert phase.post(raw, **{"X-Coral-Signature": signature}).status_code == 401
