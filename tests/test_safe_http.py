"""Nothing that people type as an address makes us speak to our own network, or wait for ever."""

import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpcore
import httpx
import pytest

from moderation.safe_http import BODY_START, AddressRefused, Answer, SafeClient, SendFailed

TLS = Path(__file__).parent / "protocols" / "tls"
PUBLIC, PUBLIC_6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Note: kept\r\n\r\nok"


class Sockets(httpcore.SyncBackend):
    """Plain sockets that keep a list of where they went, and may be led to a local port."""

    def __init__(self, lead_to=None):
        self.went, self._lead_to = [], lead_to

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.went.append(host)
        if self._lead_to is None:
            raise httpcore.ConnectError("not in a test")
        if self._lead_to.get(host) is None:
            raise httpcore.ConnectTimeout("nobody there")
        return super().connect_tcp("127.0.0.1", self._lead_to[host], timeout, local_address, socket_options)


def answers(**names):
    """A resolver that knows these names, hyphens for underscores; all others have a public address."""
    asked = []

    def resolve(host, _port):
        asked.append(host)
        return names.get(host.split(".")[0].replace("-", "_"), [PUBLIC])

    resolve.asked = asked
    return resolve


def is_whole(request):
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return not head[:4].isalpha() or (end and len(body) >= int(length.group(1)))


@contextmanager
def a_server(talk, tls=None, *, reads_bodies=True):
    """A real server on loopback; `talk(connection, request)` answers each request."""
    requests = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(5)
                    stream = tls.wrap_socket(connection, server_side=True) if tls else connection
                    request = stream.recv(65536)
                    while reads_bodies and request and not is_whole(request):
                        request += stream.recv(65536)
                    requests.append(request)
                    talk(stream, request)
                    if tls:
                        stream.close()
                except OSError:
                    pass

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], requests
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def says(answer):
    return lambda stream, _request: stream.sendall(answer)


def a_local_client(**changes):
    return SafeClient(**({"allow_private": True, "seconds": 5.0} | changes))


def server_tls():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "server.pem")
    return context


def trusting_tests():
    return ssl.create_default_context(cafile=TLS / "authority.pem")


# --- whom it speaks to

BYPASSES = r"""
http://example.com/
ftp://example.com/
file:///etc/passwd
gopher://example.com/
//example.com/
example.com
https://
https:///path
https:example.com
https://example.com:80/
https://example.com:8443/
https://example.com:22/
https://example.com:0/
https://example.com:99999/
https://user@example.com/
https://user:password@example.com/
https://example.com@127.0.0.1/
https://127.0.0.1#@example.com/
https://127.0.0.1?@example.com/
https://example.com\@127.0.0.1/
https://127.0.0.1\@example.com/
https://exa mple.com/
https://example.com%00.evil.com/
https://example.com%2f@127.0.0.1/
https://127.0.0.1/
https://127.0.0.1:443/
https://127.1/
https://127.0.1/
https://0/
https://0.0.0.0/
https://127.255.255.254/
https://2130706433/
https://0x7f000001/
https://0x7f.0x0.0x0.0x1/
https://0x7f.1/
https://0X7F.0.0.1/
https://017700000001/
https://0177.0.0.1/
https://127.0.0.01/
https://0000127.0.0.1/
https://127.0.0.1./
https://1.2.3.4.5/
https://example.0x1/
https://%31%32%37.0.0.1/
https://①②⑦.0.0.1/
https://127。0。0。1/
https://１２７.0.0.1/
https://10.0.0.1/
https://10.255.255.255/
https://100.64.0.1/
https://169.254.169.254/latest/meta-data/
https://169.254.0.1/
https://172.16.0.1/
https://172.31.255.255/
https://192.168.0.1/
https://192.0.0.1/
https://192.0.0.192/
https://192.0.2.1/
https://192.88.99.1/
https://198.18.0.1/
https://198.51.100.1/
https://203.0.113.1/
https://224.0.0.1/
https://239.255.255.250/
https://240.0.0.1/
https://255.255.255.255/
https://168.63.129.16/
https://100.100.100.200/
https://[::]/
https://[::1]/
https://[0:0:0:0:0:0:0:1]/
https://[::127.0.0.1]/
https://[::ffff:127.0.0.1]/
https://[::ffff:7f00:1]/
https://[::ffff:93.184.215.14]/
https://[::ffff:0:127.0.0.1]/
https://[64:ff9b::127.0.0.1]/
https://[64:ff9b::a9fe:a9fe]/
https://[64:ff9b:1::a9fe:a9fe]/
https://[100::1]/
https://[2001::1]/
https://[2001:0:53aa:64c:0:0:80ff:fffe]/
https://[2001:10::1]/
https://[2001:20::1]/
https://[2001:db8::1]/
https://[2002:7f00:1::]/
https://[2002:a9fe:a9fe::1]/
https://[3fff::1]/
https://[5f00::1]/
https://[fc00::1]/
https://[fd00:ec2::254]/
https://[fe80::1]/
https://[fe80::1%25eth0]/
https://[fec0::1]/
https://[ff02::1]/
https://[::1/
https://[v1.fe80]/
https://localhost/
https://LOCALHOST/
https://localhost./
https://sub.localhost/
https://localhost.localdomain/
https://printer/
https://printer.local/
https://printer.lan/
https://metadata.google.internal/
https://router.home.arpa/
https://service.test/
https://x..example.com/
https://-x.example.com/
https://x*.example.com/
https://*.example.com/
https://loopback.example.com/
https://loopback-6.example.com/
https://private.example.com/
https://metadata.example.com/
https://mapped.example.com/
https://nat64.example.com/
https://scoped.example.com/
https://mixed.example.com/
https://numeral.example.com/
""".strip().splitlines()
INNER = (
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
)


def spellings(address):
    """An inner address in every notation that some resolver or parser takes for it."""
    a, b, c, d = (int(part) for part in address.split("."))
    whole = int.from_bytes(bytes((a, b, c, d)), "big")
    yield from (
        address,
        f"{address}.",
        f"{whole}",
        f"{whole:#x}",
        f"0{whole:o}",
        f"{a}.{whole & 0xFFFFFF}",
        f"{a}.{b}.{c << 8 | d}",
    )
    yield from (
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:#x}.{b}.0{c:o}.{d}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
    )
    for prefix in ("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"):
        yield from (f"[{prefix}{address}]", f"[{prefix}{whole >> 16:x}:{whole & 0xFFFF:x}]")
    yield f"[2002:{whole >> 16:x}:{whole & 0xFFFF:x}::]"


BYPASSES = list(
    dict.fromkeys([*BYPASSES, *(f"https://{host}/" for address in INNER for host in spellings(address))])
)
INNER_NAMES = answers(
    loopback=["127.0.0.1"],
    loopback_6=["::1"],
    private=["10.1.2.3"],
    metadata=["169.254.169.254"],
    mapped=["::ffff:10.0.0.1"],
    nat64=["64:ff9b::a00:1"],
    scoped=["fe80::1%eth0"],
    mixed=[PUBLIC, "192.168.1.1"],
    numeral=["127.1"],
)


@pytest.mark.parametrize(
    "url", [*BYPASSES, "https://example.com/\r\nX: y", "https://a\tb.com/", "https://" + "a" * 2000]
)
def test_no_way_leads_inside(url):
    """Each is refused before any connection, by the address itself or by what its name stands for."""
    sockets = Sockets()
    with pytest.raises(AddressRefused):
        SafeClient(allow_private=False, resolver=INNER_NAMES, backend=sockets).post(url, b"{}", {})
    assert sockets.went == []


def test_the_table_of_ways_inside_is_long():
    assert len(set(BYPASSES)) == len(BYPASSES) >= 200


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook?a=b",
        "https://EXAMPLE.com:443/",
        "https://example.com./",
        "https://xn--y9a3aq.xn--y9a3aq/",
        "https://սահակ.հայ/",
        "https://1a.example.com/",
        "https://a_b.example.com/",
        f"https://{PUBLIC}/",
        f"https://[{PUBLIC_6}]/",
        "https://0x.example.com/",
    ],
)
def test_the_public_internet_is_reached(url):
    sockets = Sockets()
    with pytest.raises(SendFailed):
        SafeClient(allow_private=False, resolver=answers(), backend=sockets).post(url, b"{}", {})
    assert sockets.went in ([PUBLIC], [PUBLIC_6])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1", "[fd12::1]", "100.64.0.1", "receiver"]
)
def test_private_networks_are_reached_where_that_is_allowed(host):
    sockets = Sockets()
    with pytest.raises(SendFailed):
        SafeClient(allow_private=True, resolver=answers(receiver=["172.18.0.3"]), backend=sockets).post(
            f"http://{host}:8080/", b"{}", {}
        )
    assert len(sockets.went) == 1


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "[::]",
        "224.0.0.1",
        "127.1",
        "[fe80::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_metadata_and_special_addresses_are_refused_even_then(host):
    sockets = Sockets()
    with pytest.raises(AddressRefused):
        SafeClient(allow_private=True, backend=sockets).post(f"http://{host}/", b"{}", {})
    assert sockets.went == []


def test_an_address_can_be_checked_before_it_is_kept():
    client = SafeClient(allow_private=False, resolver=INNER_NAMES, backend=Sockets())
    client.check("https://example.com/hook")
    with pytest.raises(AddressRefused):
        client.check("https://private.example.com/")


def test_a_name_that_changes_its_mind_changes_nothing():
    """The first answer was checked, so the connection goes there; a second question is never asked."""
    turns = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    with a_server(says(OK), server_tls()) as (port, requests):
        sockets = Sockets({PUBLIC: port, "127.0.0.1": port})
        client = SafeClient(
            allow_private=False, resolver=lambda *_: next(turns), backend=sockets, tls=trusting_tests()
        )
        assert client.post("https://hooks.example.org/in", b"{}", {}).status == 200
        assert sockets.went == [PUBLIC]
        with pytest.raises(AddressRefused):  # the next message asks anew, and is told the truth
            client.post("https://hooks.example.org/in", b"{}", {})
    assert len(requests) == 1


def test_the_receiver_sees_its_own_name_in_host_and_tls():
    seen = []
    context = server_tls()
    context.sni_callback = lambda _connection, name, _context: seen.append(name)
    with a_server(says(OK), context) as (port, requests):
        client = SafeClient(
            allow_private=False, resolver=answers(), backend=Sockets({PUBLIC: port}), tls=trusting_tests()
        )
        answer = client.post("https://hooks.example.org/in?x=1", b'{"a":1}', {"webhook-id": "m1"})
    assert answer == Answer(200, {"content-length": "2", "x-note": "kept"}, b"ok")
    assert seen == ["hooks.example.org"]
    [request] = requests
    assert request.startswith(b"POST /in?x=1 HTTP/1.1\r\nHost: hooks.example.org\r\n")
    assert b"webhook-id: m1\r\n" in request.lower()
    assert request.endswith(b'{"a":1}')


def test_the_next_address_is_tried_where_the_first_is_silent():
    with a_server(says(OK), server_tls()) as (port, _):
        sockets = Sockets({PUBLIC: port})
        client = SafeClient(
            allow_private=False,
            resolver=answers(hooks=[PUBLIC_6, PUBLIC]),
            backend=sockets,
            tls=trusting_tests(),
        )
        assert client.post("https://hooks.example.org/", b"{}", {}).status == 200
    assert sockets.went == [PUBLIC_6, PUBLIC]


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with a_server(says(OK)) as (proxy, through_proxy), a_server(says(OK)) as (port, straight):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert (len(through_proxy), len(straight)) == (0, 1)


# --- what comes back


@pytest.mark.parametrize("status", [200, 204, 400, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(status):
    with a_server(says(b"HTTP/1.1 %d X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n" % status)) as (
        port,
        _,
    ):
        answer = a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert (answer.status, answer.headers["retry-after"]) == (status, "7")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with a_server(says(OK)) as (target, visits):
        location = b"http://127.0.0.1:%d/" % target
        redirect = b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location)
        with a_server(says(redirect)) as (port, _):
            assert a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {}).status == status
    assert visits == []


def test_an_early_answer_counts_though_the_body_was_not_read():
    def refuse(stream, _request):
        stream.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")

    with a_server(refuse, reads_bodies=False) as (port, _):
        assert a_local_client().post(f"http://127.0.0.1:{port}/", b"x" * 20_000, {}).status == 413


def test_of_a_huge_answer_only_the_start_is_read():
    sent = []

    def pour(stream, _request):
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        sent.extend(stream.send(b"x" * 1_000_000) for _ in range(100))

    with a_server(pour) as (port, _):
        answer = a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert answer.body_start == b"x" * BODY_START
    assert sum(sent) < 50_000_000


def test_a_compressed_answer_is_not_unpacked():
    """A kilobyte may unpack to a gigabyte."""
    with a_server(
        says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08")
    ) as (port, seen):
        assert a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {}).body_start == b"\x1f\x8b\x08"
    assert b"accept-encoding: identity\r\n" in seen[0].lower()


def drip(start):
    def talk(stream, _request):
        stream.sendall(start)
        for _ in range(100):
            stream.sendall(b"x")
            time.sleep(0.05)

    return talk


def hang(stream, _request):
    stream.settimeout(3)
    stream.recv(1)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(hang, id="silence"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: "), id="dripping headers"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), id="a dripping body"),
    ],
)
def test_a_slow_receiver_is_left_at_the_deadline(talk):
    """Each byte comes in time, the whole does not."""
    with a_server(talk) as (port, _):
        began = time.monotonic()
        with pytest.raises(SendFailed) as failed:
            a_local_client(seconds=0.4).post(f"http://127.0.0.1:{port}/", b"{}", {})
        assert time.monotonic() - began < 2
    assert failed.value.reason == "timeout"


def test_a_slow_name_server_is_left_at_the_deadline():
    began = time.monotonic()
    with pytest.raises(SendFailed) as failed:
        a_local_client(seconds=0.2, resolver=lambda *_: time.sleep(3)).post("https://example.com/", b"{}", {})
    assert time.monotonic() - began < 2
    assert failed.value.reason == "timeout"


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(says(b""), id="nothing"),
        pytest.param(says(b"HTTP/1.1 2"), id="half a line"),
        pytest.param(says(b"SSH-2.0-OpenSSH_9.2\r\n"), id="another protocol"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), id="half a body"),
    ],
)
def test_an_answer_that_breaks_off_is_a_failure(talk):
    with a_server(talk) as (port, _), pytest.raises(SendFailed) as failed:
        a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert failed.value.reason in {"protocol", "unreachable"}


def test_a_closed_port_is_a_failure():
    with a_server(says(OK)) as (port, _):
        pass
    with pytest.raises(SendFailed) as failed:
        a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert failed.value.reason == "unreachable"


def test_a_name_without_address_is_a_failure(monkeypatch):
    def unknown(*_arguments, **_named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for resolver in (lambda *_: [], None):
        with pytest.raises(SendFailed) as failed:
            a_local_client(resolver=resolver).post("https://nowhere.example.com/", b"{}", {})
        assert failed.value.reason == "unresolvable"


def test_names_are_resolved_as_the_system_does():
    with a_server(says(OK)) as (port, _):
        assert a_local_client().post(f"http://localhost:{port}/", b"{}", {}).status == 200


def tls_failure(tls_of_server, tls_of_client, host="hooks.example.org"):
    with a_server(says(OK), tls_of_server) as (port, requests):
        client = SafeClient(
            allow_private=False,
            resolver=answers(),
            backend=Sockets({PUBLIC: port}),
            tls=tls_of_client,
            seconds=5.0,
        )
        with pytest.raises(SendFailed) as failed:
            client.post(f"https://{host}/", b"secret", {})
    assert not any(b"secret" in request for request in requests)
    return failed.value.reason


def test_a_certificate_of_an_unknown_authority_is_refused():
    assert tls_failure(server_tls(), None) == "tls"


def test_a_certificate_of_another_name_is_refused():
    assert tls_failure(server_tls(), trusting_tests(), "other.example.org") == "tls"


def test_a_receiver_without_tls_is_refused():
    assert tls_failure(None, trusting_tests()) == "tls"


def test_a_line_break_cannot_enter_the_headers():
    with a_server(says(OK)) as (port, requests), pytest.raises(SendFailed):
        a_local_client().post(f"http://127.0.0.1:{port}/", b"{}", {"x": "a\r\nEvil: b"})
    assert not any(b"Evil" in request for request in requests)


def test_a_test_may_take_the_place_of_the_network_but_not_of_the_checks():
    seen = []

    def handle(request):
        seen.append(request.url.host)
        return httpx.Response(202, text="taken")

    client = SafeClient(allow_private=False, transport=httpx.MockTransport(handle), resolver=INNER_NAMES)
    assert client.post("https://example.com/", b"{}", {}).body_start == b"taken"
    with pytest.raises(AddressRefused):
        client.post("https://private.example.com/", b"{}", {})
    assert seen == ["example.com"]


def test_no_error_repeats_the_address():
    """An address may hold a token, and errors reach logs and pages."""
    with pytest.raises(AddressRefused) as refused:
        SafeClient(allow_private=False).post("https://127.0.0.1/?token=hush", b"{}", {})
    assert "hush" not in str(refused.value) + str(refused.value.private)
