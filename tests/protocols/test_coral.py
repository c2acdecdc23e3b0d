"""Coral's phase: signed over the raw bytes, answered in Coral's own words alone."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.engine.policy import load_policy
from moderation.errors import BadSignature, InvalidInput
from moderation.protocols import coral
from moderation.settings import Settings

SECRET = "empsec_00112233"
BODY = b'{"hello":"world"}'
SIGNATURE = "sha256=c2706dc04be6634f7f97292ac32da81c7eb7b0c2b90a033e8e643390bc394122"
CALL = {
    "action": "NEW",
    "comment": {"body": "<p>I see it <b>otherwise</b>.</p>", "parentID": None},
    "author": {"id": "a-1", "role": "COMMENTER"},
    "story": {"id": "s-1", "url": "https://paper.example/story"},
    "site": {"id": "site-1"},
    "tenantID": "t-1",
    "tenantDomain": "coral.paper.example",
}
# The enums of Coral 9.11.8.
STATUSES = {"NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD"}
REASONS = {"COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM"}
CODES = {
    "OFFENSIVE",
    "ABUSIVE",
    "SPAM",
    "BANNED_WORD",
    "AD",
    "ILLEGAL_CONTENT",
    "HARASSMENT_BULLYING",
    "MISINFORMATION",
    "HATE_SPEECH",
    "IRRELEVANT_CONTENT",
    "OTHER",
}


def raw(call):
    return json.dumps(call, indent=2).encode()


def test_the_signature_is_the_known_one():
    assert coral.sign(BODY, SECRET) == SIGNATURE
    coral.verify(SIGNATURE, BODY, [SECRET])


@pytest.mark.parametrize(
    "header", [f"sha256={'0' * 64},{SIGNATURE}", f"{SIGNATURE}, sha256=x", f" {SIGNATURE} "]
)
def test_any_of_several_signatures_and_secrets_is_enough(header):
    coral.verify(header, BODY, ["empsec_another", SECRET])


@pytest.mark.parametrize(
    ("header", "body", "secrets"),
    [
        ("", BODY, [SECRET]),
        (",", BODY, [SECRET]),
        (SIGNATURE, BODY + b" ", [SECRET]),
        (SIGNATURE, BODY, []),
        (SIGNATURE, BODY, ["00112233"]),
        (SIGNATURE.removeprefix("sha256="), BODY, [SECRET]),
        (SIGNATURE.upper(), BODY, [SECRET]),
        ("sha256=\udcff", BODY, [SECRET]),
        (f"{'x,' * 10}{SIGNATURE}", BODY, [SECRET]),
    ],
)
def test_what_does_not_fit_is_refused(header, body, secrets):
    with pytest.raises(BadSignature):
        coral.verify(header, body, secrets)


def test_a_request_is_read_and_fields_we_do_not_know_are_left_aside():
    call = coral.read(raw(CALL | {"new": {"field": 1}}))
    assert (call.action, call.text, call.author.id, call.story.id) == (
        "NEW",
        "I see it otherwise.",
        "a-1",
        "s-1",
    )
    assert not call.is_by_staff


@pytest.mark.parametrize(
    "change",
    [
        {"action": "DELETE"},
        {"comment": None},
        {"comment": {"body": 1}},
        {"author": {}},
        {"story": []},
        {"comment": {"body": "nul\0"}},
    ],
)
def test_what_is_wrong_is_named_and_not_quoted(change):
    with pytest.raises(InvalidInput) as refused:
        coral.read(raw(CALL | change))
    assert refused.value.fields


def test_every_answer_uses_values_that_coral_accepts():
    clauses = [*load_policy(Settings().policy_path).clauses, "a-clause-of-an-editor", None]
    for clause in clauses:
        for body in (coral.withheld(clause), coral.rejected(clause, "Argue with what was said.")):
            told = json.loads(body)
            assert told["status"] in STATUSES
            assert {action["reason"] for action in told.get("actions", [])} <= REASONS
            assert {action["actionType"] for action in told.get("actions", [])} <= {"FLAG"}
            if told["status"] == "REJECTED":
                assert told["moderationAction"]["status"] == "REJECTED"
                assert told["moderationAction"]["rejectionReason"]["code"] in CODES


@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_read_or_refused(body):
    with suppress(InvalidInput):
        coral.read(body)
