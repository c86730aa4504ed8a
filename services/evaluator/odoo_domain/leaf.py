"""One term, made ready to be asked of many records."""

from collections.abc import Callable, Sequence
from typing import Any

from schemas.domain import HIERARCHY, QUANTIFIERS, Leaf, read_path
from schemas.facts import Snapshot
from services.evaluator.odoo_domain.hierarchy import hierarchy_test
from services.evaluator.odoo_domain.operators import Test, Values, moment_test, plain_test
from services.evaluator.odoo_domain.scene import Found, Scene, names, read
from services.evaluator.odoo_domain.undecidable import CannotTellError, odoo_raises
from services.evaluator.odoo_domain.wildcard import TooCostlyError

LeafTest = Callable[[Scene], bool]
"""Raises CannotTellError where there is no answer."""

_COMPARISON_ERRORS = (TypeError, AttributeError, ValueError)


def compile_leaf(leaf: Leaf, within: Callable[[Any], LeafTest]) -> LeafTest:
    """The test of a term; `within` compiles the domain of an `any`."""
    if not isinstance(leaf.path, str):
        always = bool(leaf.path)
        return lambda _: always
    if leaf.operator in HIERARCHY:
        return hierarchy_test(leaf)
    if leaf.operator in QUANTIFIERS:
        return _quantified(leaf, within(leaf.value))
    return _comparing(leaf)


def segments_of(leaf: Leaf) -> tuple[str, ...]:
    """The fields that a term follows; none for the record itself."""
    path = read_path(leaf)
    return tuple(path.split(".")) if path else ()


def _quantified(leaf: Leaf, inside: LeafTest) -> LeafTest:
    segments, path, wanted = segments_of(leaf), read_path(leaf), leaf.operator == "any"

    def holds(scene: Scene) -> bool:
        found = read(scene, segments)
        if found.records is None:
            raise odoo_raises(scene.prefix + path, f"`{leaf.operator}` needs a field that leads to records")
        # every record is asked, since one that Odoo refuses makes it refuse the whole
        return (True in [inside(scene.inner(record, path)) for record in found.records]) is wanted

    return holds


def _comparing(leaf: Leaf) -> LeafTest:
    segments, value = segments_of(leaf), leaf.value
    plain, moment = (_built(build, leaf) for build in (plain_test, moment_test))

    def holds(scene: Scene) -> bool:
        found = read(scene, segments)
        try:
            if found.moments:
                return moment(found.values)
            return plain(found.values if found.records is None else _compared(found.records, leaf.operator, value))
        except TooCostlyError:
            raise CannotTellError(
                scene.prefix + str(leaf.path), f"the text at `{leaf.path}` nearly fits the pattern too often to go on"
            ) from None
        except _COMPARISON_ERRORS:
            raise odoo_raises(scene.prefix + str(leaf.path), "the value cannot be compared with the field's") from None

    return holds


def _built(build: Callable[[str, Any], Test], leaf: Leaf) -> Test:
    """A test; one that always raises where Odoo does for the value alone."""
    try:
        return build(leaf.operator, leaf.value)
    except _COMPARISON_ERRORS as error:
        reason = type(error)(*error.args)

    def refuse(_: Values) -> bool:
        raise reason

    return refuse


def _compared(records: Sequence[Snapshot], operator: str, value: Any) -> Values:
    """Records are compared by name with text and by id with anything else; of a list its first member decides."""
    members = value if isinstance(value, tuple) and value else (value,)
    by_name = isinstance(members[0], str)
    if operator in ("in", "not in") and any(isinstance(member, str) is not by_name for member in members):
        raise TypeError("names and ids in one list: Odoo's answer depends on the order of a set")
    if by_name:
        return names(records)
    return [record.id for record in records] or [False]


def shown_values(found: Found) -> Sequence[Any]:
    """What a person should see of what stands at a path."""
    if found.records is not None:
        return names(found.records)
    return found.values
