"""What is sent is bounded before anything is done with it; what is over a bound is refused at once, and nothing breaks."""

import re
import time
from io import BytesIO

import pytest

from moderation.web import PROGRAM_NAMES

DEEP_LISTS = b"[" * 100_000 + b"]" * 100_000
DEEP_OBJECTS = b'{"a":' * 40_000 + b"1" + b"}" * 40_000
# What stands for the parts of an address.
PARTS = {"protocol": "ghost", "site": "paper", "site_slug": "paper"}


def doors(app) -> list[str]:
    """The address of every door to which programs send JSON."""
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if {"POST", "PUT"} & rule.methods
        and rule.endpoint.partition(".")[0] in {*PROGRAM_NAMES, "api"} - {"akismet"}
    ]
    return [re.sub(r"<(?:\w+:)?(\w+)>", lambda part: PARTS.get(part[1], "x"), rule.rule) for rule in rules]


@pytest.mark.parametrize("body", [DEEP_LISTS, DEEP_OBJECTS], ids=["lists", "objects"])
def test_json_nested_without_end_is_refused_at_once_at_every_door(app, client, newsroom, body):
    refused = {}
    for door in doors(app):
        address = f"{door}?key={newsroom.key}" if "v1alpha1" in door else door
        began = time.process_time()
        answer = client.post(address, data=body, headers=newsroom.bearer, content_type="application/json")
        assert time.process_time() - began < 0.5, door
        refused[door] = answer.status_code
    assert len(refused) >= 10
    assert {*refused.values()} <= {400, 401, 404, 413, 415}, refused
    read = [door for door, status in refused.items() if status == 400]
    assert {"/api/v1/comments", "/api/v1/check", "/v1/moderations", "/v1alpha1/comments:analyze"} <= {*read}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/articles/karabakh/comments", "application/x-www-form-urlencoded"),
        ("/articles/karabakh/comments", "multipart/form-data"),
        ("/desk/sign-in", "application/x-www-form-urlencoded"),
        ("/1.1/comment-check", "application/x-www-form-urlencoded"),
    ],
)
def test_a_form_of_thousands_of_fields_is_refused(client, newsroom, kind, address):
    fields = {f"field-{number}": "x" for number in range(1_500)}
    answer = client.post(address, data=fields, content_type=kind, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 413


def test_a_file_where_none_is_asked_for_counts_against_the_body(client, newsroom):
    answer = client.post(
        "/articles/karabakh/comments",
        data={"body": (BytesIO(b"x" * 300_000), "comment.txt")},
        content_type="multipart/form-data",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 413
