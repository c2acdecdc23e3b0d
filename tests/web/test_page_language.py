"""The pages speak English and Armenian: which language one of readers is in, and that no word is missing."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

WEB = Path(__file__).parents[2] / "moderation" / "web"
TRANSLATED = ("hy",)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def extracted() -> set[str]:
    """Every word and sentence of the pages of readers and of the desk."""
    with (WEB / "translations" / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(WEB, methods, options)
    return {message if isinstance(message, str) else message[0] for _, _, message, *_ in found}


def catalogue(language: str, suffix: str) -> Catalog:
    read = {"po": read_po, "mo": read_mo}[suffix]
    with (WEB / "translations" / language / "LC_MESSAGES" / f"messages.{suffix}").open("rb") as file:
        return read(file)


def strings(catalogue: Catalog) -> dict[str, list[str]]:
    """The translations by what they translate."""
    return {
        (message.id if isinstance(message.id, str) else message.id[0]): (
            [message.string] if isinstance(message.string, str) else [*message.string]
        )
        for message in catalogue
        if message.id
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_word_is_translated(language, extracted):
    translated = strings(catalogue(language, "po"))
    assert {word for word in extracted if not all(translated.get(word, [""]))} == set()
    assert set(translated) <= extracted, "run 'make translations': words that no page says any more"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_says_the_same_names_and_numbers(language):
    for said, translations in strings(catalogue(language, "po")).items():
        for translation in translations:
            assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(said)), said


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_up_to_date(language):
    assert strings(catalogue(language, "mo")) == strings(catalogue(language, "po")), "run 'make translations'"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_says_whether_a_native_speaker_has_read_it(language):
    for message in catalogue(language, "po"):
        if message.id:
            assert {"native review: pending", "native review: done"} & {*message.user_comments}, message.id
            assert not message.fuzzy, message.id


def test_a_page_is_in_the_language_of_the_site(client):
    page = client.page("/")
    assert ("html", {"lang": "en", "dir": "ltr"}) in page.tags


def test_a_reader_chooses_and_the_choice_is_kept(client):
    (link,) = client.page("/policy").languages
    assert link == "/policy?lang=hy"
    page = client.page(link)
    assert ("html", {"lang": "hy", "dir": "ltr"}) in page.tags
    assert "Քննարկման կանոններ" in page.text
    assert "Քննարկման կանոններ" in client.page("/articles/karabakh").text
    assert "Discussion policy" in client.page("/articles/karabakh?lang=en").text
    assert "Discussion policy" in client.page("/").text


def test_a_choice_that_the_browser_does_not_keep_goes_along_in_the_links(app, newsroom):
    browser = app.test_client(use_cookies=False)
    page = browser.page("/?lang=hy")
    assert "/articles/karabakh?lang=hy" in page.links
    assert "/policy?lang=hy" in page.links


def test_links_say_nothing_of_a_choice_that_is_kept(client):
    client.page("/?lang=hy")
    assert "/articles/karabakh" in client.page("/?lang=hy").links


def test_a_language_we_do_not_speak_is_no_choice(client):
    assert ("html", {"lang": "en", "dir": "ltr"}) in client.page("/?lang=xx").tags


@pytest.mark.parametrize(
    ("site_language", "accept", "expected"),
    [
        ("hy", "en", "hy"),
        ("hy-AM", "en", "hy"),
        ("fr", "hy, en;q=0.5", "hy"),
        ("fr", "ru", "en"),
        ("en", "hy", "en"),
    ],
)
def test_the_site_s_language_goes_before_the_browser_s(
    client, tools, newsroom, site_language, accept, expected
):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).language = site_language
    for address in ("/", "/articles/karabakh", "/policy"):
        page = client.page(address, headers={"Accept-Language": accept})
        assert ("html", {"lang": expected, "dir": "ltr"}) in page.tags, address
    page = client.page("/nowhere", 404, headers={"Accept-Language": accept})
    assert ("html", {"lang": expected, "dir": "ltr"}) in page.tags


def test_how_each_rule_is_read_stands_in_the_language_of_the_page(client, tools):
    policy = tools.engine.policy
    english, armenian = client.page("/policy?lang=en").text, client.page("/policy?lang=hy").text
    for clause in policy.clauses:
        assert policy.readings[clause] in english
        assert policy.readings_hy[clause] in armenian
        assert policy.readings[clause] not in armenian


def test_an_answer_to_a_form_leads_to_its_article_in_the_other_language(client):
    answer = client.comment("")
    page = client.read(answer)
    assert answer.status_code == 422
    assert page.languages == ["/articles/karabakh?lang=hy"]


def test_the_address_of_another_language_leads_to_no_other_site(client):
    assert client.page("/%2Fevil.example", 404).languages == ["/evil.example?lang=hy"]
