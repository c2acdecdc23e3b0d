"""Of what somebody signed, no single bit may change: every one of the body and of the headers, for every sender."""

from datetime import UTC, datetime

import pytest

from moderation.errors import BadSignature
from moderation.protocols import coral as coral_phase
from moderation.protocols import protocols
from tests.web.test_hooks import OTHER_SECRET, SECRET, signed

NOW = datetime(2026, 11, 23, 12, 50, tzinfo=UTC)
BODY = b'{"type":"comment.submitted","timestamp":"2026-11-23T12:50:00Z","data":{"external_id":"c-1","body":"I agree, and here is why: 1 < 2. The bridge is needed, and so is the road."}}'
EVERY = sorted(protocols())


def flips(text: bytes):
    """The text with each of its bits turned, one after the other."""
    for bit in range(8 * len(text)):
        turned = bytearray(text)
        turned[bit // 8] ^= 1 << bit % 8
        yield bytes(turned)


def changed(name: str):
    """Headers and body as signed, with one bit turned in one of them."""
    headers = signed(name, BODY, NOW, f"/hooks/{name}/paper")
    for body in flips(BODY):
        yield headers, body
    for header, value in headers.items():
        if header == "X-Coral-Event":  # Coral signs the body alone, and what happened is read from there
            continue
        for turned in flips(value.encode()):
            yield headers | {header: turned.decode("latin-1")}, BODY


@pytest.mark.parametrize("name", EVERY)
def test_no_turned_bit_is_accepted(name):
    path, secrets = f"/hooks/{name}/paper", [SECRET if name == "standard-webhooks" else OTHER_SECRET]
    protocol = protocols()[name]
    assert protocol.verify(signed(name, BODY, NOW, path), BODY, secrets, NOW, path)
    accepted, tried = [], 0
    for headers, body in changed(name):
        tried += 1
        try:
            protocol.verify(headers, body, secrets, NOW, path)
        except BadSignature:
            continue
        accepted.append((headers, body))
    assert accepted == []
    assert tried > 1_500


def test_ten_thousand_bits_are_turned():
    assert sum(1 for name in EVERY for _ in changed(name)) >= 10_000


def test_no_turned_bit_passes_the_door_of_coral_s_phase():
    signature = coral_phase.sign(BODY, OTHER_SECRET)
    for body, given in [
        *((b, signature) for b in flips(BODY)),
        *((BODY, s.decode("latin-1")) for s in flips(signature.encode())),
    ]:
        with pytest.raises(BadSignature):
            coral_phase.verify(given, body, [OTHER_SECRET])
