"""Parts of others come pinned by hash, and whoever asks for their faults is not told that all is well by mistake."""

import json
import re
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests import audit

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_part_is_pinned_by_its_hash(lock):
    parts = re.split(r"\n(?=[^\s#])", lock.read_text("utf-8").strip())
    parts = [part for part in parts if not part.startswith("#")]
    assert len(parts) > 40
    for part in parts:
        assert re.match(r"[A-Za-z0-9_.-]+(\[[a-z,-]+\])?==[^\s;@]+", part), part.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", part), part.splitlines()[0]
        assert "://" not in part, part.splitlines()[0]


def test_environments_are_made_of_locks_alone():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = [line for line in makefile.splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert all("--no-deps" in line for line in installs)
    assert "--require-hashes" in installs[0]
    assert "--no-build-isolation --editable ." in installs[1]


def told(*parts, code=0):
    return CompletedProcess([], code, json.dumps({"dependencies": [*parts]}), "")


def part(name, *faults):
    return {"name": name, "version": "1", "vulns": [{"id": fault} for fault in faults]}


def source(canary, lock):
    """pip-audit as it answers about the canary, and about a lock."""
    return lambda command: canary if command[-1].endswith("canary.txt") else lock


KNOWN = told(part("jinja2", "PYSEC-1"), code=1)


@pytest.mark.parametrize(
    ("canary", "lock", "says"),
    [
        pytest.param(KNOWN, told(part("flask")), None, id="clean"),
        pytest.param(KNOWN, told(part("flask", "PYSEC-2"), code=1), "flask 1: PYSEC-2", id="faulty"),
        pytest.param(
            told(part("jinja2")), told(part("flask")), "nothing was audited", id="it knows no faults"
        ),
        pytest.param(
            told({"name": "jinja2", "skip_reason": "not found"}), told(), "nothing was audited", id="it skips"
        ),
        pytest.param(
            CompletedProcess([], 1, "", "no network"), told(), "nothing was audited", id="it is away"
        ),
        pytest.param(
            KNOWN, told({"name": "ours", "skip_reason": "not found"}), "not every part", id="it skips a part"
        ),
        pytest.param(KNOWN, CompletedProcess([], 1, "", "error"), "not every part", id="it breaks off"),
    ],
)
def test_an_audit_is_believed_only_from_who_knows_what_is_faulty(canary, lock, says):
    problems = audit.problems_of_parts(source(canary, lock), [Path("requirements.lock")])
    assert (says is None and problems == []) or (says and says in problems[0])


def test_a_secret_that_is_found_is_told_with_its_place():
    result = {"results": {"config/x": [{"line_number": 3, "type": "AWS Access Key"}]}}
    found = audit.secrets(lambda _: CompletedProcess([], 0, json.dumps(result), ""))
    assert found == ["config/x:3: AWS Access Key."]
    assert "could not look" in audit.secrets(lambda _: CompletedProcess([], 2, "", "broken"))[0]
