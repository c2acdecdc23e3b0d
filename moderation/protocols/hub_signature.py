"""GitHub's way to sign, which many systems share: our own events, with X-Hub-Signature-256 over the body alone.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries. No id and no time are signed, so the body
is the id: two messages that are alike but for their `timestamp` are two.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from moderation.protocols import signatures, standard_webhooks
from moderation.protocols.types import Event, SignatureMissing

_HEADER, _PREFIX = "x-hub-signature-256", "sha256="


class HubSignature:
    """The protocol as the hooks route uses it."""

    name = "hub-signature"

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        now: datetime,  # noqa: ARG002  nothing of the time is signed
        path: str = "",  # noqa: ARG002
    ) -> str:
        """Return the message id if any of the secrets signed this body."""
        given = signatures.lower_case(headers).get(_HEADER, "").strip()
        if not given.startswith(_PREFIX):
            raise SignatureMissing("Send the header X-Hub-Signature-256: sha256=...")
        signatures.require(
            body, [given.removeprefix(_PREFIX)], secrets, "sign the body, byte for byte as sent"
        )
        return signatures.id_of_body(body)

    def read(self, body: bytes) -> Event:
        """Return the event that a verified body tells, in the form of our own events."""
        return standard_webhooks.PROTOCOL.read(body)


PROTOCOL = HubSignature()
