"""The lexicon: whole words, plain and disguised; innocent look-alikes never."""

import pytest

from moderation.engine.lexicon import Entry, Lexicon
from moderation.engine.text import Text, fold
from moderation.errors import PolicyInvalid


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


INFLECTED = Lexicon(
    [
        Entry(
            lemma="ապուշ",
            kind="insult",
            severity="strong",
            stems=("ապուշ", "apush"),
            inflection="noun",
            language="hy",
        ),
        Entry(
            lemma="идиот",
            kind="insult",
            severity="strong",
            forms=("идиотка",),
            language="ru",
            sources=("a", "b"),
        ),
    ],
    {"hy": {"noun": {"armenian": "(?:ներ)?(?:ը|ն|ի)?", "latin": "(?:ner)?(?:y|n|i)?"}}},
)


@pytest.mark.parametrize("word", ["ապուշ", "ապուշներ", "Ապուշները", "ապո՛ւշն", "apushneri", "APUSH"])
def test_a_stem_is_found_with_the_endings_of_its_class(word):
    assert seen(INFLECTED, f"— {word}!") == [("ապուշ", word)]


@pytest.mark.parametrize("word", ["ապուշություն", "apushik", "capush"])
def test_a_stem_with_another_ending_is_another_word(word):
    assert seen(INFLECTED, word) == []


def test_two_sources_or_a_native_reader_confirm_an_entry():
    word = {"lemma": "x", "kind": "insult", "severity": "strong"}
    assert Entry(**word, language="en", sources=("one", "two")).confirmed
    assert not Entry(**word, language="en", sources=("one", "own")).confirmed
    assert not Entry(**word, language="hy", sources=("one", "two")).confirmed
    assert Entry(**word, language="hy", confirmed_by="A. B., 2026").confirmed


@pytest.mark.parametrize(
    ("written", "trick"),
    [
        ("you fu ck", "cut in two"),
        ("kcuf you", "spelled backwards"),
        ("oh fuuck", "letters doubled"),
        ("f😀u😀c😀k", "letters set apart"),
        ("f_u_c_k", "letters set apart"),
        ("you f*** off", "most letters masked"),
    ],
)
def test_guesses_are_found_and_named(policy, written, trick):
    found = [match for match in policy.lexicon.matches(Text(written)) if match.entry.lemma == "fuck"]
    assert [match.trick for match in found] == [trick]


@pytest.mark.parametrize("written", ["you fu ck", "kcuf you", "you f*** off"])
def test_what_an_honest_text_may_look_like_never_rejects(decide, written):
    assert decide(written).verdict.value == "hold"


@pytest.mark.parametrize("written", ["хyй", "пи3да", "f0ol идиoт"])
def test_latin_letters_and_digits_in_a_russian_word_are_undone(policy, written):
    assert policy.lexicon.matches(Text(written))


def test_a_word_beside_a_capital_may_be_a_name_and_only_holds(decide):
    assert decide("those kikes again").verdict.value == "reject"
    assert decide("We met Yosef Kike Lopez there.").verdict.value != "reject"


def test_a_word_of_another_language_counts_in_its_own_only(policy):
    assert [m.entry.lemma for m in policy.lexicon.matches(Text("It is time to talk to him."))] == []
    assert policy.lexicon.matches(Text("Le train est en retard, et le contrôleur s'excuse.")) == ()


def test_an_unconfirmed_phrase_hides_no_confirmed_word():
    lexicon = Lexicon(
        [
            Entry(lemma="big bad word", kind="insult", severity="strong", language="en"),
            Entry(lemma="bad", kind="insult", severity="strong", language="en", sources=("a", "b")),
        ]
    )
    assert ("bad", "bad") in seen(lexicon, "a big bad word")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('lemma = "word"\nkind = "insult"\nseverity = "mild"\nforms = ["abc"]', "'abc' is short"),
        (
            'lemma = "words"\nkind = "insult"\nseverity = "mild"\nstems = ["words"]',
            "Name their inflection class",
        ),
        (
            'lemma = "words"\nkind = "insult"\nseverity = "mild"\nstems = ["words"]\ninflection = "noun"',
            r"inflection\.noun\.latin is missing",
        ),
    ],
)
def test_an_entry_that_is_not_complete_is_refused_by_name(tmp_path, entry, said):
    (tmp_path / "en.toml").write_text(f'language = "en"\n[[entry]]\n{entry}\n', "utf-8")
    with pytest.raises(PolicyInvalid, match=said):
        Lexicon.load(tmp_path)


def test_an_ending_without_a_bound_is_refused(tmp_path):
    text = 'language = "en"\n[inflection.noun]\nlatin = "s*"\n[[entry]]\nlemma = "words"\nkind = "insult"\nseverity = "mild"\n'
    (tmp_path / "en.toml").write_text(text, "utf-8")
    with pytest.raises(PolicyInvalid, match=r"inflection\.noun\.latin: has '\*'"):
        Lexicon.load(tmp_path)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("Mrs. Wanker lives on our street.", "hold"),
        ("She moved to Asshole Creek, Nevada.", "hold"),
        ("mrs. wanker lives on our street.", "reject"),
        ("The word bugger and the word whore have odd histories.", "publish"),
        ("You are the very word whore.", "hold"),
    ],
)
def test_a_vulgar_word_in_a_name_holds_and_one_spoken_of_as_a_word_passes(decide, body, verdict):
    assert decide(body).verdict.value == verdict
