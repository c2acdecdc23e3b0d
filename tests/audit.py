"""`make audit`: known faults of what the locks pin, and secrets in the repository; an answer that cannot be had is a failure.

pip-audit skips what its source of advisories does not know and calls the rest clean, so it is first asked for a
release that is known to be faulty: whoever does not know that one is not believed about any other.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CANARY = "jinja2==2.4.1"  # CVE-2014-1402 and later
# Keys and tokens by their form. What looks random or is called a password is left out: tests and examples are full of
# made-up ones, and a list of exceptions hides the next real one.
BY_GUESS = ("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector", "BasicAuthDetector")
LEFT_OUT = r"\.lock$|^models/|\.po$|\.mo$|^tests/protocols/tls/|^node_modules/|^var/|^\.venv"
Run = Callable[[list[str]], "subprocess.CompletedProcess[str]"]


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def faults(run: Run, requirements: Path) -> dict[str, list[str]] | None:
    """What is known to be wrong with pinned releases, by release; None where nobody could say."""
    command = ["-m", "pip_audit", "--strict", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    ran = run([sys.executable, *command, "--format", "json", "-r", str(requirements)])
    try:
        told = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    if any("skip_reason" in part for part in told):
        return None
    found = {f"{part['name']} {part['version']}": [fault["id"] for fault in part["vulns"]] for part in told}
    return {part: ids for part, ids in found.items() if ids}


def problems_of_parts(run: Run, locks: list[Path]) -> list[str]:
    """Sentences of what is wrong with the parts, or why nobody knows."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        canary.write_text(f"{CANARY}\n")
        if not faults(run, canary):
            return [
                f"The source of advisories does not tell that {CANARY} is faulty, so it would not tell of anything else: "
                "nothing was audited. Run this where pip-audit reaches one."
            ]
    problems = []
    for lock in locks:
        found = faults(run, lock)
        if found is None:
            problems.append(f"{lock.name}: not every part could be looked up.")
        else:
            problems += [f"{lock.name}: {part}: {', '.join(ids)}." for part, ids in found.items()]
    return problems


def secrets(run: Run) -> list[str]:
    """Where a key or a token of a known form stands in the repository."""
    plugins = [option for name in BY_GUESS for option in ("--disable-plugin", name)]
    ran = run([sys.executable, "-m", "detect_secrets", "scan", "--exclude-files", LEFT_OUT, *plugins])
    if ran.returncode:
        return [f"detect-secrets could not look: {ran.stderr.strip()[-300:]}"]
    results = json.loads(ran.stdout)["results"]
    return [
        f"{path}:{found['line_number']}: {found['type']}."
        for path, all_of_it in results.items()
        for found in all_of_it
    ]


def main() -> int:
    found = [*secrets(run), *problems_of_parts(run, sorted(ROOT.glob("requirements*.lock")))]
    print("\n".join(found) or "No known fault in any part, no secret in the repository.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
