"""`make fuzz SECONDS=30`: every promise for so many seconds; exit status 1 where one is broken or an input takes over 50 ms."""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.promises import PROMISES, SEEDS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "fuzz"
LIMIT = 0.05  # seconds of the processor: no input may take longer, whatever it is
LONGEST = 4096


def fuzz(name: str, seconds: int) -> tuple[int, str, list[str]]:
    """How many inputs were tried, what broke (or nothing), and which inputs take too long."""
    corpus, slow = KEPT / name / "corpus", KEPT / name / "slow"
    for folder in (corpus, slow):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(slow), str(corpus)]
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={KEPT / name}/",
        "-timeout=10",
    ]
    ran = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, errors="replace"
    )
    tried = [int(number) for number in re.findall(r"^(?:#|Done )(\d+)", ran.stderr, re.MULTILINE)]
    broken = "" if ran.returncode == 0 else (ran.stdout + ran.stderr)[-1500:]
    return (
        max(tried, default=0),
        broken,
        [path.name for path in slow.iterdir() if takes_long(name, path.read_bytes())],
    )


def takes_long(name: str, data: bytes) -> bool:
    """Whether an input takes long in code as it serves: the least of three times."""
    times = []
    for _ in range(3):
        began = time.process_time()
        PROMISES[name](data)
        times.append(time.process_time() - began)
    return min(times) > LIMIT


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("names", nargs="*", default=[*PROMISES])
    asked = parser.parse_args()
    wrong = 0
    print(f"{'promise':12}{'inputs':>10}  what came of it")
    for name in asked.names:
        tried, broken, slow = fuzz(name, asked.seconds)
        said = (
            "kept" if not broken and not slow else f"{len(slow)} slow {slow[:3]}" if not broken else "BROKEN"
        )
        print(f"{name:12}{tried:>10}  {said}", flush=True)
        if broken:
            print(broken)
        wrong += bool(broken or slow or not tried)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
