"""A FHIR resource in XML as the plain structure that JSON has, built while it is parsed.

XML does not say what repeats and what is a number: the table of shapes does. Parts that it does not read are skipped.
No DTD, no entity and nothing from elsewhere is ever read; depth and size are bounded.
"""

import re
from collections.abc import Iterable
from typing import Any

from scrubber.errors import ClaimError
from scrubber.readers.fhir.shapes import PRIMITIVES, RESOURCES, SHAPES, of_text
from scrubber.readers.pieces import LONGEST

SPACE = "http://hl7.org/fhir"
_DEEPEST = 64                          # elements inside each other; a Claim in a Bundle has some twelve
_FED = 1 << 16                         # bytes at once: the parser takes ten million that it is given for an attack
_ENCODING = re.compile(rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_UTF_8 = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_DOCTYPE = "has a DOCTYPE, which FHIR does not allow and which is never read; leave it out"


class _Refused(Exception):
    """Ends the parsing; says why."""


class _Node:
    """An element that is open.

    Attributes:
        kind: Its type in the table; "Resource" where the next element says which; "" of what is skipped.
        name: How its parent calls it, and whether the table has it repeat there.
    """

    __slots__ = ("kind", "many", "name", "value")

    def __init__(self, kind: str, name: str, many: bool, value: Any) -> None:
        self.kind, self.name, self.many, self.value = kind, name, many, value


class _Builder:
    """What lxml tells of a document, as plain structure; a target of its parser.

    Attributes:
        root: The resource.
    """

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[_Node] = []
        self._skipped = 0
        self._depth = 0

    def doctype(self, *_: object) -> None:
        raise _Refused(_DOCTYPE)

    def start(self, tag: Any, attrib: Any, nsmap: Any = None) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Refused("is nested too deeply to be a claim")
        if self._skipped:
            self._skipped += 1
            return
        space, _, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
        if not self._open:
            if space != SPACE:
                raise _Refused(f"is XML, but no FHIR resource; the root of one is in the namespace {SPACE}")
            self._open.append(self._resource(name))
        elif space != SPACE or self._open[-1].kind == "":
            self._skipped = 1
        elif self._open[-1].kind == "Resource":
            parent = self._open[-1]
            inner = self._resource(name)
            parent.value = inner.value if parent.value is None else [parent.value, inner.value]     # two: refused later
            self._open.append(inner)
        else:
            self._element(name, attrib)

    def _resource(self, name: str) -> _Node:
        return _Node(name if name in RESOURCES else "", "", False, {"resourceType": name})

    def _element(self, name: str, attributes: Any) -> None:
        parent = self._open[-1]
        held = SHAPES[parent.kind].get(name)
        if held is None or held in ("-", "!"):
            if held != "-" and name != "resourceType":
                parent.value.setdefault(name, {"": ""})          # for `shaped` to say that it does not belong there
            self._skipped = 1
            return
        kind = held.removesuffix("*")
        if kind in PRIMITIVES:
            value = attributes.get("value")
            # As entities are not replaced, the parser gives every ampersand as a reference to one.
            inner = None if value is None else of_text(value.replace("&#38;", "&").strip(), kind)
        else:
            inner = None if kind == "Resource" else {}
        self._open.append(_Node("" if kind in PRIMITIVES else kind, name, kind != held, inner))

    def end(self, tag: str | bytes) -> None:
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
            return
        node = self._open.pop()
        if not self._open:
            self.root = node.value
        elif node.name:
            _put(self._open[-1].value, node)

    def data(self, data: str | bytes) -> None:
        """Text between elements says nothing in FHIR."""

    def comment(self, text: str | bytes) -> None:
        """Nor does a comment."""

    def pi(self, target: str | bytes, data: str | bytes | None = None) -> None:
        """Nor an instruction to a processor."""

    def close(self) -> Any:
        return self.root


def _put(parent: dict[str, Any], node: _Node) -> None:
    """Adds a finished element; one that stands twice where R4 has one becomes a list, which is refused later."""
    if node.many:
        parent.setdefault(node.name, []).append(node.value)
    elif node.name not in parent:
        parent[node.name] = node.value
    else:
        before = parent[node.name]
        parent[node.name] = [*(before if isinstance(before, list) else [before]), node.value]


def resource_of(chunks: Iterable[bytes], file: str) -> Any:
    """The resource of an XML file.

    Raises:
        ClaimError: It is none, or cannot be read.
    """
    from lxml.etree import XMLParser, XMLSyntaxError

    builder = _Builder()
    parser = XMLParser(target=builder, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
                       dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True)
    size = 0
    try:
        for chunk in chunks:
            if size == 0:
                _check_encoding(chunk, file)
            size += len(chunk)
            if size > LONGEST:
                raise ClaimError(f"{file}: is XML of more than {LONGEST >> 20} MB; write Bundles of fewer claims, or "
                                 "NDJSON")
            for at in range(0, len(chunk), _FED):
                parser.feed(chunk[at:at + _FED])
        parser.close()
    except _Refused as refused:
        raise ClaimError(f"{file}: {refused}") from None
    except XMLSyntaxError as error:
        line, column = error.position
        raise ClaimError(f"{file}: is no well-formed XML at line {line}, column {column}") from None
    return builder.root


def _check_encoding(start: bytes, file: str) -> None:
    stated = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf").lstrip())
    if stated and stated[1].lower() not in _UTF_8:
        raise ClaimError(f"{file}: is XML in another encoding than UTF-8; FHIR is UTF-8, save it so")
