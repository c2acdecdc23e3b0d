"""npm's akismet and akismet-api (the one Coral uses) believe they talk to Akismet."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from moderation.store.tables import Comment, LabelledDecision
from tests.builders import a_site, an_api_key, digest_of, stored
from tests.interop.served import served
from tests.workbench import rows

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent
KEY, BLOG, HOST = "c0ffee123456", "https://paper.example", "rest.moderation.test"


@pytest.fixture(scope="module")
def javascript(tmp_path_factory):
    """A function that gives both clients their commands; they are installed as locked, outside the tree."""
    folder = tmp_path_factory.mktemp("javascript")
    for name in ("package.json", "package-lock.json", "akismet.cjs"):
        shutil.copy(HERE / name, folder)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, timeout=300)
    # `request` would ask a proxy of the environment.
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}

    def run(**command):
        return json.loads(
            subprocess.run(
                ["node", "--no-deprecation", "akismet.cjs"],
                cwd=folder,
                env=environment,
                input=json.dumps(command),
                capture_output=True,
                encoding="utf-8",
                check=True,
                timeout=60,
            ).stdout
        )

    return run


def ask(javascript, port, **changes):
    bodies = ("I see it otherwise, and here is why.", "This is fucking bullshit.", "არცახი სომხეთია და მორჩა")
    comments = [
        {
            "user_ip": "192.0.2.9",
            "comment_type": "comment",
            "comment_author": "Ann",
            "comment_author_email": "ann@example.com",
            "comment_content": body,
        }
        for body in bodies
    ]
    return javascript(
        **{"port": port, "key": KEY, "blog": BLOG, "host": HOST, "comments": comments} | changes
    )


@pytest.fixture
def port(tools):
    site = a_site(origins=[BLOG])
    with tools.database.begin() as store:
        stored(store, site, an_api_key(site, digest=digest_of(KEY), scopes=["akismet"]))
    with served(tools) as port:
        yield port


def test_every_call_of_both_is_answered_as_they_read_it(javascript, port, tools):
    answers = ask(javascript, port)
    assert answers["akismet"] == {"verify": True, "check": [False, True, True], "spam": None, "ham": None}
    thanks = "Thanks for making the web a better place."
    assert answers["api"] == {"verify": True, "check": [False, True, True], "spam": thanks, "ham": thanks}
    assert [comment.state for comment in rows(tools.database, Comment)] == [
        state for state in ("published", "rejected", "held") for _ in range(2)
    ]
    labels = rows(tools.database, LabelledDecision)
    assert [label.verdict for label in labels] == ["reject", "publish", "reject", "publish"]
    assert all(label.comment_id for label in labels)


def test_a_wrong_key_is_told_as_each_tells_it(javascript, port):
    answers = ask(javascript, port, key="deadbeef0000")
    assert (answers["akismet"]["verify"], answers["api"]["verify"]) == (False, False)
    assert answers["api"]["check"] == ["error: Invalid API key"] * 3
