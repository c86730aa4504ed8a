"""Makes rules from templates, for the tests."""

from collections.abc import Mapping
from typing import Any

from cli.templates.given import Given
from cli.templates.library import templates
from cli.templates.making import Made, make
from cli.templates.template import Template
from cli.templates.values import checked
from cli.templates.wording import english

NEEDED: dict[str, dict[str, Any]] = {
    "acknowledgement": {},
    "channel-notification": {"channel": "sales"},
    "crm-intake": {},
    "helpdesk-intake": {},
    "vacation": {"first_day": "2027-07-19", "back_on": "2027-08-09"},
    "vip-routing": {"domains": ["vip.example.org"], "users": ["admin"]},
}
"""The least that each template can be given."""


def example_values(template: Template) -> dict[str, Any]:
    """A value for each parameter that has no default."""
    return {each.name: each.example for each in template.parameters if each.default is None}


def made_of(name: str, values: Mapping[str, Any], *, identity: str = "mine", mailbox: str = "support") -> Made:
    """In English."""
    template = templates()[name]
    return make(template, checked(template, Given(dict(values)), english), mailbox, identity, template.title)
