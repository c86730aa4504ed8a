"""A decision as the evaluator makes one of every mail: written from its values, an object only for those who ask."""

from typing import Any, ClassVar

from pydantic_core import to_json

from schemas.decision import Decision
from schemas.ids import text_of
from schemas.trusted import trusted


class DecisionDraft:
    """What `encode` needs of a Decision, and the same bytes, without the object: most are only written."""

    __slots__ = ("values",)
    ce_type: ClassVar[str] = Decision.ce_type

    def __init__(self, values: dict[str, Any]) -> None:
        """`values`: one for each field, in the order of the fields and of the type that validation leaves there."""
        self.values = values

    @property
    def record_id(self) -> str:
        """As of the Decision."""
        return text_of(self.values["decision_id"])

    @property
    def record_key(self) -> str:
        """As of the Decision."""
        return f"{self.values['mailbox']}/{text_of(self.values['conversation'])}"

    def to_json(self) -> bytes:
        """The bytes that `decision().to_json()` gives. Raises PydanticSerializationError for a lone surrogate too."""
        return to_json(self.values)

    def decision(self) -> Decision:
        """The record itself."""
        return trusted(Decision, dict(self.values))
