"""YAML with positions: bounded, safe, and strict where YAML is lenient (keys given twice, aliases that explode)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_DEPTH = 50
MAX_VALUES = 1_000_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_PLAIN = {f"{_TAG}{name}" for name in ("str", "timestamp")}
_TYPED = {f"{_TAG}{name}" for name in ("int", "float", "bool", "null")}
_CLEAR = ("true", "false")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, and where."""

    line: int
    path: Path = field(compare=False)
    text: str

    def __str__(self) -> str:
        where = shown(self.path)
        return f"{self.line}: {where}: {self.text}" if where else f"{self.line}: {self.text}"


def shown(path: Path) -> str:
    """A path as people write it: `rules[2].actions[0].type`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


@dataclass(slots=True)
class Document:
    """A parsed file: its value, the line of every part of it, and what was wrong. `readable`: there is a value."""

    value: Any = None
    readable: bool = True
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a part, or of the nearest part around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, text: str) -> None:
        """Note what is wrong with a part."""
        self.problems.append(Problem(self.line(path), path, text))


def parse(text: str) -> Document:
    """Never raises: whatever is wrong is in `problems`."""
    try:
        if (line := _too_deep(text)) is not None:
            return _unreadable(Problem(line, (), f"nested deeper than {MAX_DEPTH} levels"))
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        return _unreadable(_syntax(error))
    if node is None:
        return Document()
    try:
        return _Converter().document(node)
    except _TooManyError:
        text = f"aliases (*name) expand to more than {MAX_VALUES} values, or into themselves"
        return _unreadable(Problem(_line(node), (), text))


def _unreadable(problem: Problem) -> Document:
    return Document(readable=False, problems=[problem])


def _too_deep(text: str) -> int | None:
    """The first line whose nesting exceeds the bound; found before anything recurses into it."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return _line(event)
    return None


def _syntax(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    return Problem(
        line, (), f"not valid YAML: {getattr(error, 'problem', None) or getattr(error, 'reason', 'unreadable')}"
    )


class _TooManyError(Exception):
    """The aliases of the file expand to more than it may hold."""


class _Converter:
    """From nodes to plain values. An alias counts each time it is used."""

    def __init__(self) -> None:
        self._document = Document()
        self._left = MAX_VALUES

    def document(self, node: yaml.Node) -> Document:
        """Raises _TooManyError."""
        self._document.value = self._convert(node, ())
        return self._document

    def _convert(self, node: yaml.Node, path: Path) -> Any:
        self._left -= 1
        if self._left < 0 or len(path) > MAX_DEPTH:
            raise _TooManyError
        self._document.lines.setdefault(path, _line(node))
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return {key: self._convert(value, (*path, key)) for key, value in self._members(node, path)}
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._convert(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _members(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = _line(key)
            if not isinstance(key, yaml.ScalarNode):
                self._document.problems.append(Problem(line, path, "a key must be plain text"))
            elif key.value in seen:
                text = f"given twice, here and in line {seen[key.value]}"
                self._document.problems.append(Problem(line, (*path, key.value), text))
            else:
                seen[key.value] = line
                self._document.lines[(*path, key.value)] = line
                yield key.value, value

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.tag in _PLAIN:
            return node.value
        if isinstance(node, yaml.ScalarNode) and node.tag in _TYPED:
            if node.tag == f"{_TAG}bool" and _in_a_list(path) and node.value.lower() not in _CLEAR:
                self._document.problem(path, f'YAML reads {node.value} as yes/no; write "{node.value}", true or false')
                return None
            try:
                return yaml.constructor.SafeConstructor().construct_object(node)
            except (ValueError, OverflowError, yaml.YAMLError):
                return node.value
        self._document.problem(path, f"the tag {node.tag.replace(_TAG, '!!')[:60]} is not supported")
        return None


def _in_a_list(path: Path) -> bool:
    """There `NO` is rather a word, such as Norway's code in an Odoo domain, which takes a yes/no without a word."""
    return isinstance(path[-1], int) if path else False


def _line(part: yaml.Node | yaml.Event) -> int:
    mark: Any = part.start_mark
    return int(mark.line) + 1
