"""The application as a server on a free port of this machine, for clients that want an address."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from moderation.services import Tools
from moderation.web import create_app


@contextmanager
def served(tools: Tools) -> Iterator[int]:
    """Give the port at which the application over these tools answers."""
    server = make_server("127.0.0.1", 0, create_app(tools), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
