"""An archive as a file: which format it has, and the entries in it, read piece by piece."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from moderation.errors import InvalidInput
from moderation.protocols.archives import disqus, isso, json_lines, wxr
from moderation.protocols.archives.types import FORMATS, Entry, Format

_HEAD = 1 << 14
_GZIP, _SQLITE = b"\x1f\x8b", b"SQLite format 3\0"
_READERS = {"wxr": wxr.read, "disqus": disqus.read, "jsonl": json_lines.read}


@dataclass
class Archive:
    """A file whose format is known; `read` tells how many of its `size` bytes were read."""

    path: Path
    format: Format
    size: int
    read: int = field(default=0, init=False)

    def digest(self) -> str:
        """Return the SHA-256 of the file, by which it is known when it comes again."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def entries(self) -> Iterator[Entry]:
        """Yield what is in the file, always in the same order.

        Raises:
            InvalidInput: it is not of this format. Broken: it cannot be read on.
        """
        if self.format == "isso":
            total = max(1, isso.count(self.path))
            for number, found in enumerate(isso.read(self.path), 1):
                self.read = self.size * number // total
                yield found
            return
        with _unpacked(self.path) as (raw, file):
            for found in _READERS[self.format](file):
                self.read = raw.tell()
                yield found
            self.read = raw.tell()


def open_archive(path: Path, wanted: str = "auto") -> Archive:
    """Return the archive at a path; with `auto` its format is told by how it begins.

    Raises:
        InvalidInput: there is no such file, it is empty, or of no format known here.
    """
    if wanted not in ("auto", *FORMATS):
        raise InvalidInput(f"There is no format {wanted[:20]!r}. Choose auto, {', '.join(FORMATS)}.")
    try:
        size = path.stat().st_size
        with _unpacked(path) as (_, file):
            head = file.read(_HEAD)
    except OSError as error:
        raise InvalidInput(
            f"{path}: cannot be read ({error.strerror or 'not whole'}). Name a file."
        ) from None
    except (EOFError, zlib.error):
        head = b"?"
    if not head:
        raise InvalidInput(f"{path}: is empty.")
    found = _format_of(head) if wanted == "auto" else cast("Format", wanted)
    if found is None:
        raise InvalidInput(
            f"{path}: is no archive known here (WordPress's WXR, Disqus's XML, Isso's database, our JSON Lines). "
            "Say which with --format if it is one."
        )
    archive = Archive(path, found, size)
    if found == "isso":
        isso.count(path)  # refuses a database of another kind before anything is stored
    return archive


def _format_of(head: bytes) -> Format | None:
    if head.startswith(_SQLITE):
        return "isso"
    text = head.replace(b"\0", b"")  # UTF-16 is read too
    if b"http://disqus.com" in text and b"<disqus" in text:
        return "disqus"
    if b"http://wordpress.org/export/" in text and b"<rss" in text:
        return "wxr"
    return "jsonl" if head.lstrip().startswith(b'{"archive"') else None


@contextmanager
def _unpacked(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Give the file as it lies there, and its bytes unpacked where it is compressed."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        if not packed:
            yield raw, raw
            return
        with closing(gzip.GzipFile(fileobj=raw)) as file:
            yield raw, cast("BinaryIO", file)
