"""JSON schemas of the models, for editors and for those who write claims: docs/*.schema.json.

What stands under Attributes in a docstring describes the fields, one or several with one text.
"""

import json
import re
from typing import Any

from pydantic import BaseModel

from scrubber.model.base import Frozen

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTE = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", re.M)


def schema_text(model: type[BaseModel]) -> str:
    """The schema of a model as a file. What a docstring says of an attribute is its description."""
    schema = {"$schema": DRAFT, **model.model_json_schema()}
    for part in (schema, *schema.get("$defs", {}).values()):
        _describe(part)
    return json.dumps(_plain(schema), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _describe(part: dict[str, Any]) -> None:
    """Takes what a description says of attributes to the attributes."""
    text, _, attributes = part.get("description", "").partition("\n\nAttributes:\n")
    if text:
        part["description"] = " ".join(text.split())
    for names, said in _ATTRIBUTE.findall(attributes):
        for name in names.split(", "):
            if name in part.get("properties", {}):
                part["properties"][name]["description"] = " ".join(said.split())


def _plain(value: Any, *, named: bool = False) -> Any:
    """A schema without what every text of every model has: a title made of its name, and the bound on any text.

    Args:
        named: The keys are names of fields, not words of JSON Schema.
    """
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, each in value.items():
        if named or not (key == "title" or (key == "maxLength" and each == Frozen.model_config["str_max_length"])):
            found[key] = _plain(each, named=not named and key in ("properties", "$defs"))
    return found
