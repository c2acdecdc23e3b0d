"""Two readers of the same bytes never see two things."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import InvalidInput
from moderation.protocols.strict_json import parse

REFUSED = [
    pytest.param(b"", "Not JSON at line 1", id="nothing"),
    pytest.param(b"[1]", "not an object", id="an array"),
    pytest.param(b'{"a": 1', "Not JSON at line 1", id="torn off"),
    pytest.param(b'{"a": 1} {"a": 2}', "Not JSON", id="two documents"),
    pytest.param(b'\xef\xbb\xbf{"a": 1}', "Not JSON", id="a byte order mark"),
    pytest.param('{"a": 1}'.encode("utf-16"), "Not UTF-8", id="UTF-16"),
    pytest.param(b'{"a": "\xed\xa0\x80"}', "Not UTF-8 at byte 7", id="a surrogate in the bytes"),
    pytest.param(b'{"a": "\xc0\xaf"}', "Not UTF-8", id="an overlong form"),
    pytest.param(b'{"a": 1, "b": 2, "a": 1}', "a: Stands twice", id="a duplicate"),
    pytest.param(b'{"x": [{"a": 1, "\\u0061": 1}]}', "a: Stands twice", id="an escaped duplicate, deep"),
    pytest.param(b'{"a": NaN}', "NaN", id="NaN"),
    pytest.param(b'{"a": -Infinity}', "-Infinity", id="minus infinity"),
    pytest.param(b'{"a": 1e999}', "beyond any float", id="infinity by overflow"),
    pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "thousands of digits", id="a giant"),
    pytest.param(b'{"a": "\\ud800"}', "a: Has half of a surrogate pair", id="a high surrogate"),
    pytest.param(b'{"b": ["", {"c": "\\udc00x"}]}', "b.1.c: Has half", id="a low surrogate, deep"),
    pytest.param(b'{"\\ud83d": 1}', "name): Has half", id="a surrogate in a name"),
    pytest.param(b'{"a": {"b": "x\\u0000"}}', "a.b: Has U+0000", id="NUL"),
    pytest.param(b'{"a":' * 18 + b"1" + b"}" * 18, "Nested more than 16", id="18 deep"),
    pytest.param(b'{"a":' + b"[" * 200_000, "Nested more than 16", id="200,000 deep"),
]


@pytest.mark.parametrize(("body", "expected"), REFUSED)
def test_what_two_readers_could_read_differently_is_refused(body, expected):
    with pytest.raises(InvalidInput) as refused:
        parse(body)
    assert (refused.value.status, refused.value.code) == (400, "malformed-body")
    assert expected in str(refused.value)
    assert json.dumps(refused.value.fields).isascii()


def test_a_whole_emoji_is_no_half_pair():
    assert parse(b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


LETTERS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | LETTERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(LETTERS, VALUES, max_size=4), escaped=st.booleans())
def test_ordinary_json_is_read_as_it_was_written(value, escaped):
    assert parse(json.dumps(value, ensure_ascii=escaped).encode()) == value
