"""What cannot be taken is refused by the name of its field, and leaves nothing behind."""

import pytest

from moderation.errors import InvalidInput
from moderation.services.submitting import Writer
from tests.workbench import everything

SCRIPT = "<script>alert(1)</script>"
OVERRIDE, LONE, MARKS = "abc \u202e cba", "half \ud800 a pair", "a" + "\u0301" * 10_000
TOO_LONG, LONGEST = "No. " * 2500 + "x", "No. " * 2499 + "No.\n"

WRONG = [
    pytest.param("body", {"body": ""}, id="empty body"),
    pytest.param("body", {"body": " \n\t"}, id="blank body"),
    pytest.param("body", {"body": TOO_LONG}, id="10,001 characters"),
    pytest.param("body", {"body": "a\0b"}, id="NUL in the body"),
    pytest.param("body", {"body": "a\x1bb"}, id="control character in the body"),
    pytest.param("body", {"body": LONE}, id="lone surrogate in the body"),
    pytest.param("body", {"body": MARKS[:9999]}, id="combining marks in the body"),
    pytest.param("body", {"body": MARKS}, id="10,000 combining marks"),
    pytest.param("body", {"body": OVERRIDE}, id="override in the body"),
    pytest.param("body", {"body": f"Look: {SCRIPT}"}, id="script in the body"),
    pytest.param("body", {"body": 'Look: <img src=x onerror="alert(1)">'}, id="markup in the body"),
    pytest.param("name", {"name": ""}, id="no name"),
    pytest.param("name", {"name": "A" * 81}, id="long name"),
    pytest.param("name", {"name": "A\0"}, id="NUL in the name"),
    pytest.param("name", {"name": "A\nB"}, id="two lines of name"),
    pytest.param("name", {"name": LONE}, id="lone surrogate in the name"),
    pytest.param("name", {"name": MARKS[:40]}, id="combining marks in the name"),
    pytest.param("name", {"name": OVERRIDE}, id="override in the name"),
    pytest.param("name", {"name": SCRIPT}, id="script in the name"),
    pytest.param("email", {"email": ""}, id="empty e-mail"),
    pytest.param("email", {"email": None}, id="no e-mail in a form"),
    pytest.param("email", {"email": "ann"}, id="no @"),
    pytest.param("email", {"email": "ann@exa mple.com"}, id="space in the e-mail"),
    pytest.param("email", {"email": "a" * 310 + "@example.com"}, id="long e-mail"),
    pytest.param("email", {"email": "ann\0@example.com"}, id="NUL in the e-mail"),
    pytest.param("email", {"email": "ann\ud800@example.com"}, id="lone surrogate in the e-mail"),
    pytest.param("email", {"email": f"{SCRIPT}@example.com"}, id="script in the e-mail"),
    pytest.param("author_external_id", {"writer_id": ""}, id="empty id of the writer"),
    pytest.param("author_external_id", {"writer_id": "a\0"}, id="NUL in the id of the writer"),
    pytest.param("author_external_id", {"writer_id": "a" * 201}, id="long id of the writer"),
    pytest.param("external_id", {"external_id": ""}, id="empty id"),
    pytest.param("external_id", {"external_id": "a\0"}, id="NUL in the id"),
    pytest.param("external_id", {"external_id": LONE}, id="lone surrogate in the id"),
    pytest.param("external_id", {"external_id": "a" * 201}, id="long id"),
    pytest.param("language", {"language": "e\0n"}, id="NUL in the language"),
    pytest.param("parent_id", {"parent_id": "a\0"}, id="NUL in the parent"),
    pytest.param("parent_id", {"parent_id": LONE}, id="lone surrogate in the parent"),
    pytest.param("revision", {"revision": 0}, id="revision 0"),
    pytest.param("revision", {"revision": 2**31}, id="revision beyond the column"),
]


def hand_in(
    submit, body="I see it otherwise.", name="Ann", email="ann@example.com", writer_id=None, **changes
):
    return submit(body, writer=Writer(name, email, writer_id), **changes)


@pytest.mark.parametrize(("field", "given"), WRONG)
def test_a_wrong_field_is_named_with_its_remedy_and_nothing_is_stored(tools, submit, newsroom, field, given):
    before = everything(tools.database)
    with pytest.raises(InvalidInput) as refusal:
        hand_in(submit, **given)
    assert [*refusal.value.fields] == [field]
    (sentence,) = refusal.value.fields[field]
    assert sentence.endswith(".")
    assert everything(tools.database) == before


def test_every_wrong_field_is_named_at_once(submit):
    with pytest.raises(InvalidInput) as refusal:
        hand_in(submit, body="", name=SCRIPT, email="ann")
    assert [*refusal.value.fields] == ["body", "name", "email"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(LONGEST, id="10,000 characters"),
        pytest.param("If a < b and b > c, then 1 <3 you.", id="signs that are no markup"),
        pytest.param("They said:\r\n\tno.", id="lines and tabs"),
        pytest.param("Zoe\u0308 agrees.", id="a letter in two code points"),
        pytest.param("\u200fThe word \u2067سلام\u2069 is Arabic.", id="isolates around another script"),
    ],
)
def test_what_honest_text_needs_is_taken_and_kept_as_typed(submit, body):
    assert hand_in(submit, body).comment.body == body


def test_a_name_in_any_script_is_taken(submit):
    assert hand_in(submit, name="Հրանտ Ö'Brien-Łukasz 李").status == "published"
