"""HTML that other systems send, as text: nothing that a reader there would see is lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.protocols.plain_text import line_of, text_of


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("I see it otherwise.", "I see it otherwise."),
        ("<p>Hi <b>you</b> &amp; me</p>", "Hi you & me"),
        ("one<br />two", "one\ntwo"),
        ("i<b></b>d<i>i</i>ot", "idiot"),
        ('<a href="http://spam.example/x">buy</a>', "http://spam.example/x buy"),
        ("<style>you idiot", "you idiot"),
        ("<script>you idiot</script>", "you idiot"),
        ("<!-- you idiot -->", "<!-- you idiot -->"),
        ("I <3 you", "I <3 you"),
        ("never ends <a you idiot", "never ends <a you idiot"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("nul\0 bell\x07 \u202eturned \ufffd", "nul bell turned ?"),
    ],
)
def test_tags_go_and_words_stay(markup, text):
    assert text_of(markup) == text


def test_a_name_is_one_line_without_brackets():
    assert line_of(" <b>Ann</b>\n <3 &lt;x&gt; ", 80) == "Ann 3 x"
    assert len(line_of("x" * 200, 80)) == 80


@pytest.mark.parametrize(
    "piece", ["<a ", "<", "<!--", "&", '<a href="', "</", "&aaaa", "<a href   ", "<b>", "&#9;"]
)
def test_the_worst_text_takes_no_time(piece):
    text = (piece * 200_000)[:200_000]
    began = time.process_time()
    text_of(text)
    assert time.process_time() - began < 2


@given(st.text())
def test_any_text_is_read(markup):
    assert not any(char < " " and char not in "\t\n" for char in text_of(markup))
