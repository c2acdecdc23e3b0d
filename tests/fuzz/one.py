"""Atheris over one promise: `python -m tests.fuzz.one NAME SLOW CORPUS [options of libFuzzer]`.

What takes long is kept in the folder SLOW: instrumented code is slower than what serves, so `run.py` measures it again.
"""

import hashlib
import sys
import time
from pathlib import Path

import atheris

LIMIT = 0.05  # seconds of the processor

with atheris.instrument_imports(include=["moderation"]):
    from tests.fuzz.promises import PROMISES, SEEDS


def main() -> None:
    name, slow, *options = sys.argv[1:]
    promise = PROMISES[name]
    for seed in SEEDS[name]:
        promise(seed)  # what is set up once takes its time

    def measured(data: bytes) -> None:
        began = time.process_time()
        promise(data)
        if time.process_time() - began > LIMIT:
            (Path(slow) / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    atheris.Setup([sys.argv[0], *options], measured)
    atheris.Fuzz()


main()
