"""A proxy that answers for a host whose address a client has fixed: nothing of the client is changed, no root is needed.

The client is told of the proxy and of the certificate by the environment, as in any company's network.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@contextmanager
def intercepted(host: str, port: int, folder: Path) -> Iterator[dict[str, str]]:
    """Give the environment in which calls to `https://host` arrive at a plain HTTP server on `port` of this machine."""
    chain = _certificate(host, folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(chain)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, host, port, tls), daemon=True).start()
        proxy = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield {
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "",
            "no_proxy": "",
            "SSL_CERT_FILE": str(chain),
        }
        listening.shutdown(socket.SHUT_RDWR)


def _certificate(host: str, folder: Path) -> Path:
    """Return a file with a certificate for `host` and its key, valid for a day."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def _accept(listening: socket.socket, host: str, port: int, tls: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:  # closed: the test is over
            return
        threading.Thread(target=_carry, args=(client, host, port, tls), daemon=True).start()


def _carry(client: socket.socket, host: str, port: int, tls: ssl.SSLContext) -> None:
    """Answer CONNECT, be the host to the client, and hand every byte to our server and back."""
    asked = b""
    while not asked.endswith(b"\r\n\r\n") and (some := client.recv(4096)):
        asked += some
    if not asked.startswith(f"CONNECT {host}:443 ".encode()):
        client.sendall(b"HTTP/1.1 502 Not that host\r\n\r\n")
        client.close()
        return
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    with (
        contextlib.suppress(OSError),
        tls.wrap_socket(client, server_side=True) as inside,
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        back = threading.Thread(target=_pump, args=(server, inside), daemon=True)
        back.start()
        _pump(inside, server)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65_536):
            sink.sendall(some)
        sink.shutdown(socket.SHUT_WR)
