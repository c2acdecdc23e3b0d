"""The only HTTP client: it sends where an operator may point it, and nowhere inside.

A webhook's address is written by people, so a request could be aimed at our own network (SSRF). Each `post`
therefore resolves the host once, refuses unless every answer is a public address, and connects to exactly
those addresses: a name that changes its mind in between (DNS rebinding) changes nothing. Redirects are never
followed, proxies and certificates of the environment never used, and one deadline covers all from the name
to the last byte.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

import httpcore
import httpx

from moderation.errors import ModerationError

SECONDS = 15.0  # the Standard Webhooks specification asks for 15 to 30
BODY_START = 65_536  # bytes of an answer that are read; receivers answer with a status
_LONGEST_URL = 2_000
_MOST_ADDRESSES = 4  # tried one after the other, IPv6 and IPv4
_PIECE = 16_384  # bytes written before the deadline is looked at again

T = TypeVar("T")

Resolver = Callable[[str, int], Sequence[str]]
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(ModerationError):
    """An address that we do not send to: its form, its port, or the network behind its name."""

    code, status, title = "address-refused", 422, "The address is refused"


class SendFailed(ModerationError):
    """Nothing usable came back; `reason` is one of unresolvable, unreachable, tls, timeout, protocol."""

    code, status, title = "send-failed", 502, "Sending failed"

    def __init__(self, sentence: str, *, reason: str) -> None:
        super().__init__(sentence, reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver answered; `headers` have lower-case names, `body_start` is cut at 64 KB."""

    status: int
    headers: Mapping[str, str]
    body_start: bytes


class SafeClient:
    """A client for POST requests to addresses that people typed in.

    Args:
        allow_private: also send to loopback and private networks, by http and to any port (development, or
            a receiver next door). Link-local, metadata, multicast and reserved addresses stay refused.
        transport: takes the place of the network in tests; checks and resolution stay.
        resolver: returns the addresses of a host; the system's by default.
        backend: opens connections, to the checked addresses only; plain sockets by default.
        tls: whom to trust; the certifi bundle by default.
        seconds: the time all of a `post` may take.
    """

    def __init__(
        self,
        allow_private: bool,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver | None = None,
        *,
        backend: httpcore.NetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._allow_private = allow_private
        self._transport = transport
        self._resolve = resolver or _system_resolver
        self._backend = backend or httpcore.SyncBackend()
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._seconds = seconds

    def check(self, url: str) -> None:
        """Return if `url` may be sent to as its name resolves now; raise AddressRefused or SendFailed."""
        self._addresses(self._parse(url), _Deadline(self._seconds))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return what the receiver answered, whatever its status; raise AddressRefused or SendFailed."""
        deadline = _Deadline(self._seconds)
        parsed = self._parse(url)
        addresses = self._addresses(parsed, deadline)
        transport = self._transport or _PinnedTransport(addresses, deadline, self._backend, self._tls)
        sent = {"user-agent": "moderation-webhooks", "accept-encoding": "identity", **headers}
        try:
            with (
                httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client,
                client.stream("POST", parsed, content=body, headers=sent) as response,
            ):
                # The bytes as they came: an answer of a kilobyte may unpack to a gigabyte.
                raw = cast("httpx.SyncByteStream", response.stream)
                return Answer(response.status_code, dict(response.headers), _start_of(raw))
        except (httpcore.TimeoutException, httpx.TimeoutException) as error:
            raise deadline.passed() from error
        except (httpcore.NetworkError, httpx.NetworkError) as error:
            raise SendFailed("The connection was refused or broke off.", reason="unreachable") from error
        except (httpcore.ProtocolError, httpx.TransportError) as error:
            raise SendFailed("What came back is not HTTP.", reason="protocol") from error

    def _parse(self, url: str) -> httpx.URL:
        """Return the URL if its form leaves no doubt about whom it means."""
        # Backslashes and control characters are what parsers disagree about.
        if len(url) > _LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", url):
            raise AddressRefused("The address is too long, or has spaces, control characters or backslashes.")
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise AddressRefused("The address is not a URL: write it as https://host/path.") from None
        if parsed.scheme != "https" and not (self._allow_private and parsed.scheme == "http"):
            raise AddressRefused("Only https addresses are sent to.")
        if not parsed.host:
            raise AddressRefused("The address has no host: write it as https://host/path.")
        if parsed.userinfo:
            raise AddressRefused(
                "An address may not carry a user or password: the signature proves who sends."
            )
        if parsed.port not in {None, 443} and not self._allow_private:
            raise AddressRefused("Only port 443 is sent to.")
        return parsed

    def _addresses(self, url: httpx.URL, deadline: "_Deadline") -> list[str]:
        """Return the addresses that `url` means now, each of them checked."""
        host = url.raw_host.decode("ascii").lower()
        literal = _as_address(host)
        if literal is None:
            self._refuse_odd_name(host)
            port = url.port or (443 if url.scheme == "https" else 80)
            found = [_as_address(text) for text in deadline.limit(lambda: self._resolve(host, port))]
        else:
            found = [literal]
        if not found:
            raise SendFailed("The host has no address.", reason="unresolvable")
        # One inner address among public ones is no mistake but an attempt.
        if not all(address is not None and self._may_reach(address) for address in found):
            raise AddressRefused("The address is not on the public internet.")
        return [str(address) for address in found]

    def _refuse_odd_name(self, host: str) -> None:
        """Raise AddressRefused for numerals in disguise and for names that mean something inside."""
        labels = host.removesuffix(".").split(".")
        # What ends in a number is an IPv4 address to browsers and inet_aton: 127.1, 0x7f000001, 017700000001.
        is_numeral = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1])
        if is_numeral or not all(
            re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels
        ):
            raise AddressRefused("The host is neither a domain name nor a plainly written address.")
        if not self._allow_private and (len(labels) == 1 or labels[-1] in _INNER_DOMAINS):
            raise AddressRefused("The host's name is not one of the public internet.")

    def _may_reach(self, address: IPAddress) -> bool:
        if any(address in network for network in _METADATA):
            return False
        if self._allow_private and any(address in network for network in _PRIVATE):
            return True
        if isinstance(address, ipaddress.IPv6Address) and address not in _IPV6_UNICAST:
            return False
        return not any(address in network for network in _SPECIAL)


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in text.split())


# The tables stand here because `is_global` of a standard library as old as 3.11.7 errs (CVE-2024-4032).
# Where clouds answer with credentials or settings, whatever network the address is in: AWS, Google, Azure
# and others; AWS over IPv6; Azure's own; Alibaba; Oracle.
_METADATA = _networks("169.254.0.0/16 fd00:ec2::/32 168.63.129.16/32 100.100.100.200/32 192.0.0.192/32")
_PRIVATE = _networks("10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7")
# https://www.iana.org/assignments/iana-ipv6-special-registry: outside 2000::/3 nothing is public. That shuts
# out mapped (::ffff:0:0/96), compatible, translated and NAT64 (64:ff9b::/96) forms of IPv4, and local scopes.
_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv4-special-registry and, inside 2000::/3, the IPv6 one:
# protocol assignments with Teredo and ORCHID (2001::/23), documentation, 6to4 (2002::/16).
_SPECIAL = _networks("""
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    2001::/23 2001:db8::/32 2002::/16 3fff::/20
""")
# Special-use and commonly private top-level names: RFC 6761, 6762, 8375 and 9476, ICANN's .internal.
_INNER_DOMAINS = frozenset(
    "alt arpa corp home internal intranet invalid lan local localdomain localhost onion private test".split()  # noqa: SIM905
)


def _as_address(text: str) -> IPAddress | None:
    """Return the IP address that `text` plainly is; no zones, no leading zeros, no short forms."""
    try:
        return ipaddress.ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _system_resolver(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SendFailed("The host's name could not be resolved.", reason="unresolvable") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _start_of(chunks: Iterable[bytes]) -> bytes:
    """Return what is sent first, leaving the rest unread."""
    start = bytearray()
    for chunk in chunks:
        start += chunk
        if len(start) >= BODY_START:
            break
    return bytes(start[:BODY_START])


class _Deadline:
    """One moment that every wait of a request ends by, however slowly the other side lets bytes drip."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left, or raise SendFailed where there are none."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise self.passed()
        return seconds

    def passed(self) -> SendFailed:
        """Return the error of a deadline that has passed."""
        return SendFailed(f"No full answer within {self._seconds:g} seconds.", reason="timeout")

    def limit(self, call: Callable[[], T]) -> T:
        """Return what `call` returns, waiting no longer than is left: name resolution knows no time-out."""
        outcome: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

        def run() -> None:
            try:
                outcome.put((call(), None))
            except Exception as error:  # noqa: BLE001  # raised again below, in the caller's thread
                outcome.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        try:
            result, error = outcome.get(timeout=self.remaining())
        except Empty:
            raise self.passed() from None
        if error is not None:
            raise error
        return cast("T", result)


class _PinnedTransport(httpx.BaseTransport):
    """HTTP over connections to addresses checked before; Host, SNI and certificate stay those of the URL."""

    def __init__(
        self,
        addresses: Sequence[str],
        deadline: _Deadline,
        backend: httpcore.NetworkBackend,
        tls: ssl.SSLContext,
    ) -> None:
        pinned = _PinnedBackend(addresses, deadline, backend)
        self._pool = httpcore.ConnectionPool(ssl_context=tls, max_connections=1, network_backend=pinned)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body still to come."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body of an answer as httpx wants it."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        """Close the answer, and the connection with it if bytes are left."""
        self._answer.close()


class _PinnedBackend(httpcore.NetworkBackend):
    """Connections to the given addresses, whatever host is asked for."""

    def __init__(
        self, addresses: Sequence[str], deadline: _Deadline, backend: httpcore.NetworkBackend
    ) -> None:
        self._addresses = addresses[:_MOST_ADDRESSES]
        self._deadline = deadline
        self._backend = backend

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  # resolved and checked before
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a stream to the first address that answers; each gets an equal share of the time."""
        left = len(self._addresses)
        for address in self._addresses:
            share = self._deadline.remaining() / left
            left -= 1
            try:
                stream = self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not left:
                    raise
            else:
                return _TimedStream(stream, self._deadline)
        raise httpcore.ConnectError("no address")


class _TimedStream(httpcore.NetworkStream):
    """A stream of which every wait ends by the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Return the next bytes."""
        return self._stream.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send the bytes, in pieces that each look at the deadline."""
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._deadline.remaining())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Return the stream encrypted to a server that proves its name; raise SendFailed if it cannot."""
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.remaining())
        except httpcore.ConnectError as error:
            raise SendFailed(
                "The receiver's TLS certificate or handshake is not valid.", reason="tls"
            ) from error
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks of the connection."""
        return self._stream.get_extra_info(info)
