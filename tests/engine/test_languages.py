"""Languages: which words are read, and what language a text is in."""

import pytest

from moderation.engine.languages import Languages
from moderation.engine.text import Text
from moderation.errors import PolicyInvalid


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("The president said nothing about the prisoners.", "en"),
        ("Le président n'a rien dit sur les prisonniers de guerre.", "fr"),
        ("Bu savaş ne zaman bitecek, kimse bilmiyor.", "tr"),
        ("Menq petq e ujex banak unenanq, urish elq chka", "hy-latn"),
        ("Xyzzy plugh qwertz", ""),
    ],
)
def test_a_text_is_in_the_language_most_of_its_words_belong_to(policy, body, language):
    assert policy.languages.language_of(Text(body)) == language


@pytest.mark.parametrize(
    "body",
    [
        "Le concombre vient du jardin de mon oncle, et la soupe est froide.",
        "Cuma günü kilisede konser var, herkes davetli.",
        "Es shat em sirum ays kayqy, shnorhakal em dzez",
        "Թող աստված պահի մեր զինվորներին։",
        "Сегодня в Ереване идёт снег.",
    ],
)
def test_what_is_read_is_not_held_for_its_language(decide, body):
    assert decide(body).verdict.value == "publish"


@pytest.mark.parametrize(
    "body",
    [
        "Der Präsident hat gelogen und das Volk leidet unter dem Krieg",
        "El presidente es un mentiroso y no mi presidente, que se vaya ya",
        "Il presidente non ha detto niente sulla guerra e sui rifugiati",
        "salam chetori man khoobam to chetori dust azizam",
        "Слава Україні, її народ і військо вистояли, ще й як",
        "რატომ არ დაწერთ საქართველოს როლზე?",
    ],
)
def test_what_nothing_here_reads_is_held_for_a_person(decide, body):
    decision = decide(body)
    assert (decision.verdict.value, decision.clause) == ("hold", "unread-language")


def test_without_an_english_list_nothing_starts(tmp_path):
    with pytest.raises(PolicyInvalid, match=r"en\.txt"):
        Languages.load(tmp_path)


def test_a_list_that_is_no_text_is_named(tmp_path):
    (tmp_path / "en.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(PolicyInvalid, match=r"en\.txt: is not UTF-8"):
        Languages.load(tmp_path)


@pytest.mark.parametrize(
    ("body", "clause"),
    [
        ("Kike Hernandez hit two home runs last night.", None),
        ("Let's bury the hatchet, Hagop.", None),
        ("Mahkemenin tutuklanmasına karar verdiği gazetecilerimiz özgürlüklerine kavuşacaklar.", None),
        ("Minun vanhempani asuvat pienessä kylässä lähellä järveä", "unread-language"),
    ],
)
def test_headlines_and_turkish_endings_are_read_and_finnish_is_not(decide, body, clause):
    assert decide(body).clause == clause


@pytest.mark.parametrize(
    ("words", "armenian"), [("мек эл карда ко хоты", True), ("ты опять всё перепутал как всегда", False)]
)
def test_armenian_in_russian_letters_is_told_by_its_small_words(policy, words, armenian):
    assert policy.languages.is_armenian_in_russian_letters(words.split()) is armenian


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        ("The president said nothing about the prisoners.", "en"),
        ("Menq petq e ujex banak unenanq, urish elq chka", "hy-Latn"),
        ("Թող աստված պահի մեր զինվորներին։", "hy"),
        ("Сегодня в Ереване идёт снег.", "ru"),
        ("Мек эл карда, ахпер джан", "hy-Cyrl"),
        ("Сьогодні в Києві йде сніг, і це добре", ""),  # Ukrainian, which nothing here reads
        ("שלום לכולם", "he"),
        ("سلام بر همه", ""),
        ("Եկեք okay", ""),
        ("12 + 3 = 15", ""),
        ("", ""),
    ],
)
def test_a_text_carries_a_tag_of_its_language_or_none(engine, body, tag):
    """A wrong one makes a screen reader stumble; none lets it speak as the page does."""
    assert engine.language_of(body) == tag
