"""A newsroom that learns: a small shipped model of a made-up language, moderators' decisions, candidates.

Everybody is rude in words nobody uses. The shipped model knows three of them; moderators here reject others.
"""

import json
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from moderation.bootstrap.engine import adopt_models, build_engine
from moderation.classifier import artefact, ledger
from moderation.classifier.features import HashedNgrams
from moderation.classifier.hashing import Shape
from moderation.classifier.training import train
from moderation.engine import Engine
from moderation.services import Tools
from moderation.services.learning import DECISIONS
from moderation.settings import Settings
from moderation.store.tables import Comment
from tests.builders import NOW, Discussion, a_label, a_stored_comment, an_author, stored
from tests.classifier.made_up import CALM, a_comment, rows_of, write_rows

OURS = ("zumpet", "grelk", "wiffon", "drustle")  # rude words of this paper's readers
RECIPE = """
name = "first"
fewest_cases = 20
[[files]]
name = "train.parquet"
[ngrams]
bits = 16
[calibration]
share = 0.3
[calibration.clean]
wiki_context_toxicity = 1.0
[heads.personal-attack]
infer_clean = true
prevalence = 0.01
"""
GOLDEN = """
language = "en"
[[case]]
body = "people came to listen about the new road"
verdict = "publish"
why = "Plain news."
[[case]]
body = "the council met again near the old school"
verdict = "publish"
why = "Plain news."
"""
SENTENCES = """
[[template]]
language = "en"
text = "People came to the {adjective} school to listen to the council."
[[template]]
language = "en"
text = "The council met again today about the {adjective} road near the school."
[[group]]
en = { adjective = "old", plural = "the old" }
[[group]]
en = { adjective = "new", plural = "the new" }
"""


class School:
    """The files of the newsroom: configuration, data, shipped model; `settings` for a test of its own."""

    def __init__(self, home: Path) -> None:
        self.home, original = home, Settings().policy_path
        shutil.copytree(original.parent, home / "config")
        shutil.copytree(original.parent.parent / "seeds", home / "seeds")
        shutil.rmtree(home / "config" / "decisions")
        (home / "config" / "decisions").mkdir()
        (home / "config" / "decisions" / "innocent.en.toml").write_text(GOLDEN, "utf-8")
        (home / "config" / "identity.toml").write_text(SENTENCES, "utf-8")
        self.data = home / "data"
        self.data.mkdir()
        sources = ("toxic_spans", "wiki_context_toxicity", "cad_reddit")
        trained = rows_of(1, 450, sources)
        for row in trained[::13]:  # raters err; without it scores would lie at the ends of the scale
            row |= {name: 1 - row[name] for name in ("toxic", "attack") if row[name] is not None}
        write_rows(self.data / "train.parquet", trained)
        write_rows(self.data / "dev.parquet", rows_of(2, 120, (*sources[:2], "unhealthy_ucc")))
        self.recipe = home / "models" / "first" / "recipe.toml"
        self.recipe.parent.mkdir(parents=True)
        self.recipe.write_text(RECIPE, "utf-8")
        train(self.recipe, self.data, progress=False)
        self.engine = build_engine(Settings(**self.places(home / "nothing-learned")))

    def places(self, learned: Path) -> dict[str, Any]:
        return {
            "policy_path": self.home / "config" / "policy.toml",
            "models_dir": self.home / "models",
            "learned_dir": learned,
        }

    def engine_over(self, learned: Path) -> Engine:
        """The engine as a process would build it now: the same policy, the models in force."""
        engine = Engine(self.engine.policy, {}, self.engine.detectors)
        adopt_models(Settings(**self.places(learned)), engine)
        return engine


def judged(
    store: Any, discussion: Discussion, number: int, *, rude: bool, seed: int = 1, **label: Any
) -> list[Comment]:
    """Store comments of as many authors, each with a moderator's decision."""
    random_ = random.Random(f"{seed}{rude}")
    found = []
    for count in range(number):
        author = an_author(discussion.site)
        stored(store, author)
        words = a_comment(random_, rude=False).split()
        if rude:
            words.insert(random_.randrange(len(words)), random_.choice(OURS))
        comment = a_stored_comment(
            store,
            discussion,
            id=f"c{seed}{rude:d}{count}",  # so that the same ones are held out each time
            author=author,
            body=" ".join(words),
            state="rejected" if rude else "published",
        )
        said = {"verdict": "reject", "clause": "personal-attack"} if rude else {"verdict": "publish"}
        stored(store, a_label(comment, **said | label))
        found.append(comment)
    return found


def a_model(place: Path, minds: Iterable[str] = OURS, by: float = 12.0) -> Path:
    """Save a model that minds these words and nothing else; return its folder."""
    shape, features = Shape(bits=14), HashedNgrams(bits=14)
    weights = np.zeros((shape.buckets, 1), np.float32)
    others = features.transform([word for word in CALM if word not in minds])
    for word in minds:
        weights[np.setdiff1d(features.transform([word]).indices, others.indices), 0] += by
    labels, biases = ("personal-attack",), np.array([-3.0], np.float32)
    artefact.save(place, name="first", labels=labels, shape=shape, weights=weights, biases=biases)
    return place


def a_candidate(tools: Tools, minds: Iterable[str] = OURS, by: float = 12.0) -> str:
    """Put a model where `learn` would, with the record that it was trained here; return its version."""
    learned = tools.settings.learned_dir
    folder = a_model(learned / ".made" / "first", minds, by)
    (folder / DECISIONS).write_text('{"limits": {}}', "utf-8")
    (folder / "metrics.json").write_text(json.dumps({"training": {"files": {}}}), "utf-8")
    artefact.seal(folder)
    version = artefact.load(folder).version
    folder.parent.rename(learned / version)
    digest = ledger.digest_of(learned / version / "first")
    with tools.database.begin() as store:
        store.audit.append(NOW, "cli", "model.trained", f"model:{version}", detail={"digest": digest})
    return version
