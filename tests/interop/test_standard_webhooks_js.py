"""npm's standardwebhooks, a second implementation, understands us and we understand it."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moderation.protocols.standard_webhooks import PROTOCOL, new_secret, sign
from moderation.protocols.types import SignatureWrong, TimestampOld

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent
BODY = json.dumps(
    {"type": "comment.held", "data": {"text": "Հայերեն, ünï, \N{GRINNING FACE}, \u2028"}}, ensure_ascii=False
)


@pytest.fixture(scope="module")
def javascript(tmp_path_factory):
    """A function that gives the library one command; the library is installed as locked, outside the tree."""
    folder = tmp_path_factory.mktemp("javascript")
    for name in ("package.json", "package-lock.json", "standard_webhooks.cjs"):
        shutil.copy(HERE / name, folder)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, timeout=300)

    def run(**command):
        return json.loads(
            subprocess.run(
                ["node", "standard_webhooks.cjs"],
                cwd=folder,
                input=json.dumps(command),
                capture_output=True,
                encoding="utf-8",
                check=True,
                timeout=60,
            ).stdout
        )

    return run


def test_the_library_accepts_what_we_sign(javascript):
    secret = new_secret()
    headers = sign("msg_1", datetime.now(UTC), BODY.encode(), secret)
    answer = javascript(command="verify", secret=secret, body=BODY, headers=headers)
    assert answer == {"payload": json.loads(BODY)}


def test_the_library_refuses_what_was_changed_after_we_signed_it(javascript):
    secret = new_secret()
    headers = sign("msg_1", datetime.now(UTC), BODY.encode(), secret)
    assert "refused" in javascript(command="verify", secret=secret, body=BODY + " ", headers=headers)


def test_we_accept_what_the_library_signs(javascript):
    secret, now = new_secret(), datetime.now(UTC)
    seconds = int(now.timestamp())
    signature = javascript(command="sign", secret=secret, id="msg_2", seconds=seconds, body=BODY)
    headers = {"webhook-id": "msg_2", "webhook-timestamp": str(seconds), "webhook-signature": signature}
    assert PROTOCOL.verify(headers, BODY.encode(), [new_secret(), secret], now) == "msg_2"
    with pytest.raises(SignatureWrong):
        PROTOCOL.verify(headers, BODY.encode() + b" ", [secret], now)
    with pytest.raises(TimestampOld):
        PROTOCOL.verify(headers, BODY.encode(), [secret], now + timedelta(minutes=6))
