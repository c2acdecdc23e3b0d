"""What tests of the engine share: the real policy, and an engine without learned models."""

from datetime import datetime

import pytest

from moderation.engine import Engine
from moderation.engine.policy import Policy, load_policy
from moderation.engine.types import Article, Context, Decision, Parent, Submission
from moderation.settings import Settings
from tests.builders import NOW

ARTICLE = Article(
    title="Putin Says Karabakh is Azerbaijan",
    author="Asbarez",
    people=("Vladimir Putin", "Ilham Aliyev", "Nikol Pashinyan"),
)


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy(Settings().policy_path)


@pytest.fixture(scope="session")
def rules(policy) -> Engine:
    """The engine with its rules alone."""
    return Engine(policy, {})


@pytest.fixture
def decide(rules, policy):
    """Decide a text under the article everything began with."""

    def decide(body: str, *, parent: Parent | None = None, at: datetime = NOW, **context) -> Decision:
        context.setdefault("article", ARTICLE)
        return rules.decide(
            Submission(site_id="paper", body=body, received_at=at),
            Context(policy=policy, now=at, parent=parent, **context),
        )

    return decide
