"""What the processes of `moderation serve` share: all is loaded before they part."""

import subprocess
import sys

PARTED = """
import gc, os
from datetime import UTC, datetime
from moderation.bootstrap.engine import build_engine
from moderation.classifier import encoder
from moderation.engine.types import Context, Submission
from moderation.settings import Settings
from moderation.store.tables import new_id

engine = build_engine(Settings())

def decide():
    now = datetime.now(UTC)
    said = Submission(site_id="", body="Այս ճանապարհը լավն է, բայց ոչինչ չի փոխվել։ " * 40, received_at=now)
    return engine.decide(said, Context(policy=engine.policy, now=now))

decide(), new_id()
assert len(encoder._SESSIONS) == 1, "the second stage was not loaded"
reading, writing = os.pipe()
children = []
for _ in range(2):
    if not (child := os.fork()):
        assert not [signal for signal in decide().signals if signal.failed]
        os.write(writing, "".join(new_id() + " " for _ in range(20)).encode())
        del engine
        gc.collect()
        assert not encoder._SESSIONS, "the model was not let go"
        os._exit(0)
    children.append(child)
for child in children:
    _, status = os.waitpid(child, 0)
    assert status == 0, status
ids = os.read(reading, 65536).decode().split()
assert len({*ids}) == 40
print("parted")
"""


def test_a_process_that_parted_after_models_were_loaded_decides_lets_them_go_and_makes_ids_of_its_own():
    """A session with threads of its own would wait for them, or abort the process that tidies it up."""
    done = subprocess.run(
        [sys.executable, "-c", PARTED], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "parted\n", done.stderr
