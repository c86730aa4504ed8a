"""One parameter of a template, as its file declares it, and the type that its value has."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator

from cli.templates.kinds import KINDS, MOST, KindName
from schemas.base import Authored
from schemas.scope import duration_of
from schemas.text_template import check_template

ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
Presence = Literal["required", "default", "optional"]


class Parameter(Authored):
    """What a template asks for. Without a default it must be given, unless it is optional."""

    name: ParameterName
    kind: KindName
    description: str = Field(min_length=1, description="what it is for, in English; translated where it is shown")
    default: Any = None
    example: Any = Field(default=None, description="what `templates show` fills in where there is no default")
    optional: bool = Field(default=False, description="it may have no value; what needs it is left out then")
    variables: bool = Field(default=False, description="its text may use variables, such as {sender_name}")
    least: int | str | None = Field(default=None, description="the smallest integer, or the shortest duration")
    most: int | str | None = Field(default=None, description="the largest integer, or the longest duration")
    choices: tuple[str, ...] = Field(default=(), description="for the kind choice")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a choice has choices, and nothing else has")
        if self.variables and self.kind not in ("line", "text"):
            raise ValueError("only a line or a text may use variables")
        if (self.default if self.default is not None else self.example) is None:
            raise ValueError("give a default or an example")
        taken = TypeAdapter(self.value_type)
        for given in (self.default, self.example):
            if given is not None:
                taken.validate_python(given)
        return self

    @property
    def several(self) -> bool:
        """Whether its value is a list."""
        return KINDS[self.kind].several

    @property
    def is_wording(self) -> bool:
        """Whether its default and its example are English sentences rather than names or numbers."""
        return self.kind in ("line", "text", "lines")

    @property
    def presence(self) -> Presence:
        """Whether it must be given."""
        if self.optional:
            return "optional"
        return "required" if self.default is None else "default"

    @property
    def value_type(self) -> Any:
        """The type that pydantic checks a value with."""
        kind = KINDS[self.kind]
        one: Any = Annotated[kind.value, AfterValidator(self._checked)]
        if not kind.several:
            return one
        return Annotated[tuple[one, ...], Field(min_length=1, max_length=MOST.get(self.kind, 1000))]

    def _checked(self, value: Any) -> Any:
        if self.choices and value not in self.choices:
            raise ValueError(f"must be one of: {', '.join(self.choices)}")
        if self.variables:
            check_template(value)
        if self.least is not None and _size(value) < _size(self.least):
            raise ValueError(f"must be at least {self.least}")
        if self.most is not None and _size(value) > _size(self.most):
            raise ValueError(f"must be at most {self.most}")
        return value


def _size(value: Any) -> float:
    return float(value) if isinstance(value, int) else duration_of(value).total_seconds()
