"""A text is cut where findings begin and end, and comes out whole."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from moderation.web.marking import Piece, day, machine_time, marked, pieces, when, words

SPANS = st.lists(st.lists(st.tuples(st.integers(-3, 30), st.integers(-3, 30)), max_size=3), max_size=4)


@given(st.text(max_size=25), SPANS)
def test_the_pieces_are_the_text(text, findings):
    assert "".join(piece.text for piece in pieces(text, findings)) == text


@given(st.text(min_size=1, max_size=25), SPANS)
def test_a_character_is_marked_exactly_where_a_finding_covers_it(text, findings):
    at = 0
    for piece in pieces(text, findings):
        covering = {
            number for number, spans in enumerate(findings, 1) for start, end in spans if start <= at < end
        }
        assert set(piece.marks) == covering
        at += len(piece.text)


def test_overlapping_findings_are_named_together():
    assert list(pieces("abcdef", [[(0, 4)], [(2, 6)]])) == [
        Piece("ab", (1,)),
        Piece("cd", (1, 2)),
        Piece("ef", (2,)),
    ]


def test_spans_count_characters_not_bytes():
    assert marked("😀 դու ապուշ ես", [{"spans": [[6, 11]]}])[1] == Piece("ապուշ", (1,))


def test_words_are_quoted_as_written_and_once():
    assert words("Shit and shit, Shit", {"spans": [[0, 4], [9, 13], [15, 19], [90, 99]]}) == ["Shit", "shit"]


def test_times_say_that_they_are_utc():
    moment = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
    assert when(moment) == when(moment.isoformat()) == "3 November 2026, 09:05 UTC"
    assert day(moment) == day(moment.isoformat()) == "3 November 2026"
    assert machine_time(moment) == "2026-11-03T09:05:00+00:00"
    assert (when(None), day(None), machine_time(None)) == ("", "", "")
