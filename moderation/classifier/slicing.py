"""Which comments of a corpus have what: length, whom they speak to or of, disguise, dialect."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from moderation.classifier.ranking import Mask
from moderation.engine.text import Text

# Peoples, faiths and the like by the words that name them; a comment can name several.
IDENTITIES = {
    "Armenian": "armenian armenians armenia",
    "Turkish or Azerbaijani": "turk turks turkish azeri azeris azerbaijani azerbaijanis",
    "Russian or Ukrainian": "russian russians ukrainian ukrainians",
    "Muslim": "muslim muslims islam islamic moslem moslems",
    "Jewish": "jew jews jewish judaism",
    "Christian": "christian christians christianity catholic catholics protestant protestants",
    "black": "black blacks african africans african-american",
    "white": "white whites caucasian caucasians",
    "Asian": "asian asians chinese japanese korean koreans indian indians",
    "Latino or immigrant": "latino latinos latina hispanic hispanics mexican mexicans immigrant immigrants migrant migrants refugee refugees",
    "women": "woman women female females girl girls feminist feminists",
    "men": "man men male males boy boys",
    "gay or lesbian": "gay gays lesbian lesbians homosexual homosexuals queer queers bisexual lgbt lgbtq",
    "transgender": "trans transgender transsexual transgendered",
    "disabled": "disabled disability blind deaf wheelchair autistic",
}
_SECOND = "you your yours yourself yourselves u ur youre you're ya y'all yall"
# Words of African American English as it is written online: a proxy, and no more than that.
_DIALECT = (
    "ain't aint y'all yall finna tryna gon bruh bruv homie dat dis dem dey dawg nah imma i'mma ima lemme wanna gonna"
    " gotta cuz ol thang wit witcha wassup sista brotha mama"
)


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile(r"(?<![\w'])(?:" + "|".join(map(re.escape, words.split())) + r")(?![\w'])")


_NAMED = {name: _any_of(words) for name, words in IDENTITIES.items()}
_SPEAKS_TO, _SPEAKS_LIKE = _any_of(_SECOND), _any_of(_DIALECT)


def identities(folded: Sequence[str]) -> dict[str, Mask]:
    """Return for each identity which of the texts name it."""
    return {name: _marked(bool(word.search(text)) for text in folded) for name, word in _NAMED.items()}


def slices(originals: Sequence[str]) -> dict[str, Mask]:
    """Return which of the texts are of what length, speak to somebody, name an identity, are disguised or in dialect."""
    texts = [Text(original) for original in originals]
    lengths = np.array([len(text) for text in originals])
    named = _marked(any(word.search(text.folded) for word in _NAMED.values()) for text in texts)
    speaks_to = _marked(bool(_SPEAKS_TO.search(text.folded)) for text in texts)
    return {
        "all": np.ones(len(texts), dtype=bool),
        "under 50 characters": lengths < 50,
        "50 to 199": (lengths >= 50) & (lengths < 200),
        "200 to 499": (lengths >= 200) & (lengths < 500),
        "500 and more": lengths >= 500,
        "says you": speaks_to,
        "does not say you": ~speaks_to,
        "names a group": named,
        "names no group": ~named,
        "may hold a disguised word": _marked(bool(text.disguises) for text in texts),
        "dialect words (proxy)": _marked(bool(_SPEAKS_LIKE.search(text.folded)) for text in texts),
    }


def _marked(found: Iterable[bool]) -> Mask:
    return np.fromiter(found, dtype=bool)
