"""A mail server of the real protocol that keeps what it is handed."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from moderation.mail import SmtpMailer

LINK = re.compile(r"https?://\S+")


@dataclass
class Mailbox:
    """What came, the last one last."""

    mailer: SmtpMailer | None = None
    came: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the name that aiosmtpd calls
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert [message["To"]] == envelope.rcpt_tos
        self.came.append(message)
        return "250 kept"

    def path(self, containing: str = "/") -> str:
        """The path of the last link that was sent with this in it."""
        links = [link for message in self.came for link in LINK.findall(message.get_content())]
        found = [link for link in links if containing in link][-1]
        return "/" + found.split("/", 3)[3]

    def token(self, containing: str = "/mine/open/") -> str:
        return self.path(containing).rpartition("/")[2]


@contextmanager
def a_mailbox() -> Iterator[Mailbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Mailbox()
    box.mailer = SmtpMailer("127.0.0.1", port, sender="comments@paper.example", security="none")
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box
    finally:
        server.stop()
