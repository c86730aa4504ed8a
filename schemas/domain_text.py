"""A domain as text, as people copy it out of Odoo: Python's or JSON's literals, never evaluated."""

import ast
import json
import warnings
from typing import Any

from schemas.domain_value import shown

MAX_CHARS = 10_000
_CONSTANTS = {"true": True, "false": False, "null": None}


def read_text(text: str) -> Any:
    """The lists, tuples and scalars that a text writes. Raises ValueError with the remedy."""
    if len(text) > MAX_CHARS:
        raise ValueError(f"a domain's text has at most {MAX_CHARS:,} characters; this one has {len(text):,}")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _python(text)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _python(text: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
        return _literal(tree.body)
    except SyntaxError as error:
        raise ValueError(
            f"the domain's text cannot be read at character {error.offset or 0}; "
            "write it like [('email_from', 'ilike', 'acme')]"
        ) from None
    except (RecursionError, MemoryError):
        raise ValueError("the domain's text is nested too deeply; flatten it") from None


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.List(elts=members) | ast.Tuple(elts=members):
            return [_literal(member) for member in members]
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) in (int, float):
            return -value  # type: ignore[operator]
    raise ValueError(
        f"the domain's text holds {shown(ast.unparse(node))}, which is computed; write its value: text, a number, "
        "True, False, None or a list of these"
    )
