"""The recorded cases on disk: snapshots, lineages and domains with their answers, one JSON value a line."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from schemas.domain import parse
from schemas.facts import Lineage, Snapshot
from services.evaluator.odoo_domain.evaluate import compile_domain
from services.evaluator.odoo_domain.undecidable import Undecidable
from tests.contract.odoo_domain.ask import Asked, Recording

FOLDER = Path(__file__).with_name("frozen")


def write(recording: Recording, shapes: dict[str, dict[str, list[str]]]) -> None:
    """Replaces what was recorded before; `shapes` are the fields of models."""
    FOLDER.mkdir(exist_ok=True)
    _lines("shapes.jsonl", iter((shapes,)))
    _lines("snapshots.jsonl", (_short(one.model_dump(mode="json")) for one in recording.snapshots))
    _lines("lineages.jsonl", (one.model_dump(mode="json") for one in recording.lineages))
    _lines("cases.jsonl", ([one.domain, one.answers] for one in recording.asked))


def _lines(name: str, values: Iterator[Any]) -> None:
    lines = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n" for value in values]
    (FOLDER / name).write_text("".join(lines), encoding="utf-8")


def _short(value: Any) -> Any:
    """Without the empty containers that reading puts back."""
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items() if inner not in ({}, []) or key == "archived"}
    return [_short(inner) for inner in value] if isinstance(value, list) else value


@cache
def read() -> Recording:
    """The recording, its lineages put into every snapshot."""
    lineages = [Lineage.model_validate_json(line) for line in _read("lineages.jsonl")]
    snapshots = [Snapshot.model_validate_json(line) for line in _read("snapshots.jsonl")]
    cases = (json.loads(line) for line in _read("cases.jsonl"))
    asked = [Asked(domain, {int(place): said for place, said in answers.items()}) for domain, answers in cases]
    return Recording(snapshots, lineages, asked)


@cache
def shapes() -> dict[str, dict[str, list[str]]]:
    """By model and field: the type, and the model that it leads to."""
    (line,) = _read("shapes.jsonl")
    found: dict[str, dict[str, list[str]]] = json.loads(line)
    return found


def _read(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def deviations(recording: Recording, asked: list[Asked]) -> list[str]:
    """Where we answer otherwise than Odoo. Where Odoo raises we must refuse the domain or call it undecidable."""
    whole = [one.model_copy(update={"lineages": tuple(recording.lineages)}) for one in recording.snapshots]
    found = []
    for one in asked:
        try:
            evaluate = compile_domain(parse(one.domain))
        except ValueError as error:
            found += [
                f"{one.domain}: refused ({error}), Odoo: {said}"
                for said in one.answers.values()
                if not isinstance(said, str)
            ]
            continue
        for place, said in one.answers.items():
            ours = evaluate(whole[place])
            same = isinstance(said, str) if isinstance(ours, Undecidable) else ours is said
            if not same:
                found.append(f"{one.domain} on {whole[place].model} #{place}: {ours}, Odoo: {said}")
    return found
