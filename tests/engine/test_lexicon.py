"""The lexicon: whole words, plain and disguised; innocent look-alikes never."""

import pytest

from moderation.engine.lexicon import Entry, Lexicon
from moderation.engine.text import Text, fold


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon(
        [
            Entry(lemma="fuck", kind="profanity", severity="strong", forms=("fucking", "fuckyou")),
            Entry(lemma="shit", kind="profanity", severity="strong", forms=("shitty",)),
            Entry(lemma="ass", kind="profanity", severity="strong", exceptions=("ass and saddle",)),
            Entry(lemma="asshole", kind="profanity", severity="strong"),
            Entry(lemma="piece of shit", kind="insult", severity="strong"),
            Entry(lemma="damn", kind="profanity", severity="mild"),
        ]
    )


def seen(lexicon, body):
    text = Text(body)
    found = []
    for match in lexicon.matches(text):
        span = text.original_span(match.start, match.end)
        found.append((match.entry.lemma, body[span.start : span.end]))
    return found


@pytest.mark.parametrize(
    ("body", "lemma", "as_written"),
    [
        ("What the fuck?", "fuck", "fuck"),
        ("FUCKING great", "fuck", "FUCKING"),
        ("f u c k y o u", "fuck", "f u c k y o u"),
        ("so sh1t", "shit", "sh1t"),
        ("fսck", "fuck", "fսck"),
        ("f\u200bu\u200bck", "fuck", "f\u200bu\u200bck"),
        ("sh*t", "shit", "sh*t"),
        ("f**k this", "fuck", "f**k"),
        ("shiiiiit", "shit", "shiiiiit"),
        ("you aaassssshole", "asshole", "aaassssshole"),
        ("you $hit", "shit", "$hit"),
        ("ｓｈｉｔ", "shit", "ｓｈｉｔ"),
    ],
)
def test_a_word_is_found_as_it_was_written(lexicon, body, lemma, as_written):
    assert (lemma, as_written) in seen(lexicon, body)


@pytest.mark.parametrize(
    "body",
    [
        "Scunthorpe, assassin, class, passage, Bassam, Assadourian",
        "shiitake and Mashita",
        "The ass and saddle were stolen.",
        "U.S.A. and I.A.K.",
        "Flat 5, h1n1, covid19",
        "1st, 2nd and 3rd of May",
    ],
)
def test_innocent_words_are_not_found(lexicon, body):
    assert seen(lexicon, body) == []


def test_the_longest_phrase_is_found_once(lexicon):
    assert seen(lexicon, "You piece of shit!") == [("piece of shit", "piece of shit")]


def test_matches_stand_by_position(lexicon):
    assert [lemma for lemma, _ in seen(lexicon, "damn, sh1t, f u c k")] == ["damn", "shit", "fuck"]


def test_every_shipped_entry_finds_its_own_forms(policy):
    for entry in policy.lexicon.entries:
        for form in (*entry.forms, *(() if entry.stems else (entry.lemma,))):
            found = policy.lexicon.matches(Text(f"2024 {form} 2025"))
            excused = {fold(phrase) for phrase in entry.exceptions}
            language = policy.languages.language_of(Text(form))  # in another one they are ordinary words
            assert found or entry.needs_language or fold(form) in excused or language != entry.language, form


def test_an_entry_with_a_short_form_records_its_check(policy):
    """A word under five letters is refused without a look at what else is spelled so."""
    for entry in policy.lexicon.entries:
        shortest = min(len(form) for form in (entry.lemma, *entry.forms))
        if shortest < 5 and entry.severity != "mild":
            assert entry.checked, entry.lemma
