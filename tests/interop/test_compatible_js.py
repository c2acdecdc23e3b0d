"""npm's perspective-api-client and openai believe they talk to Google and to OpenAI."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.builders import a_site, an_api_key, digest_of, stored
from tests.interop.served import served

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent
KEY, ATTACK = "mk_test", "You are an idiot."


@pytest.fixture(scope="module")
def javascript(tmp_path_factory):
    """A function that gives both clients their commands; they are installed as locked, outside the tree."""
    folder = tmp_path_factory.mktemp("javascript")
    for name in ("package.json", "package-lock.json", "compatible.cjs"):
        shutil.copy(HERE / name, folder)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, timeout=300)
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}

    def run(**command):
        return json.loads(
            subprocess.run(
                ["node", "--no-deprecation", "compatible.cjs"],
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


@pytest.fixture
def port(tools):
    site = a_site()
    with tools.database.begin() as store:
        stored(store, site, an_api_key(site, digest=digest_of(KEY), scopes=[]))
    with served(tools) as port:
        yield port


def test_both_read_our_answers_as_they_read_their_own_services(javascript, port):
    answers = javascript(port=port, key=KEY, text=ATTACK)
    scores = answers["analyzed"]["attributeScores"]
    assert scores["TOXICITY"]["summaryScore"]["value"] > 0.5
    assert scores["INSULT"]["summaryScore"]["type"] == "PROBABILITY"
    assert "FLIRTATION" in answers["refused"]["error"] or answers["refused"]["status"] == 400
    assert len(answers["one"]["results"]) == 1
    assert answers["one"]["results"][0]["flagged"] is True
    assert [result["flagged"] for result in answers["parts"]["results"]] == [True, False]


def test_a_wrong_key_is_told_as_each_tells_it(javascript, port):
    answers = javascript(port=port, key="mk_wrong", text=ATTACK)
    assert answers["one"]["status"] == 401
    assert "error" in answers["analyzed"]
