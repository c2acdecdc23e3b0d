"""Nobody passes for one of the staff by the look of a name; honest names are left alone."""

import pytest

from moderation.errors import InvalidInput
from moderation.services.addresses import email_key
from moderation.services.naming import problem_with_name
from moderation.services.submitting import Writer
from tests.builders import a_moderator, an_author, stored

STAFF = ("Ara Khachatourian", "Jo Writer", "Սալբի Սարգսեան", "Ted")


@pytest.fixture
def problem(engine):
    """What is wrong with a name at a paper called The Daily."""
    names = engine.policy.staff_names
    return lambda name: problem_with_name(name, staff=STAFF, site="The Daily", names=names)


@pytest.mark.parametrize(
    "name",
    [
        "Ara Khachatourian",
        "ARA KHACHATOURIAN",
        "ara  khachatourian",
        "AraKhachatourian",
        "A r a Khachatourian",
        "Ara-Khachatourian.",
        "Khachatourian, Ara",
        "Аrа Кhасhаtоuriаn",  # Cyrillic
        "Αra Khachatοurian",  # Greek
        "Ára Khaçhatourian",
        "Ara Khachat0urian",
        "Ara\u200b Khach\u00adatourian",
        "Ara Khachatourian (Editor)",
        "Editor Ara Khachatourian",
        "Ara Khachatourian 2",
        "Jo VVriter",
        "Jo Wríter",
        "Jo Wr1ter",
        "Jo Wrlter",
        "Սալբի Սարգսեան",
        "ՍԱԼԲԻ ՍԱՐԳՍԵԱՆ",
        "Tеd",  # Cyrillic е
        "Editor",
        "The Editor",
        "Edit0r",
        "E d i t o r",
        "Еditоr",
        "Moderator",
        "Moderator 7",
        "modеrаtоr",
        "Admin Team",
        "ADMIN",
        "Asbarez",
        "Asbarez Editor",
        "AsbarezEditor",
        "asbarez_editor",
        "Аsbаrez Ѕtаff",
        "Editor of Asbarez",
        "Asbarez Online Editor",
        "The Daily",
        "The Daily Newsroom",
        "Խմբագիր",
        "Ասպարեզ",
        "Ասպարէզ Խմբագիր",
        "Редактор",
        "Модератор",
    ],
)
def test_a_name_that_passes_for_staff_is_refused(problem, name):
    said = problem(name)
    assert said.count(". ") >= 1, name  # the reason and the remedy


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Ara",
        "Khachatourian",
        "Ara Khachikian",
        "Tedros",
        "Teddy",
        "John Editor",
        "Modern Rat",
        "Joanna Writer",
        "Daily Reader",
        "Asbarez Reader",
        "A reader of the daily",
        "Աննա",
        "Սալբի",
        "Анна",
        "Νίκος",
        "Staffan",
        "Adminda Stafford",
        "Team Armenia",
        "7",
        "…",
    ],
)
def test_an_honest_name_is_left_alone(problem, name):
    assert problem(name) == ""


def test_the_comment_is_refused_naming_the_field(tools, newsroom, submit):
    with pytest.raises(InvalidInput) as refused:
        submit(by="Moderator")
    assert set(refused.value.fields) == {"name"}


def test_a_closed_account_and_another_site_protect_no_name(tools, newsroom, submit):
    with tools.database.begin() as store:
        stored(store, a_moderator(name="Zabel", deactivated_at=tools.now()))
    assert submit(by="Zabel").status == "published"


def test_staff_authors_names_are_theirs_and_need_to_be_proven(tools, newsroom, submit):
    """Nobody wears a badge by typing its bearer's address."""
    submit(by="Zabel")
    with tools.database.begin() as store:
        author = store.people.find(site_id=newsroom.site.id, email_key=_key(tools))
        store.people.set_role(author.id, "staff")
    with pytest.raises(InvalidInput) as impostor:
        submit("Mine.", writer=Writer("ZABEL", "other@example.com"))
    assert set(impostor.value.fields) == {"name"}
    with pytest.raises(InvalidInput) as unproven:
        submit("Mine.", writer=Writer("Zabel", "zabel@example.com"))
    assert set(unproven.value.fields) == {"email"}
    assert submit("Mine.", writer=Writer("Zabel", "zabel@example.com", proven=True)).status == "published"


def _key(tools):
    return email_key(tools, "zabel@example.com")


def test_who_the_site_vouches_for_bears_what_name_it_says(tools, newsroom, submit):
    with tools.database.begin() as store:
        stored(store, an_author(newsroom.site, name="Zabel", role="staff", external_id="user-1"))
    assert submit(writer=Writer("Zabel", None, "user-1"), source="api").status == "published"
