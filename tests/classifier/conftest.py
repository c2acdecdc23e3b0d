"""Data and models of the made-up language."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from made_up import a_comment, rows_of, write_rows
from sklearn.linear_model import LogisticRegression

from moderation.classifier.artefact import LinearScorer, save
from moderation.classifier.features import HashedNgrams
from moderation.engine.policy import Policy, load_policy
from moderation.settings import Settings


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """A DATA folder with 900 rows to train on and 300 to measure."""
    folder = tmp_path_factory.mktemp("data")
    write_rows(
        folder / "train.parquet", rows_of(1, 900, ("toxic_spans", "wiki_context_toxicity", "cad_reddit"))
    )
    dev = rows_of(2, 300, ("toxic_spans", "wiki_context_toxicity", "unhealthy_ucc", "hatecheck"))
    for row in dev:
        if row["source"] == "hatecheck":
            row["extra"] = json.dumps({"functionality": "ident_neutral_nh"})
    write_rows(folder / "dev.parquet", dev)
    return folder


@pytest.fixture(scope="session")
def toy(tmp_path_factory) -> LinearScorer:
    """A saved and loaded model of two heads; the first one minds the rude words, the second one `school`."""
    random_ = random.Random(7)
    texts = [a_comment(random_, rude=index % 2 == 0) for index in range(400)]
    features = HashedNgrams(bits=14)
    matrix = features.transform(texts)
    heads = [
        LogisticRegression(C=10).fit(matrix, wanted)
        for wanted in ([index % 2 == 0 for index in range(400)], ["school" in text for text in texts])
    ]
    return save(
        tmp_path_factory.mktemp("models") / "toy",
        name="toy",
        labels=("personal-attack", "spam"),
        shape=features.shape,
        weights=np.stack([head.coef_[0] for head in heads], axis=1).astype(np.float32),
        biases=np.array([head.intercept_[0] for head in heads], np.float32),
    )


@pytest.fixture
def toy_folder(toy, tmp_path) -> Path:
    """A fresh folder of the toy model, to be damaged."""
    folder = tmp_path / "toy"
    save(
        folder,
        name="toy",
        labels=toy.labels,
        shape=toy.shape,
        weights=toy.weights[:-1, :2],
        biases=toy.biases,
    )
    return folder


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The policy in use."""
    return load_policy(Settings().policy_path)
