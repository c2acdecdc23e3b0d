"""Packages a user would pick instead, as systems of the evaluation report.

Each gives one score for a comment, which stands for toxicity and for personal attacks alike, and reads texts as they
were written. alt-profanity-check was trained on Wikipedia talk and on tweets, hatesonar on tweets: rows of
wiki_identity_testset and of the tweet sources may be among them. better-profanity answers only yes or no and takes
about 0.2 ms a character.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from moderation.classifier.systems import System

Answer = Callable[[Sequence[str]], np.ndarray]
_BATCH = 1000
_LOCALE = "en_US.UTF-8"


def _system(package: str, answer: Answer, yes: float, *, slow: bool = False) -> System:
    def score(texts: Sequence[str]) -> dict[str, np.ndarray]:
        found = [answer(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        scores = np.concatenate(found).astype(float) if found else np.zeros(0)
        return {"toxicity": scores, "personal-attack": scores}

    return System(
        package,
        version(package),
        score,
        {label: {"yes": yes} for label in ("toxicity", "personal-attack")},
        slow,
    )


def alt_profanity_check() -> System:
    """Return alt-profanity-check by its probability; its yes is that of `predict`."""
    from profanity_check import predict_prob  # noqa: PLC0415  each peer only where it is asked for

    return _system("alt-profanity-check", lambda texts: predict_prob(list(texts)), 0.5)


def better_profanity() -> System:
    """Return better-profanity by its answer, with its own word list."""
    from better_profanity import profanity  # noqa: PLC0415

    profanity.load_censor_words()
    return _system(
        "better-profanity",
        lambda texts: np.array([profanity.contains_profanity(text) for text in texts]),
        1.0,
        slow=True,
    )


def hatesonar() -> System:
    """Return hatesonar by the probability that a comment is hate speech or offensive language."""
    with_locale()  # before onnxruntime asks for it
    from hatesonar import Sonar  # noqa: PLC0415

    sonar = Sonar()

    def answer(texts: Sequence[str]) -> np.ndarray:
        return np.array([1 - sonar.ping(text)["classes"][-1]["confidence"] for text in texts])

    return _system("hatesonar", answer, 0.5)


PEERS = {
    "alt-profanity-check": alt_profanity_check,
    "hatesonar": hatesonar,
    "better-profanity": better_profanity,
}


def with_locale() -> None:
    """Give glibc a locale of the name onnxruntime's StringNormalizer asks for; C.UTF-8 lower-cases the same letters."""
    compiled = [
        path for path in Path("/usr/lib/locale").glob("*") if path.name.lower() in {"c.utf8", "c.utf-8"}
    ]
    if not compiled or "LOCPATH" in os.environ or any(Path("/usr/lib/locale").glob("en_US.[uU]*")):
        return
    folder = Path(tempfile.mkdtemp(prefix="locale-"))
    (folder / _LOCALE).symlink_to(compiled[0])
    os.environ["LOCPATH"] = str(folder)
