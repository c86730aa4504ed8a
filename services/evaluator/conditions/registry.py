"""Which module knows which condition. A test proves it complete against schemas/condition.py."""

from collections.abc import Callable
from typing import Any, NamedTuple

from schemas.condition import (
    AllOf,
    AnyOf,
    AttachmentsAre,
    BusinessHoursAre,
    DateIs,
    ExcerptIs,
    Group,
    HeaderIs,
    Leaf,
    NoneOf,
    OdooDomainIs,
    RecipientIs,
    ReplyStateIs,
    SenderDomainIs,
    SenderIs,
    SubjectIs,
    members,
)
from services.evaluator.conditions import (
    attachments,
    business_hours,
    date,
    excerpt,
    groups,
    header,
    odoo_domain,
    recipient,
    reply_state,
    sender,
    sender_domain,
    subject,
)
from services.evaluator.conditions.check import Check
from services.evaluator.wording.words import Words


class Kind(NamedTuple):
    """What a condition's module offers: a check, and a sentence without its children."""

    compile_check: Callable[[Any], Check]
    sentence: Callable[[Any, Words], str]


LEAVES: dict[type, Kind] = {
    SenderIs: Kind(sender.compile_check, sender.sentence),
    SenderDomainIs: Kind(sender_domain.compile_check, sender_domain.sentence),
    SubjectIs: Kind(subject.compile_check, subject.sentence),
    RecipientIs: Kind(recipient.compile_check, recipient.sentence),
    HeaderIs: Kind(header.compile_check, header.sentence),
    ExcerptIs: Kind(excerpt.compile_check, excerpt.sentence),
    AttachmentsAre: Kind(attachments.compile_check, attachments.sentence),
    ReplyStateIs: Kind(reply_state.compile_check, reply_state.sentence),
    DateIs: Kind(date.compile_check, date.sentence),
    BusinessHoursAre: Kind(business_hours.compile_check, business_hours.sentence),
    OdooDomainIs: Kind(odoo_domain.compile_check, odoo_domain.sentence),
}
GROUPS: dict[type, Callable[[tuple[Check, ...]], Check]] = {
    AllOf: groups.compile_all,
    AnyOf: groups.compile_any,
    NoneOf: groups.compile_none,
}


def compile_condition(condition: Leaf | Group) -> Check:
    """A whole tree, ready to be asked. Its depth is bounded by the contract (MAX_DEPTH)."""
    if (group := GROUPS.get(type(condition))) is not None:
        return group(tuple(compile_condition(child) for child in members(condition)))
    return LEAVES[type(condition)].compile_check(condition)


def sentence(condition: Leaf | Group, words: Words) -> str:
    """One condition in words, without its children."""
    if isinstance(condition, AllOf | AnyOf | NoneOf):
        return groups.sentence(condition, words)
    return LEAVES[type(condition)].sentence(condition, words)
