"""What pydantic found wrong with a rule or a mailbox, in the words and with the paths of the file."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from cli.yaml_source import Path
from schemas.action import AnyAction
from schemas.condition import AllOf, AnyOf, Leaf, NoneOf
from schemas.mailbox import EmlSource, ImapSource, MaildirSource, MboxSource
from schemas.odoo_source import OdooSource
from schemas.outgoing import Outgoing
from schemas.pop3_source import Pop3Source
from schemas.scope import Throttle
from schemas.window import Window


def _by(field: str, *models: type[BaseModel]) -> dict[str, type[BaseModel]]:
    return {get_args(model.model_fields[field].annotation)[0]: model for model in models}


KINDS: dict[str, dict[str, type[BaseModel]]] = {
    "action": _by("type", *get_args(AnyAction)),
    "condition": {
        "all": AllOf,
        "any": AnyOf,
        "none": NoneOf,
        **_by("type", *get_args(Leaf)),
    },
    "source": _by("kind", ImapSource, MaildirSource, MboxSource, EmlSource, OdooSource, Pop3Source),
    "scope": {"throttle": Throttle},
}
_NAMED_BY = {"action": "type", "condition": "type", "source": "kind"}
_LISTS_OF = {"actions": "action", "all": "condition", "any": "condition", "none": "condition"}
_FIELDS_OF = {"when": "condition", "source": "source", "scope": "scope"}
_MODELS_OF: dict[str | int, type[BaseModel]] = {"window": Window, "outgoing": Outgoing}


def problems_of(error: ValidationError, model: type[BaseModel], raw: Any) -> list[tuple[Path, str]]:
    """Path below the model and text of every problem, without those that only follow from another."""
    found = error.errors(include_url=False, include_input=False)
    return [_explained(each, model, raw) for each in found if not _follows(each, raw)]


def _explained(problem: Any, model: type[BaseModel], raw: Any) -> tuple[Path, str]:
    path, model = _walk(problem["loc"], model)
    kind = _kind(path)
    context: Mapping[str, Any] = problem.get("ctx") or {}
    match problem["type"]:
        case "union_tag_invalid":
            known = ", ".join(KINDS[kind])
            return (*path, _NAMED_BY[kind]), f'unknown {kind} "{str(context["tag"])[:60]}"; known: {known}'
        case "union_tag_not_found":
            return path, _nameless(kind)
        case "extra_forbidden":
            return path, f'unknown field "{str(path[-1])[:60]}"; known: {", ".join(_names(model))}'
        case "string_type":
            return path, f"must be text, found {_type_name(_at(raw, path))}; put it into quotes"
        case "string_pattern_mismatch":
            return path, _pattern(path)
    return path, _TEXTS.get(problem["type"], _plain)(problem["msg"])


def _names(model: type[BaseModel]) -> list[str]:
    """The fields as a file writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _plain(text: str) -> str:
    text = text.removeprefix("Value error, ").replace("Input should", "should")
    return text.replace("Tuple", "the list").replace(" after validation", "")


_MAPPING = "must be a mapping (`field: value` lines)"
_TEXTS: dict[str, Callable[[str], str]] = {
    "missing": lambda _: "is missing",
    "tuple_type": lambda _: "must be a list, such as [a, b]",
    "string_too_short": lambda _: "must not be empty",
    "model_attributes_type": lambda _: _MAPPING,
    "model_type": lambda _: _MAPPING,
}


def _nameless(kind: str) -> str:
    known = ", ".join(name for name in KINDS[kind] if name not in ("all", "any", "none"))
    if kind == "condition":
        return f"names no condition: give all, any or none with a list, or a type; known types: {known}"
    return f"names no {kind}: its {_NAMED_BY[kind]} is missing; known: {known}"


_AS_THE_PROVIDER_SAYS = ("tenant", "client_id", "scope")


def _pattern(path: Path) -> str:
    if path and path[-1] in ("password", "client_secret", "refresh_token"):
        return "must be the NAME of a secret in capital letters, never the secret itself"
    if path and path[-1] in _AS_THE_PROVIDER_SAYS:
        return "must be plain ASCII, as the provider shows it"
    if path[-2:-1] == ("content_type",):
        return "write a content type, such as application/pdf or image/*"
    return "must be lower-case letters, digits, `-`, `_`, `.`, beginning with a letter or digit, at most 63"


def _walk(location: tuple[str | int, ...], model: type[BaseModel]) -> tuple[Path, type[BaseModel]]:
    """Pydantic puts the chosen alternative into the location of a union; the file has no such level."""
    path: Path = ()
    kind = ""
    for part in location:
        if kind:
            model, kind = KINDS[kind].get(str(part), model), ""
        else:
            path = (*path, part)
            model = _MODELS_OF.get(part, model)
            kind = _kind(path)
    return path, model


def _kind(path: Path) -> str:
    """Which union a place in a rule or mailbox holds; empty for a plain one."""
    if not path:
        return ""
    if isinstance(path[-1], int):
        return _LISTS_OF.get(str(path[-2]), "") if len(path) > 1 else ""
    return _FIELDS_OF.get(path[-1], "")


def _follows(problem: Any, raw: Any) -> bool:
    """A list counts as too short when its members were refused; those are named already."""
    if problem["type"] != "too_short":
        return False
    value = _at(raw, _walk(problem["loc"], BaseModel)[0])
    return isinstance(value, list) and len(value) >= problem["ctx"]["min_length"]


def _at(raw: Any, path: Path) -> Any:
    for part in path:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _type_name(value: Any) -> str:
    names = {bool: "yes/no", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return names.get(type(value), "nothing")
