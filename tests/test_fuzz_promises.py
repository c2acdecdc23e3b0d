"""The promises that `make fuzz` holds for any bytes hold for seeds and for some noise, and break where they are broken."""

import random

import pytest

from moderation.protocols import ghost
from tests.fuzz import promises
from tests.fuzz.promises import PROMISES, SEEDS


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_holds_for_seeds_and_noise(name):
    draw = random.Random(name)
    for seed in SEEDS[name]:
        PROMISES[name](seed)
        for _ in range(10 if name == "answers" else 40):
            turned = bytearray(seed)
            for _ in range(draw.randrange(1, 6)):
                turned[draw.randrange(len(turned))] = draw.randrange(256)
            PROMISES[name](bytes(turned))
    for size in (0, 1, 40, 400):
        PROMISES[name](draw.randbytes(size))


def test_a_promise_that_is_broken_is_told(monkeypatch):
    monkeypatch.setattr(ghost.PROTOCOL.__class__, "verify", lambda *_: "accepted")
    with pytest.raises(AssertionError, match="ghost accepted"):
        promises.signatures(b"")
    monkeypatch.setattr(promises, "fold", lambda text: text + "x")
    with pytest.raises(AssertionError):
        promises.folding(b"a")
    monkeypatch.setattr(promises, "READERS", (lambda body: body[10],))
    with pytest.raises(IndexError):
        promises.messages(b"")
