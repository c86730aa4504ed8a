"""The page of action types: a table for each, from its effect's class and its model."""

import importlib
import inspect
from typing import Any, cast, get_args
from uuid import UUID

from pydantic import BaseModel

from cli.generate.markdown import code, table
from cli.generate.reason_codes import codes_of
from cli.generate.repository import NOTE, REFERENCE, Files
from connectors.odoo import errors as odoo_errors
from schemas.action import ACTION_TYPES, AnyAction
from schemas.action_base import ActionBase
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.on_odoo import OdooEffect

_PAGE = """# Action types

{note}

How they behave, in words: [actions in Odoo](../howto/actions-in-odoo.md), [automatic
replies](../howto/automatic-replies.md). An action acts once per idempotency key (scope, rule, action, generation);
*a repeat is recognised by* says what holds when a worker died between the call and the note that it was made. A **dry
run** of every type says what it would do and touches nothing (`planned`). Its options are those of the table, and
{shared}, which every action has. The states that a command goes through: [states](states.md).

{overview}
Before any of them acts: {standing}.
{sections}
## What Odoo answers

{odoo}"""
_OPTIONS = ("option", "values", "default", "meaning")
_STANDING = "services.actions.standing"


def action_files() -> Files:
    """`docs/reference/actions.md`."""
    kinds = [(_effect(name), model) for name, model in zip(ACTION_TYPES, get_args(AnyAction), strict=True)]
    page = _PAGE.format(
        note=NOTE.format(source="`services/actions/effects/`, `schemas/` and `connectors/odoo/errors.py`"),
        shared=", ".join(map(code, ActionBase.model_fields)),
        overview=table(("action", "does"), [(f"[`{kind.type}`](#{kind.type})", _sentence(m)) for kind, m in kinds]),
        standing=_codes(codes_of(_STANDING)),
        sections="".join(_section(kind, model) for kind, model in kinds),
        odoo="\n".join(line for line in (odoo_errors.__doc__ or "").splitlines() if line.startswith("|")) + "\n",
    )
    return {f"{REFERENCE}/actions.md": page}


def _effect(name: str) -> Any:
    """The class of an action type: its module has its name."""
    module = importlib.import_module(f"services.actions.effects.{name}")
    classes = (kind for _, kind in inspect.getmembers(module, inspect.isclass))
    return next(kind for kind in classes if getattr(kind, "type", None) == name)


def _section(kind: Any, model: type[BaseModel]) -> str:
    facts = [
        ("needs", kind.needs),
        ("target", _target(kind)),
        ("a repeat is recognised by", kind.repeat),
        ("after a crash", _after_a_crash(kind)),
        ("undo", kind.undone),
        ("shares a record", "yes: commands that need the same one wait for each other" if _shares(kind) else "no"),
        ("commands at once", f"{kind.batch} at most"),
        ("time", f"{kind.seconds:.0f} s at most for those"),
        ("reasons", _codes(codes_of(kind.__module__))),
    ]
    options = [_option(name, schema) for name, schema in _own_options(model).items()]
    shown = table(_OPTIONS, options) if options else "No options of its own.\n"
    return f"\n## `{kind.type}`\n\n{_sentence(model)}\n\n{table(('', ''), facts)}\n{shown}"


def _sentence(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _codes(codes: frozenset[str]) -> str:
    return ", ".join(code(each) for each in sorted(codes))


def _after_a_crash(kind: Any) -> str:
    if kind.keyed:
        return "the worker of the same name takes it up again at its start"
    return "it is taken up again when its lease has ended, and with it what the first call may still do"


def _bare(kind: Any) -> Any:
    """One without clients, which knows what it would act on."""
    made = kind.__new__(kind)
    if isinstance(made, OdooEffect):
        made._site = cast("OdooSite", _Nowhere())  # noqa: SLF001 - there is no site to be had here
    return made


class _Nowhere:
    database = "DATABASE"


def _target(kind: Any) -> str:
    shared = "; while it is down nothing of this type is read" if kind.shared_target else ""
    return code(_bare(kind).target(_Command())) + shared


def _shares(kind: Any) -> bool:
    return bool(_bare(kind).record_subjects(_Command()))


class _Event:
    mailbox = "MAILBOX"
    conversation = UUID(int=0)
    references = ()
    in_reply_to = ()
    message_id = "<1@example.org>"


class _Command:
    event = _Event()


def _own_options(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    schema = model.model_json_schema()
    inherited = {"type", *ActionBase.model_fields}
    found = {name: field for name, field in schema["properties"].items() if name not in inherited}
    return {name: field | {"required": name in schema.get("required", ())} for name, field in found.items()}


def _option(name: str, field: dict[str, Any]) -> tuple[str, ...]:
    if field["required"]:
        default = "(required)"
    elif field.get("default") is None or field["default"] in ("", []):
        default = ""
    else:
        default = code(str(field["default"]).lower() if isinstance(field["default"], bool) else str(field["default"]))
    return code(name), _values(field), default, field.get("description", "")


def _values(field: dict[str, Any]) -> str:
    """What a value may be, as its JSON Schema says."""
    if "anyOf" in field:
        return " or ".join(_values(each) for each in field["anyOf"] if each.get("type") != "null")
    if "enum" in field:
        return ", ".join(code(str(each)) for each in field["enum"])
    if field.get("type") == "array":
        return f"list of {_bounds(field, 'minItems', 'maxItems')}: {_values(field['items'])}"
    if field.get("type") == "boolean":
        return "`true` or `false`"
    if field.get("type") == "integer":
        return f"whole number, {_bounds(field, 'minimum', 'maximum')}"
    return f"text, {_bounds(field, 'minLength', 'maxLength')} characters"


def _bounds(field: dict[str, Any], low: str, high: str) -> str:
    least = field.get(low, field["exclusiveMinimum"] + 1 if "exclusiveMinimum" in field else None)
    if least is None:
        return f"up to {field[high]}"
    return f"{least} to {field[high]}" if high in field else f"from {least}"
