"""The stable codes that a module's errors carry, read from its source: what is raised is what is documented."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from runtime.errors import MaildeskError

PACKAGES = ("services.actions.effects.", "services.actions.replies.")
"""Modules of an action type that are its own; others speak for many."""
GENERAL = ("runtime.errors", "services.actions.effects.port")
"""Where the classes are that others give their codes."""


@cache
def codes_of(name: str) -> frozenset[str]:
    """All codes of the module and of the modules of `PACKAGES` that it imports, and theirs."""
    found: set[str] = set()
    for module in _with_its_own(name, set()):
        found |= set(_codes(module))
    return frozenset(found)


def _with_its_own(name: str, seen: set[str]) -> Iterator[ModuleType]:
    seen.add(name)
    module = importlib.import_module(name)
    yield module
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        other = node.module if isinstance(node, ast.ImportFrom) else None
        if other and other.startswith(PACKAGES) and other not in seen and other not in GENERAL:
            yield from _with_its_own(other, seen)


def _codes(module: ModuleType) -> Iterator[str]:
    """`code="…"` of a call, the first argument of a Refusal, and what an error class that is named has by default."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(node, ast.Call):
            continue
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        if isinstance(node.func, ast.Name) and node.func.id == "Refusal":
            named = node.args[:1]
        yield from (each.value for each in named if isinstance(each, ast.Constant) and isinstance(each.value, str))
    for kind in vars(module).values():
        if inspect.isclass(kind) and issubclass(kind, MaildeskError) and kind.__module__ not in GENERAL:
            yield str(kind.default_code)
