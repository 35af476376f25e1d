"""Errors of the models as problems with a line, in words for whoever writes YAML."""

from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scrubber.rules.problems import Problems, suggest
from scrubber.rules.yaml import Node, line_at, plain

ModelT = TypeVar("ModelT", bound=BaseModel)


def validated(model: type[ModelT], tree: Node, path: str, problems: Problems) -> ModelT | None:
    """The model of a tree, or None with every error in `problems`; those of dates are `read_day`'s to say."""
    try:
        return model.model_validate(plain(tree))
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            if detail["type"].startswith("date") or _is_echo(detail, details):
                continue
            wrong, right = _words(model, detail)
            problems.add(path, line_at(tree, detail["loc"]), wrong, right)
        return None


def _is_echo(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list is too short only because entries of it are wrong."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][:len(place)] == place and len(other["loc"]) > len(place) for other in details)


def _words(model: type[BaseModel], detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what would be right."""
    place = ".".join(str(step + 1) if isinstance(step, int) else step for step in detail["loc"])
    last = detail["loc"][-1] if detail["loc"] else ""
    shown = repr(detail["input"]) if isinstance(detail["input"], str) else "it"
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {place}", suggest(str(last), _keys(model, detail["loc"][:-1]))
        case "missing":
            return f"no {place}", f"write {last}: ..."
        case "literal_error":
            allowed = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return f"{place} is {shown}", suggest(str(detail["input"]), allowed)
        case "string_pattern_mismatch":
            return f"{place} is {shown}", "an id is written FAMILY-TOPIC-01"
        case "string_too_long":
            return f"{place} is longer than {context['max_length']} characters", "say it shorter"
        case "too_short":
            return f"{place} has {context['actual_length']} entries", f"at least {context['min_length']}"
        case "string_type" if detail["input"] is None:
            return f"{place} is empty", "write a text"
        case "string_type":
            return f"{place} is no text", "write a text"
        case "int_parsing" | "int_type":
            return f"{place} is {shown}", "a whole number"
        case "bool_parsing" | "bool_type":
            return f"{place} is {shown}", "yes or no"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{place} is no mapping", "write key: value"
        case "tuple_type":
            return f"{place} is no list", "write [a, b]"
    return f"{place}: {detail['msg']}", "see docs/rules.md"


def _keys(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Keys of the model that `place` leads to."""
    current: type[BaseModel] | None = model
    for step in place:
        if isinstance(step, str) and current is not None:
            field = next((field for name, field in current.model_fields.items() if step in (name, field.alias)), None)
            current = _model_in(field.annotation) if field else None
    return [field.alias or name for name, field in current.model_fields.items()] if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a type holds, through optional and tuple."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple):
        return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
    return None
