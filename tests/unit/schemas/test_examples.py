"""Records that were written once are read for ever: `schemas/examples/` is frozen, the models have to follow."""

import json
from typing import Any

import pytest

from schemas.envelope import encode
from schemas.mail import Published
from tests.unit.schemas.examples import RECORDS, Example, compact, load_examples

EXAMPLES = load_examples()
REMEDY = (
    "a released record changed its meaning. Make the change additive (an optional field with a default), "
    "or give the record a new version (ce_type ….v2) with an example of its own; never edit the frozen file"
)


def as_frozen(now: Any, frozen: Any) -> Any:
    """What is written now, without the fields that were added (with a default) after the example was frozen."""
    if isinstance(now, dict) and isinstance(frozen, dict):
        return {name: as_frozen(value, frozen[name]) for name, value in now.items() if name in frozen}
    if isinstance(now, list) and isinstance(frozen, list) and len(now) == len(frozen):
        return [as_frozen(a, b) for a, b in zip(now, frozen, strict=True)]
    return now


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.name)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


@pytest.fixture
def record(example: Example) -> Published:
    return RECORDS[example.headers["ce_type"]].model_validate_json(example.wire)


def test_every_record_type_has_an_example() -> None:
    missing = sorted(set(RECORDS) - {example.headers["ce_type"] for example in EXAMPLES})
    assert not missing, f"add schemas/examples/<ce_type>.json for {', '.join(missing)}"


def test_it_is_named_after_its_type(example: Example) -> None:
    assert example.name.startswith(f"{example.headers['ce_type']}.")


def test_it_encodes_to_the_same_bytes(example: Example, record: Published) -> None:
    key, value, headers = encode(record, example.headers["ce_source"], {"traceparent": example.headers["traceparent"]})
    added = type(record).model_validate_json(value)
    assert compact(as_frozen(json.loads(value), example.value)) == example.wire, REMEDY
    assert Published.to_json(record) == record.model_dump_json().encode()
    assert added == record, REMEDY
    assert key.decode() == example.key, REMEDY
    assert [(name, text.decode()) for name, text in headers] == list(example.headers.items()), REMEDY


def test_an_old_reader_survives_a_new_writer(example: Example, record: Published) -> None:
    newer = compact({**example.value, "invented_later": {"deep": [1]}})
    assert type(record).model_validate_json(newer) == record
