"""The tabular list of ICD-10-CM: every node with its title, notes and seventh characters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from scrubber.errors import TableError
from scrubber.symbols import pack
from scrubber.tables.importers.documents import Document

_KINDS = {"excludes1": "excludes1", "excludes2": "excludes2", "codeFirst": "code_first",
          "useAdditionalCode": "use_additional", "codeAlso": "code_also", "includes": "includes"}
_EXCEPTION = re.compile(r"7th characters ([A-Z](?:(?:,| and|, and) [A-Z])*) do not apply to codes in category "
                        r"(\w+) with 6th character (.+)")


@dataclass(frozen=True)
class Seventh:
    """Which seventh characters the codes below a node take.

    Attributes:
        code: The node, without dot.
        characters: Those allowed; "" where the node has only a placeholder and what stands above it holds.
        placeholder: The node's own code ends in the placeholder X.
    """

    code: str
    characters: str
    placeholder: bool


@dataclass(frozen=True)
class Note:
    """One note: the node that owns it (for a section or chapter, each category in it), kind, level and text."""

    code: str
    kind: str
    level: str
    text: str


@dataclass(frozen=True)
class Tabular:
    """What a tabular list says.

    Attributes:
        year: Its fiscal year.
        entries: Billable flag and title by code, headers included.
        sevenths: By node.
        notes: In the order of the list.
    """

    year: int
    entries: dict[str, tuple[int, str]]
    sevenths: list[Seventh]
    notes: list[Note]


@dataclass(frozen=True)
class _Exception:
    category: str
    sixths: str
    characters: str

    def forbids(self, code: str, character: str) -> bool:
        return (code.startswith(self.category) and len(code) > 5 and code[5] in self.sixths
                and character in self.characters)


def is_tabular(document: Document) -> bool:
    """Whether this is the tabular list."""
    return document.suffix == ".xml" and "<ICD10CM.tabular" in document.head


def read_tabular(document: Document) -> Tabular:
    """The tabular list.

    Raises:
        TableError: It is damaged, or declares entities.
    """
    data = document.data()
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _declares(document)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
                             remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise TableError(f"{document.label}: row {error.lineno}: is damaged XML ({error.msg}); "
                         "download it again") from None
    info: Any = root.getroottree().docinfo
    if info.doctype:                                 # in an encoding in which its bytes are others
        raise _declares(document)
    version = (root.findtext("version") or "").strip()
    if not re.fullmatch(r"20\d\d", version):
        raise TableError(f"{document.label}: its version {version!r} is no year")
    tabular = Tabular(int(version), {}, [], [])
    for chapter in root.findall("chapter"):
        _walk_part(document, tabular, chapter, [*_notes_of(chapter, "chapter")])
    if not tabular.entries:
        raise TableError(f"{document.label}: holds no codes; expected chapters, sections and diag elements")
    return tabular


def _declares(document: Document) -> TableError:
    return TableError(f"{document.label}: declares entities, which the published file does not; refused")


def _walk_part(document: Document, tabular: Tabular, part: etree._Element, notes: list[tuple[str, str, str]]) -> None:
    """Sections of a chapter, or of a section, with the notes that hold for them."""
    for section in part.findall("section"):
        _walk_part(document, tabular, section, [*notes, *_notes_of(section, "section")])
    for node in part.findall("diag"):
        code = _code_of(document, node)
        tabular.notes.extend(Note(code, kind, level, text) for kind, level, text in notes)
        _walk(document, tabular, node, [], [])


def _walk(document: Document, tabular: Tabular, node: etree._Element, inherited: list[tuple[str, str]],
          exceptions: list[_Exception]) -> None:
    code = _code_of(document, node)
    title = " ".join((node.findtext("desc") or "").split())
    definition = node.find("sevenChrDef")
    extensions = inherited
    exceptions = [*exceptions, *_exceptions_of(node)]
    if definition is not None:
        extensions = [(str(item.get("char")), " ".join((item.text or "").split()))
                      for item in definition.findall("extension") if item.get("char")]
    allowed = [(character, text) for character, text in extensions
               if not any(each.forbids(code, character) for each in exceptions)]
    placeholder = node.get("placeholder") == "true"
    if definition is not None or placeholder or len(allowed) < len(extensions):
        own = allowed if definition is not None or len(allowed) < len(extensions) else []
        tabular.sevenths.append(Seventh(code, "".join(character for character, _ in own), placeholder))
    tabular.notes.extend(Note(code, kind, level, text) for kind, level, text in _notes_of(node, "code"))
    children = node.findall("diag")
    complete = not children and (not extensions or len(code) == 7)
    tabular.entries[code] = (int(complete), title)
    if not children and extensions and len(code) < 7:
        for character, text in allowed:
            tabular.entries[code.ljust(6, "X") + character] = (1, f"{title}, {text}" if text else title)
    for child in children:
        _walk(document, tabular, child, extensions, exceptions)


def _code_of(document: Document, node: etree._Element) -> str:
    code = (node.findtext("name") or "").replace(".", "").strip()
    if len(code) < 3 or pack(code, 7) <= 0:
        raise TableError(f"{document.label}: row {node.sourceline}: {code!r} is no diagnosis; expected such as A00.0")
    return code


def _notes_of(node: etree._Element, level: str) -> Iterator[tuple[str, str, str]]:
    for tag, kind in _KINDS.items():
        for group in node.findall(tag):
            for note in group.findall("note"):
                yield kind, level, " ".join((note.text or "").split())


def _exceptions_of(node: etree._Element) -> Iterator[_Exception]:
    for note in [*node.findall("sevenChrNote/note"), *node.findall("notes/note")]:
        found = _EXCEPTION.search(" ".join((note.text or "").split()))
        if found:
            yield _Exception(found[2], "".join(re.findall(r"\b([0-9A-Z])(?= -)", found[3])),
                             "".join(re.findall(r"\b[A-Z]\b", found[1])))
