"""Messages out: through the SMTP server of the settings, or a twin that prints them."""

import smtplib
import ssl
import sys
from collections.abc import Mapping
from email import policy
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal, Protocol, TextIO
from urllib.parse import unquote, urlsplit

import structlog

from moderation.errors import Misconfigured, ModerationError

Security = Literal["starttls", "tls", "none"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("none", 25),
}
_SECONDS = 15.0

log = structlog.get_logger()


class _OneLine(UnstructuredHeader):
    """A header with an address in it: folded by default into encoded words, where nobody looks for an address."""

    def fold(self, *, policy: policy.Policy) -> str:
        """Return the header on one line, which may be 998 characters long (RFC 5322 section 2.1.1)."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)  # type: ignore[arg-type]  # typeshed knows mixins only
_POLICY = policy.default.clone(header_factory=_HEADERS)


class MailFailed(ModerationError):
    """The mail server did not take a message; it may be tried again."""

    code, status, title = "mail-failed", 503, "The message could not be sent"


class Mailer(Protocol):
    """What sends a message of plain text to one address."""

    def send(self, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Return when the message, with `headers` besides its own, is handed over; raise MailFailed if it is not."""
        ...


class ConsoleMailer:
    """The twin for development: prints the message where the operator can copy its links."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Print the message; the log learns only that there was one."""
        more = "".join(f"--- {name}: {value}\n" for name, value in (headers or {}).items())
        print(
            f"\n--- To: {to}\n--- Subject: {subject}\n{more}{text}\n---",
            file=self._stream or sys.stdout,
            flush=True,
        )
        log.info("mail_printed")


class SmtpMailer:
    """Hands messages to a mail server, encrypted unless told otherwise."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        username: str = "",
        password: str = "",
        security: Security = "starttls",
        tls: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._username, self._password = username, password
        self._security = security
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def send(self, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Hand one message over; the log learns only that there was one."""
        message = self._message(to, subject, text, headers or {})
        try:
            with self._connect() as server:
                if self._security == "starttls":
                    server.starttls(context=self._tls)
                if self._username:
                    server.login(self._username, self._password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # The server's words may repeat the address, so only the kind of error is told.
            raise MailFailed("The mail server did not take the message.", kind=type(error).__name__) from None
        log.info("mail_sent")

    def check(self) -> None:
        """Return when the server answers and takes our name and password, as if to send; raise MailFailed if not."""
        try:
            with self._connect() as server:
                if self._security == "starttls":
                    server.starttls(context=self._tls)
                if self._username:
                    server.login(self._username, self._password)
                server.noop()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise MailFailed("The mail server does not answer.", kind=type(error).__name__) from None

    def _connect(self) -> smtplib.SMTP:
        if self._security == "tls":
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._seconds, context=self._tls)
        return smtplib.SMTP(self._host, self._port, timeout=self._seconds)

    def _message(self, to: str, subject: str, text: str, headers: Mapping[str, str]) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        try:
            message["From"] = self._sender
            message["To"] = to
            message["Subject"] = subject
            for name, value in headers.items():
                message[name] = value
        except ValueError:  # a line break in a header would start another header
            raise MailFailed("The address or the subject has a line break.", kind="header") from None
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip("> ") or None)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
        message.set_content(text)
        return message


def mailer_for(smtp_url: str, sender: str) -> Mailer:
    """Return the mailer that a setting names: "" prints, `smtp://user:password@host:587` sends.

    smtp:// insists on STARTTLS, smtps:// encrypts from the start, smtp+plain:// is for a relay right here.
    """
    if not smtp_url:
        return ConsoleMailer()
    try:
        parts = urlsplit(smtp_url)
        security, usual_port = _SCHEMES[parts.scheme]
        host, port = parts.hostname, parts.port or usual_port
    except (KeyError, ValueError):
        host = None
    if not host or "@" not in sender:
        raise Misconfigured(
            "Mail needs smtp://, smtps:// or smtp+plain:// with a host, and a sender: correct the settings."
        )
    return SmtpMailer(
        host,
        port,
        sender=sender,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=security,
    )
