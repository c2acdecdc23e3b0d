"""XML read element by element: what is not asked for is not kept, and nothing is fetched or expanded."""

import zlib
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from gzip import BadGzipFile
from html import escape
from typing import Any, BinaryIO, Never
from xml.parsers import expat

from moderation.errors import InvalidInput
from moderation.protocols.archives.types import Broken

_CHUNK = 1 << 16
_DEEPEST = 64
_MOST = 1_000_000  # characters of one element; a comment has fewer, and what has more is no comment
# WordPress exports whatever bytes a comment has; XML knows no control characters and would end there.
_CONTROLS = bytes(range(9)) + b"\x0b\x0c" + bytes(range(0x0E, 0x20))
_SPACES = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_NO_XML = dict.fromkeys((*_CONTROLS, 65534, 65535, *range(55296, 57344)))


class Element:
    """An element that was asked for, whole; `within` names the one it stands in."""

    __slots__ = ("_parts", "attributes", "children", "line", "name", "overlong", "within")

    def __init__(self, name: str, attributes: Mapping[str, str], within: str, line: int) -> None:
        self.name, self.attributes, self.within, self.line = name, attributes, within, line
        self.children: list[Element] = []
        self.overlong = False
        self._parts: list[str] = []

    def add(self, text: str) -> None:
        """Take more text."""
        self._parts.append(text)

    @property
    def text(self) -> str:
        """Return the text of the element itself."""
        return "".join(self._parts)

    def child(self, name: str) -> "Element | None":
        """Return the first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str:
        """Return the text of the first child of this name, without spaces around it."""
        found = self.child(name)
        return found.text.strip() if found is not None else ""


class _Parsing:
    """The handlers of one file, and the elements that are whole since the last look."""

    def __init__(self, root: str, kept: Collection[str], spaces: Mapping[str, str]) -> None:
        self.ready: deque[Element] = deque()
        self._root, self._kept, self._spaces = root, kept, spaces
        self._path: list[str] = []
        self._open: list[Element] = []
        self._size = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def _refuse(self, *_: Any) -> Never:
        raise InvalidInput(
            "The file has a document type definition or entities of its own, which can make it grow without end or "
            "fetch other files. No export has them: take the file from the system that wrote it."
        )

    def _name(self, name: str) -> str:
        """Return a name with the short prefix of its namespace."""
        space, _, local = name.rpartition(" ")
        for begin, prefix in self._spaces.items():
            if space.startswith(begin):
                return prefix + local
        return f"{space} {local}" if space else local

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = self._name(name)
        if not self._path and name != self._root:
            raise InvalidInput(f"The file is XML, but not of this format: it begins with <{name[-60:]}>.")
        if len(self._path) >= _DEEPEST:
            raise Broken(
                f"line {self.parser.CurrentLineNumber}: elements are nested more than {_DEEPEST} deep"
            )
        if self._open or name in self._kept:
            within = self._path[-1] if self._path else ""
            named = {self._name(key): value for key, value in attributes.items()}
            found = Element(name, named, within, self.parser.CurrentLineNumber)
            if self._open:
                self._open[-1].children.append(found)
            else:
                self._size = 0
            self._open.append(found)
        self._path.append(name)

    def _text(self, text: str) -> None:
        if not self._open:
            return
        self._size += len(text)
        if self._size > _MOST:
            self._open[0].overlong = True
        else:
            self._open[-1].add(text)

    def _end(self, _: str) -> None:
        self._path.pop()
        if self._open:
            whole = self._open.pop()
            if not self._open:
                self.ready.append(whole)


def elements(
    file: BinaryIO, root: str, kept: Collection[str], spaces: Mapping[str, str]
) -> Iterator[Element]:
    """Yield the elements of these names, whole, in the order in which they end.

    Args:
        file: bytes of XML.
        root: the name the outermost element must have.
        kept: names of elements; what stands inside one is part of it.
        spaces: short prefixes by the beginning of the namespace.

    Raises:
        InvalidInput: another root, a document type definition or an entity. Broken: it cannot be read on.
    """
    parsing = _Parsing(root, kept, spaces)
    wide = None
    while True:
        try:
            chunk = file.read(_CHUNK)
            wide = (
                chunk[:4].startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in chunk[:4]
                if wide is None
                else wide
            )
            parsing.parser.Parse(chunk if wide else chunk.translate(_SPACES), not chunk)
        except expat.ExpatError as error:
            yield from parsing.ready
            raise Broken(f"line {error.lineno}: not XML any more ({expat.ErrorString(error.code)})") from None
        except (EOFError, BadGzipFile, zlib.error, OSError):
            yield from parsing.ready
            raise Broken(f"line {parsing.parser.CurrentLineNumber}: the compressed file ends early") from None
        except (ValueError, LookupError):  # an encoding that expat, or Python for it, cannot read
            raise Broken("line 1: the encoding is unknown") from None
        except Broken:
            yield from parsing.ready
            raise
        while parsing.ready:
            yield parsing.ready.popleft()
        if not chunk:
            return


def told(text: str) -> str:
    """Return text as it may stand in XML."""
    return escape(text.translate(_NO_XML), quote=True)


def as_told(text: str) -> str:
    """Return text as CDATA, whatever it holds."""
    kept = text.translate(_NO_XML).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{kept}]]>"
