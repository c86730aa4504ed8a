"""Placeholders in the rules of a template: `$name`, or `${name}` where a letter follows; `$$` is the dollar itself.

They are replaced in the parsed tree, never in its text, so a value is a value whatever it holds, and is never read for
placeholders again. A placeholder that stands alone becomes the value as it is, with its type; within a text it becomes
part of the text. An entry whose placeholder has no value is left out. A mapping with `$if: name`, or a list of names,
is left out where none of them has a value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

CONDITION: Final = "$if"
_PARTS = re.compile(r"\$(?:\$|([a-z][a-z_]*)|\{([a-z][a-z_]*)\}|)")
_ALONE = re.compile(r"\$(?:([a-z][a-z_]*)|\{([a-z][a-z_]*)\})")

Values = Mapping[str, Any]
Escape = Callable[[str, str], str]
"""How the text of the parameter of that name is written."""
Escapes = Callable[[Mapping[str, Any], str], Escape]
"""The same for a field of a mapping."""


class _Nothing:
    """Stands for what is left out."""


NOTHING = _Nothing()


def verbatim(_name: str, text: str) -> str:
    """Text is written as it is."""
    return text


def substituted(node: Any, values: Values, escapes: Escapes, escape: Escape = verbatim) -> Any:
    """The tree with its values; NOTHING where it is left out as a whole. Raises KeyError for an unknown name."""
    if isinstance(node, dict):
        return _mapping(node, values, escapes)
    if isinstance(node, list):
        items = (substituted(each, values, escapes, escape) for each in node)
        return [each for each in items if each is not NOTHING]
    return filled(node, values, escape) if isinstance(node, str) else node


def names(node: Any) -> Iterator[str]:
    """Every name that stands in a tree. Raises ValueError for a dollar that is neither a placeholder nor doubled."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _condition(value) if key == CONDITION else names(value)
    elif isinstance(node, list):
        for each in node:
            yield from names(each)
    elif isinstance(node, str):
        for found in _PARTS.finditer(node):
            if found[0] == "$":
                raise ValueError(f"a single $ is no text; write $$: {node[:40]}")
            if found[0] != "$$":
                yield found[1] or found[2]


def _condition(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _mapping(node: dict[str, Any], values: Values, escapes: Escapes) -> Any:
    if CONDITION in node and all(values[name] is None for name in _condition(node[CONDITION])):
        return NOTHING
    members = {
        key: substituted(value, values, escapes, escapes(node, key)) for key, value in node.items() if key != CONDITION
    }
    return {key: value for key, value in members.items() if value is not NOTHING}


def filled(text: str, values: Values, escape: Escape) -> Any:
    """One text with its values, or the value that it is as a whole; NOTHING where that has none."""
    if alone := _ALONE.fullmatch(text):
        value = values[name := alone[1] or alone[2]]
        if value is None:
            return NOTHING
        if isinstance(value, list):
            return list(value)  # the same list twice would become an alias in the file
        return escape(name, value) if isinstance(value, str) else value

    def value_of(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        value = values[name := found[1] or found[2]]
        return "" if value is None else escape(name, str(value))

    return _PARTS.sub(value_of, text)
