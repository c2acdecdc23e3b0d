"""The figures of a time: counted right, with intervals, and as CSV no spreadsheet takes for formulas."""

import csv
import io

import pytest

from moderation.errors import InvalidInput
from moderation.services import counting
from moderation.services.remembering import erase_author
from tests.builders import DAY

ATTACK = "You are an idiot."


@pytest.fixture
def found(tools, submit, review, clock):
    first = submit(ATTACK).comment
    submit(ATTACK + " Again.", by="Ben")
    submit("I see it otherwise, and here is why.", by="Cara")
    held = submit("Pashinyan is an idiot", by="Dan").comment
    assert held.state == "held"
    clock.advance(hours=2)
    review(held, "approve")
    review(first, "approve")
    return counting.figures(tools, clock() - DAY, clock() + DAY)


def test_decisions_are_counted_by_day_and_by_clause(found, now):
    assert found.days[f"{now:%Y-%m-%d}"] == {"publish": 1, "hold": 1, "reject": 2}
    assert found.verdicts == {"publish": 1, "hold": 1, "reject": 2}
    assert found.clauses["personal-attack"] == {"hold": 1, "reject": 2}


def test_waits_what_is_automatic_and_what_is_overturned_are_told(found):
    assert found.wait(0.5) == found.wait(0.9) == 2 * 3600
    assert (found.automatic.hits, found.automatic.of) == (2, 4)
    low, high = found.automatic.between
    assert low < 0.5 < high
    overturned = found.detectors["personal_attack"]
    assert (overturned.hits, overturned.of) == (2, 2)
    assert found.languages["en"] >= 3


def test_another_month_has_other_figures(tools, found, now):
    begin, end = counting.month_of("2026-10", now)
    assert (f"{begin:%Y-%m-%d}", f"{end:%Y-%m-%d}") == ("2026-10-01", "2026-11-01")
    october = counting.figures(tools, begin, end)
    assert sum(october.verdicts.values()) == 0
    assert len(october.days) in (31, 32)
    assert october.wait(0.5) is None
    with pytest.raises(InvalidInput):
        counting.month_of("2026-13", now)


def test_the_csv_holds_the_figures_and_no_formula(found):
    rows = [*csv.reader(io.StringIO(counting.as_csv(found)))]
    assert rows[0] == ["table", "row", "column", "number"]
    assert ["clause", "personal-attack", "reject", "2"] in rows
    assert ["wait", "50%", "seconds", "7200"] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_the_audit_log_is_whole_before_and_after_an_erasure(tools, submit):
    comment = submit(ATTACK).comment
    with tools.database.read() as store:
        assert store.audit.verify() == []
        before = store.audit.head()
    erase_author(tools, comment.author_id, "cli")
    with tools.database.read() as store:
        assert store.audit.verify() == []
        assert store.audit.head() != before
        assert store.people.get(comment.author_id).salt is None
