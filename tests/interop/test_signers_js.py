"""GitHub's and Contentful's own libraries sign what we receive."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moderation.protocols import contentful, hub_signature
from moderation.protocols.types import SignatureWrong, TimestampOld

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent
BODY = json.dumps({"sys": {"type": "Entry"}, "words": "Հայերեն, ünï, \N{GRINNING FACE}"}, ensure_ascii=False)
PATH = "/hooks/contentful/paper"
SECRET = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A function that gives the headers a library makes; the libraries are installed as locked, outside the tree."""
    folder = tmp_path_factory.mktemp("signers")
    for name in ("package.json", "package-lock.json", "signers.cjs"):
        shutil.copy(HERE / name, folder)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, timeout=300)

    def run(**command):
        return json.loads(
            subprocess.run(
                ["node", "signers.cjs"],
                cwd=folder,
                input=json.dumps({"secret": SECRET, "body": BODY} | command),
                capture_output=True,
                encoding="utf-8",
                check=True,
                timeout=60,
            ).stdout
        )

    return run


def test_what_octokit_signs_is_accepted_and_nothing_else(signed):
    headers, now = signed(command="octokit"), datetime.now(UTC)
    assert hub_signature.PROTOCOL.verify(headers, BODY.encode(), ["older", SECRET], now)
    with pytest.raises(SignatureWrong):
        hub_signature.PROTOCOL.verify(headers, BODY.encode() + b" ", [SECRET], now)
    with pytest.raises(SignatureWrong):
        hub_signature.PROTOCOL.verify(headers, BODY.encode(), ["older"], now)


@pytest.mark.parametrize("path", [PATH, "/hooks/contentful/the-paper"])
def test_what_contentful_signs_is_accepted_in_its_time_at_its_address_alone(signed, path):
    now = datetime.now(UTC)
    headers = signed(command="contentful", path=path, timestamp=int(now.timestamp() * 1000))
    headers |= {"Content-Type": "application/vnd.contentful.management.v1+json"}
    assert contentful.PROTOCOL.verify(headers, BODY.encode(), ["older", SECRET], now, path)
    for body, place in ((BODY + " ", path), (BODY, path + "s")):
        with pytest.raises(SignatureWrong):
            contentful.PROTOCOL.verify(headers, body.encode(), [SECRET], now, place)
    with pytest.raises(TimestampOld):
        contentful.PROTOCOL.verify(headers, BODY.encode(), [SECRET], now + timedelta(minutes=6), path)
