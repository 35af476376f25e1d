"""Writes ext/scrubber/words.pxd: the numbers behind the words of rules and tables, for the compiled code."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent


def write_header() -> None:
    """Writes words.pxd when the vocabulary or the schema says something new."""
    vocabulary = runpy.run_path(str(ROOT / "scrubber" / "rules" / "vocabulary.py"))
    schema = runpy.run_path(str(ROOT / "scrubber" / "tables" / "schema.py"))
    lines = ['"""Written by ext/header.py from scrubber/rules/vocabulary.py and scrubber/tables/schema.py."""', ""]

    def enum(title: str, names: list[tuple[str, int]]) -> None:
        lines.append(f"cdef enum:   # {title}")
        lines.extend(f"    {name} = {value}" for name, value in names)
        lines.append("")

    attributes = vocabulary["attribute_numbers"]()
    enum("Attribute", [("A_" + key.replace(".", "_").upper(), number) for key, number in attributes.items()])
    firsts: dict[str, int] = {}
    for key, number in attributes.items():
        firsts.setdefault("F_" + key.partition(".")[0].upper(), number)
    enum("FirstOf", [*firsts.items(), ("ATTRIBUTE_COUNT", len(attributes))])
    words: dict[str, int] = {}
    for owner, members in {**vocabulary["NAMES"], **vocabulary["ITEMS"], "relation": vocabulary["RELATION"]}.items():
        for attribute, kind in members.items():
            if "|" in kind:
                for index, word in enumerate(kind.rstrip("!%").split("|")):
                    words[f"V_{owner}_{attribute}_{word}".upper()] = index
            elif "&" in kind:
                for index, word in enumerate(kind.rstrip("!%").split("&")):
                    words[f"V_{owner}_{attribute}_{word}".upper()] = 1 << index
    enum("Word", list(words.items()))
    enum("Grain", [("G_" + name.upper(), i) for i, name in enumerate(vocabulary["GRAINS"])])
    enum("RelatedSet", [("S_" + name.upper(), i) for i, name in enumerate(vocabulary["SETS"])])
    enum("Operator", [("O_" + name.upper(), i) for i, name in enumerate(vocabulary["OPERATORS"])])
    enum("Reason", [("R_" + name.upper(), i + 1) for i, name in enumerate(vocabulary["REASONS"])])
    enum("Severity", [(name.upper(), i) for i, name in enumerate(vocabulary["SEVERITIES"])])
    enum("Status", [(name.upper(), i) for i, name in enumerate(vocabulary["STATUSES"])])
    tables = schema["TABLES"]
    enum("TableId", [("T_" + name.upper(), i) for i, name in enumerate(tables)] + [("TABLE_COUNT", len(tables))])
    enum("Column", [(f"C_{t.name}_{column}".upper(), i) for t in tables.values()
                    for i, (column, _) in enumerate(t.columns)])
    text = "\n".join(lines)
    target = ROOT / "ext" / "scrubber" / "words.pxd"
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
