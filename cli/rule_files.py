"""Rules and mailboxes as YAML files, read whole or refused whole, with every problem named by file, line and field.

mailbox: support          # the mailbox of the rules below that name none
mailboxes: [...]          # each as in schemas/mailbox.py
rules: [...]              # each as in schemas/rule.py
"""

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from cli.contract_problems import problems_of
from cli.yaml_source import Document, Path, Problem, parse
from runtime.errors import InvalidInputError
from schemas.mailbox import Mailbox
from schemas.rule import Rule

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_SHOWN = 100
_TOP = ("mailbox", "mailboxes", "rules")
T = TypeVar("T", bound=BaseModel)


class RuleFile(NamedTuple):
    """What a file holds. A list that it does not have is empty."""

    mailboxes: tuple[Mailbox, ...]
    rules: tuple[Rule, ...]
    lines: Mapping[str, int] = {}
    """Where each rule's id is."""


def load_rule_file(path: FilePath) -> RuleFile:
    """Read a file. Raises InvalidInputError whose text has one line per problem, `FILE:LINE: path: what is wrong`."""
    document = parse(file_text(path))
    found = _read(document) if document.readable else RuleFile((), ())
    if document.problems:
        raise _refusal(path, sorted(document.problems))
    return found


def _refusal(path: FilePath, problems: list[Problem]) -> InvalidInputError:
    lines = [f"{path}:{problem}" for problem in problems[:MAX_SHOWN]]
    if len(problems) > MAX_SHOWN:
        lines.append(f"{path}: and {len(problems) - MAX_SHOWN} more")
    return InvalidInputError("\n".join(lines), code="rule-file-refused")


def file_text(path: FilePath) -> str:
    """The text of a UTF-8 file. Raises InvalidInputError for one that is too large, not UTF-8, or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise InvalidInputError(f"{path}: larger than {MAX_FILE_BYTES // 1024 // 1024} MB; split it")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InvalidInputError(f"{path}: cannot be read: {error.strerror or type(error).__name__}") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidInputError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error


def _read(document: Document) -> RuleFile:
    top = document.value
    if not isinstance(top, dict):
        document.problem((), "the file must have `rules:` or `mailboxes:` at its top")
        return RuleFile((), ())
    for name in top:
        if name not in _TOP:
            document.problem((name,), f'unknown field "{name[:60]}"; known: {", ".join(_TOP)}')
    default = top.get("mailbox")
    if default is not None and not isinstance(default, str):
        document.problem(("mailbox",), "must be the id of a mailbox, as text")
    mailboxes = tuple(_models(document, "mailboxes", Mailbox, {}))
    rules = tuple(_models(document, "rules", Rule, {"mailbox": default} if isinstance(default, str) else {}))
    return RuleFile(mailboxes, rules, {rule.id: document.line(("rules", n, "id")) for n, rule in enumerate(rules)})


def _models(document: Document, name: str, model: type[T], defaults: dict[str, Any]) -> Iterator[T]:
    entries = document.value.get(name)
    if entries is None:
        return
    if not isinstance(entries, list):
        document.problem((name,), "must be a list (`- id: …` lines)")
        return
    _note_repeated(document, (name,), entries)
    for number, raw in enumerate(entries):
        whole = {**defaults, **raw} if isinstance(raw, dict) else raw
        if (found := _validated(document, (name, number), model, whole)) is not None:
            yield found


def _validated(document: Document, path: Path, model: type[T], raw: Any) -> T | None:
    repeated = False
    if isinstance(raw, dict) and isinstance(raw.get("actions"), list):
        repeated = _note_repeated(document, (*path, "actions"), raw["actions"])
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for below, text in problems_of(error, model, raw):
            if below or not repeated:  # the contract says the same of repeated action ids, without their lines
                document.problem((*path, *below), text)
        return None


def _note_repeated(document: Document, path: Path, entries: list[Any]) -> bool:
    """Note every id that is used again, with the line of its first use."""
    first: dict[str, Path] = {}
    before = len(document.problems)
    for number, raw in enumerate(entries):
        identity = raw.get("id") if isinstance(raw, dict) else None
        if not isinstance(identity, str):
            continue
        place = (*path, number, "id")
        if identity in first:
            text = f'the id "{identity[:63]}" is already used in line {document.line(first[identity])}'
            document.problem(place, text)
        first.setdefault(identity, place)
    return len(document.problems) > before
