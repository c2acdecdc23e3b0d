"""Mail reaches the server whole and encrypted, or the caller learns that it did not."""

import base64
import io
import socketserver
import ssl
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from moderation.errors import Misconfigured
from moderation.mail import ConsoleMailer, MailFailed, SmtpMailer, mailer_for

TLS = Path(__file__).parent / "protocols" / "tls"


class Mailbox(socketserver.StreamRequestHandler):
    """One conversation of RFC 5321; the server's `offers`, `refuses` and `kept` say how and what."""

    timeout = 5

    def handle(self):
        if self.server.encrypted:
            self.encrypt()
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            self.server.heard.append(verb)
            if verb in self.server.refuses:
                self.say(self.server.refuses[verb])
            elif verb == "EHLO":
                self.say(
                    "\r\n".join(f"250-{offer}" for offer in ("twin", *self.server.offers))
                    + "\r\n250 8BITMIME"
                )
            elif verb == "STARTTLS":
                self.say("220 go ahead")
                self.encrypt()
            elif verb == "AUTH":
                self.server.kept.append(base64.b64decode(line.split()[2]))
                self.say("235 welcome")
            elif verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.kept.append(b"".join(line.removeprefix(b".") for line in lines))
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def encrypt(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(TLS / "server.pem")
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

    def finish(self):
        self.rfile.close()
        self.wfile.close()
        self.request.close()


class Server(socketserver.TCPServer):
    def handle_error(self, request, client_address):
        """A client that hangs up, as ours does on a wrong certificate, is no news."""


@contextmanager
def a_server(offers=(), refuses=None, encrypted=False):
    with Server(("127.0.0.1", 0), Mailbox) as server:
        server.offers, server.refuses, server.encrypted = offers, refuses or {}, encrypted
        server.kept, server.heard = [], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def a_mailer(server, **changes):
    trusted = ssl.create_default_context(cafile=TLS / "authority.pem")
    named = {
        "sender": "News <desk@news.example>",
        "security": "none",
        "tls": trusted,
        "seconds": 5.0,
    } | changes
    return SmtpMailer("localhost", server.server_address[1], **named)


def test_a_message_arrives_whole():
    with a_server() as server:
        a_mailer(server).send("sam@reader.example", "Հրավեր", "Barev.\n.dot\nհղում՝ https://x.example/?a=b\n")
    [raw] = server.kept
    message = message_from_bytes(raw, policy=policy.default)
    assert (message["to"], message["from"]) == ("sam@reader.example", "News <desk@news.example>")
    assert message["subject"] == "Հրավեր"
    assert message["auto-submitted"] == "auto-generated"
    assert message["date"]
    assert message["message-id"].endswith("@news.example>")
    assert message.get_content().replace("\r\n", "\n") == "Barev.\n.dot\nհղում՝ https://x.example/?a=b\n"


def test_the_address_by_which_a_list_is_left_stands_on_one_line_unencoded():
    """RFC 8058 is read by machines that look for <https://...>, not for encoded words."""
    address = "<https://comments.news.example/unsubscribe/" + "IjAxYTIxMGFiZDdl" * 6 + ".ciLK-yZ4bHGe>"
    headers = {"List-Unsubscribe": address, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    with a_server() as server:
        a_mailer(server).send("sam@reader.example", "S", "T", headers)
    lines = server.kept[0].decode().split("\r\n")
    assert f"List-Unsubscribe: {address}" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


def test_no_header_can_start_another():
    with a_server() as server, pytest.raises(MailFailed):
        a_mailer(server).send(
            "sam@reader.example", "S", "T", {"List-Unsubscribe": "<https://x>\r\nBcc: a@b.example"}
        )
    assert server.kept == []


def test_the_connection_is_encrypted_before_the_password_is_sent():
    with a_server(offers=("STARTTLS", "AUTH PLAIN")) as server:
        a_mailer(server, security="starttls", username="desk", password="hush").send(
            "sam@reader.example", "S", "T"
        )
    assert server.kept[0] == b"\0desk\0hush"
    assert server.heard.index("STARTTLS") < server.heard.index("AUTH")


def test_nothing_is_sent_where_encryption_is_not_offered():
    with a_server(offers=("AUTH PLAIN",)) as server, pytest.raises(MailFailed):
        a_mailer(server, security="starttls", username="u", password="hush").send("a@b.example", "S", "T")
    assert server.kept == []


@pytest.mark.parametrize(("security", "encrypted"), [("starttls", False), ("tls", True)])
def test_nothing_is_sent_to_a_server_that_cannot_prove_its_name(security, encrypted):
    with a_server(offers=("STARTTLS",), encrypted=encrypted) as server, pytest.raises(MailFailed):
        a_mailer(server, security=security, tls=None).send("sam@reader.example", "S", "T")
    assert server.kept == []


def test_a_server_that_speaks_tls_at_once_is_served():
    with a_server(encrypted=True) as server:
        a_mailer(server, security="tls").send("sam@reader.example", "S", "T")
    assert len(server.kept) == 1


@pytest.mark.parametrize(
    "refuses",
    [
        {"RCPT": "550 no sam@reader.example here"},
        {"DATA": "452 full"},
        {"MAIL": "421 away"},
        {"EHLO": "500 what", "HELO": "500 what"},
    ],
)
def test_a_refusal_is_told_without_repeating_the_address(refuses):
    with a_server(refuses=refuses) as server, pytest.raises(MailFailed) as failed:
        a_mailer(server).send("sam@reader.example", "S", "T")
    assert failed.value.status == 503
    assert "sam" not in str(failed.value) + str(failed.value.private)
    assert failed.value.__suppress_context__


def test_a_server_that_is_away_is_told():
    with a_server() as server:
        pass
    with pytest.raises(MailFailed):
        a_mailer(server).send("sam@reader.example", "S", "T")


@pytest.mark.parametrize(
    ("to", "subject"), [("a@b.example\r\nBcc: c@d.example", "S"), ("a@b.example", "S\nBcc: c@d.example")]
)
def test_a_line_break_cannot_add_a_header(to, subject):
    with a_server() as server, pytest.raises(MailFailed):
        a_mailer(server).send(to, subject, "T")
    assert server.heard == []


def test_the_twin_prints_what_it_would_send():
    page = io.StringIO()
    ConsoleMailer(page).send("sam@reader.example", "Welcome", "https://x.example/invite/abc")
    assert "sam@reader.example" in page.getvalue()
    assert "https://x.example/invite/abc" in page.getvalue()


def test_the_log_learns_only_that_there_was_a_message():
    with capture_logs() as logs, a_server() as server:
        ConsoleMailer(io.StringIO()).send("sam@reader.example", "S", "T")
        a_mailer(server).send("sam@reader.example", "S", "T")
    assert logs == [
        {"event": "mail_printed", "log_level": "info"},
        {"event": "mail_sent", "log_level": "info"},
    ]


def test_without_a_server_messages_are_printed():
    assert isinstance(mailer_for("", "desk@news.example"), ConsoleMailer)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 587, "", "", "starttls")),
        ("smtp://me%40x:p%2Fw@mail.example:2525", ("mail.example", 2525, "me@x", "p/w", "starttls")),
        ("smtps://mail.example", ("mail.example", 465, "", "", "tls")),
        ("smtp+plain://localhost", ("localhost", 25, "", "", "none")),
    ],
)
def test_a_setting_names_the_server(url, expected):
    mailer = mailer_for(url, "desk@news.example")
    assert (mailer._host, mailer._port, mailer._username, mailer._password, mailer._security) == expected


@pytest.mark.parametrize(
    ("url", "sender"),
    [("http://x", "a@b"), ("smtp://", "a@b"), ("smtp://u:hush@x:port", "a@b"), ("smtp://u:hush@x", "nobody")],
)
def test_a_setting_that_names_no_server_is_refused_without_its_password(url, sender):
    with pytest.raises(Misconfigured) as refused:
        mailer_for(url, sender)
    assert "hush" not in str(refused.value)
