"""schemathesis asks what the OpenAPI document promises, all checks on: no answer is 5xx, none breaks its schema."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.served import served

RULES = Path(__file__).with_name("schemathesis.toml")
CASES, EACH = (
    2_000,
    250,
)  # at least so many in all; at most so many of an operation in the phase that draws at random


@pytest.fixture
def asked(tools, newsroom):
    """What schemathesis says after it has asked everything of the served application, signed in with a site's key."""
    # No call is refused for coming too fast: what lies behind is what is asked for.
    unhurried = replace(tools, settings=tools.settings.model_copy(update={"api_limit": "1000000 per minute"}))
    with served(unhurried) as port:
        return subprocess.run(
            [
                *(
                    sys.executable,
                    "-m",
                    "schemathesis.cli",
                    "--config-file",
                    str(RULES),
                    "run",
                    f"http://127.0.0.1:{port}/openapi.json",
                ),
                *("--header", f"Authorization: Bearer {newsroom.key}", "--max-examples", str(EACH)),
                *("--phases", "examples,coverage,fuzzing,stateful", "--checks", "all", "--seed", "1"),
                *("--no-color", "--workers", "1"),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=1_200,
        )


def test_every_answer_is_as_the_document_says_and_none_is_an_accident(asked, log):
    assert asked.returncode == 0, asked.stdout[-6_000:] + asked.stderr[-2_000:]
    generated = re.search(r"([\d,]+) generated", asked.stdout)
    assert generated, asked.stdout[-2_000:]
    assert int(generated[1].replace(",", "")) >= CASES
    assert '"accident"' not in log.getvalue()
