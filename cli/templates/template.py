"""A rule template, as its file declares it: parameters, and rules with placeholders for them."""

from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from cli.templates.parameter import Parameter, ParameterName
from cli.templates.placeholders import names
from schemas.base import Authored, Slug

GIVEN_BY_COMMAND: Final = ("id", "rule_name")
"""Names that rules may use beside the parameters: what `--id` says, and the template's title."""
Group = Annotated[tuple[ParameterName, ...], Field(min_length=2, max_length=5)]


class Template(Authored):
    """Texts are English; they are translated where they are shown and where they become part of a rule."""

    name: Slug
    title: str = Field(min_length=1, max_length=200, description="also the name of its rules")
    description: str = Field(min_length=1)
    parameters: tuple[Parameter, ...] = Field(min_length=1)
    at_least_one_of: tuple[Group, ...] = Field(default=(), description="groups of which one at least has a value")
    ascending: tuple[Group, ...] = Field(default=(), description="dates that must follow each other")
    rules: tuple[dict[str, Any], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        declared = [each.name for each in self.parameters]
        if repeated := sorted({name for name in declared if declared.count(name) > 1}):
            raise ValueError(f"declared twice: {', '.join(repeated)}")
        if taken := sorted(set(declared) & set(GIVEN_BY_COMMAND)):
            raise ValueError(f"given by the command already: {', '.join(taken)}")
        defaults = [each.default for each in self.parameters if isinstance(each.default, str)]
        used = set(names([*self.rules, *defaults]))
        grouped = {name for group in (*self.at_least_one_of, *self.ascending) for name in group}
        if unknown := sorted((used | grouped) - {*declared, *GIVEN_BY_COMMAND}):
            raise ValueError(f"not declared: {', '.join(unknown)}")
        if unused := sorted(set(declared) - used):
            raise ValueError(f"never used: {', '.join(unused)}")
        if any("enabled" in rule or "mailbox" in rule for rule in self.rules):
            raise ValueError("enabled and mailbox are given by the command")
        return self

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name. Raises KeyError."""
        return {each.name: each for each in self.parameters}[name]
