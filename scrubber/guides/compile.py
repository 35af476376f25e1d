"""Makes the tables of a guide out of the map files that pyx12 ships.

Kept are ids, usages, repeats, positions, lengths, types, codes and syntax notes; no name and no text of X12.

    python -m scrubber.guides.compile [DIRECTORY]

writes them, the same bytes each time, into `rulesets/guides` or the directory named. It needs lxml and pyx12.
"""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from scrubber.bundled import bundled

# What a guide is known by (GS08 and ST03; the addenda after the one that the map follows changed no requirement that
# it holds), the map it is made of, and the file it becomes.
GUIDES = {
    "837P.json": ("837.5010.X222.A1.xml", ("005010X222A1", "005010X222A2", "005010X222")),
    "837I.json": ("837Q3.I.5010.X223.A1.xml", ("005010X223A2", "005010X223A1", "005010X223A3", "005010X223")),
}
SET = "ST_LOOP"                  # what stands around it is the envelope's
PATTERNS = {"[0-9]{9}": "nine digits"}
TYPES = ("AN", "ID", "N0", "R", "DT", "TM")
NO_LIMIT = 0
# Lists outside the maps grew since pyx12 took them over; a code of today must not be called wrong. Sources: ISO 3166-1,
# ISO 4217, USPS Publication 28 and Canada Post, as of 2026-11.
ADDED = {
    "states": "NL NU PW QC",
    "country": "AX BL BQ CW GG IM JE ME MF RS SS SX TL XK",
    "currency": "AFN AMD AOA AZN BAM BGN BOV BRL BYN BZD CDF CHE CHW COU CUC CZK ERN GEL GHS HRK HRK KGS KZT LTL LVL "
                "MDL MGA MKD MMK MRU MXN MXV MZN NAD NIO PEN PLN RON RSD RUB SDG SLE SRD SSP STN SYP TJS TMT TRY UAH "
                "UGX USN UYI UYU UYW UZS VED VES XAF XCD XCG XDR XOF XPF XSU XUA ZMW ZWG ZWL",
}
# Remark codes are published three times a year: their form is asked, no list.
OPEN = ("remark_code",)

Row = list[Any]


class Pool:
    """Distinct rows, each with the number of its place."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._places: dict[str, int] = {}

    def number(self, row: Any) -> int:
        key = json.dumps(row)
        if key not in self._places:
            self._places[key] = len(self.rows)
            self.rows.append(row)
        return self._places[key]


class Map:
    """One map file on the way to a table.

    Args:
        root: The `transaction` element.
        types: Data type, shortest and longest of each data element.
        external: Codes of each list outside the map.
        versions: What the guide is known by.
    """

    def __init__(self, root: Any, types: dict[str, tuple[str, int, int]], external: dict[str, list[str]],
                 versions: tuple[str, ...]) -> None:
        self._types = types
        self._external = external
        self._versions = versions
        self.codes = Pool()
        self.elements = Pool()
        self.segments = Pool()
        self.codes.number([])
        self.tree = self._loop(next(loop for loop in root.iter("loop") if loop.get("xid") == SET))

    def _loop(self, loop: Any) -> Row:
        """Kind, id, usage, position, how often it may come, and what is in it in the order of positions."""
        inside = sorted([*loop.findall("loop"), *loop.findall("segment")],
                        key=lambda child: (int(_said(child, "pos")), child.tag != "loop"))
        inside = [child for child in inside if child.tag == "segment" or len(child.findall("loop"))
                  + len(child.findall("segment"))]
        made = [self._loop(child) if child.tag == "loop" else self._segment(child) for child in inside]
        return ["loop", loop.get("xid"), _said(loop, "usage"), int(_said(loop, "pos")), _most(_said(loop, "repeat")),
                made]

    def _segment(self, segment: Any) -> Row:
        elements = sorted([*segment.findall("element"), *segment.findall("composite")],
                          key=lambda child: int(_said(child, "seq")))
        numbers = [self.elements.number(self._composite(child) if child.tag == "composite" else self._element(child))
                   for child in elements]
        assert [int(_said(child, "seq")) for child in elements] == list(range(1, len(elements) + 1))
        notes = [note.text for note in segment.findall("syntax") if note.text and note.text[0] in "PRCLE"]
        form = self.segments.number([segment.get("xid"), self._key(elements, segment.get("xid")), numbers, notes])
        return ["segment", form, _said(segment, "usage"), int(_said(segment, "pos")),
                _most(_said(segment, "max_use"))]

    def _key(self, elements: list[Any], tag: str) -> str:
        """Where the code stands by which segments of one id are told apart: element and component; "" nowhere."""
        first = elements[0]
        if first.tag == "element" and self._type(first) == "ID" and _said(first, "usage") == "R" and _codes(first):
            return "1"
        if first.tag == "composite":
            part = first.find("element")
            return "1-1" if self._type(part) == "ID" and _codes(part) else ""
        return "3" if tag == "HL" and _codes(elements[2]) else ""

    def _type(self, element: Any) -> str:
        return self._types[_said(element, "data_ele")][0]

    def _composite(self, composite: Any) -> Row:
        parts = [self.elements.number(self._element(part)) for part in composite.findall("element")]
        return ["composite", _said(composite, "usage"), _said(composite, "data_ele") or "",
                int(_said(composite, "repeat") or 1), parts]

    def _element(self, element: Any) -> Row:
        """Usage, data element, its type and lengths, codes, and what else is asked of it."""
        number = _said(element, "data_ele")
        kind, shortest, longest = self._types[number]
        assert kind in TYPES, kind
        listed = element.find("valid_codes")
        codes, asked = _codes(element), ""
        if listed is not None and listed.get("external"):
            asked = listed.get("external")
            codes = codes + ([] if asked in OPEN else self._external[asked])
        if element.get("xid") == "ST03" and codes:
            codes = sorted(self._versions)
        if element.findtext("regex"):
            asked = PATTERNS[element.findtext("regex")]
        return [_said(element, "usage"), number, kind, shortest, longest, self.codes.number(codes), asked]


def _said(element: Any, name: str) -> str:
    """What a map says of something, as attribute or as element inside."""
    return element.get(name) or element.findtext(name) or ""


def _most(repeat: str) -> int:
    return NO_LIMIT if repeat in ("", ">1") else int(repeat)


def _codes(element: Any) -> list[str]:
    return [code.text for code in element.iterfind("valid_codes/code")]


def _parsed(name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(files("pyx12").joinpath("map", name).read_bytes(), parser)


def tables() -> Iterator[tuple[str, str]]:
    """Name and content of the file of each guide."""
    types = {one.get("ele_num"): (one.get("data_type"), int(one.get("min_len")), int(one.get("max_len")))
             for one in _parsed("dataele.xml").iter("data_ele")}
    external = {one.findtext("id"): sorted({*(code.text for code in one.iterfind("version/code")),
                                            *ADDED.get(one.findtext("id"), "").split()})
                for one in _parsed("codes.xml").iter("codeset")}
    for name, (source, versions) in GUIDES.items():
        made = Map(_parsed(source), types, external, versions)
        yield name, _written(name.removesuffix(".json"), source, versions, made)


def _written(guide: str, source: str, versions: tuple[str, ...], made: Map) -> str:
    """JSON with one row a line."""
    rows = {"codes": [" ".join(codes) for codes in made.codes.rows], "elements": made.elements.rows,
            "segments": made.segments.rows}
    said = {"guide": guide, "versions": versions, "made_of": f"{source} of pyx12 {version('pyx12')}"}
    head = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in said.items()]
    body = [f"{json.dumps(key)}: [\n{_lines(value)}\n]" for key, value in rows.items()]
    return "{\n" + ",\n".join([*head, *body, f'"tree": {_tree(made.tree, 0)}']) + "\n}\n"


def _lines(rows: list[Any]) -> str:
    return ",\n".join(json.dumps(row) for row in rows)


def _tree(node: Row, depth: int) -> str:
    """A loop with what is in it, each on a line of its own."""
    if node[0] == "segment":
        return json.dumps(node)
    inside = ",\n".join(" " * (depth + 1) + _tree(child, depth + 1) for child in node[5])
    return json.dumps(node[:5])[:-1] + (f", [\n{inside}]]" if inside else ", []]")


def write(directory: Path) -> list[Path]:
    """Writes the tables of every guide."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in tables():
        written.append(directory / name)
        written[-1].write_text(content, encoding="ascii")
    return written


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else bundled("guides")):
        print(path)
