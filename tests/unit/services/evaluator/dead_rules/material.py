"""Conditions of few words, so that many contradict or imply each other, and mails that are made of the same words."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from schemas.facts import OdooFacts
from schemas.mail import Address, Attachment, MailArrived
from tests.unit.services.evaluator.making import event
from tests.unit.services.evaluator.test_domain_condition import GERMAN, partner

Raw = dict[str, Any]
WORDS = ("a", "ab", "abc", "b", "bc", "B", "straße", "STRASSE", " a", "e\u0301")
DOMAINS = (
    "b.example",
    "a.b.example",
    "ss.example",
    "straße.example",
    "xn--strae-oqa.example",
    "strasse.example",
    "@b.example",
    "example",
)
ADDRESSES = tuple(f"{local}@{domain.removeprefix('@')}" for local in ("a", "Ab") for domain in DOMAINS)
ENDS = ("@b.example", "b.example", ".example", "a@b.example", "@xn--strae-oqa.example", "@strasse.example")
ZONES = ("UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago")
STATES = ("reply", "new", "first_contact", "known_sender", "answered", "unanswered", "automatic", "personal")
HEADERS = ("List-Id", "X-Note", "x-note")
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
OPERATORS = ("equals", "contains", "starts", "ends")


def comparing(vocabulary: tuple[str, ...]) -> st.SearchStrategy[Raw]:
    """A text operator with values of these."""
    some = st.lists(st.sampled_from(vocabulary), min_size=1, max_size=3)
    return st.builds(lambda name, values: {name: values}, st.sampled_from(OPERATORS), some) | st.builds(
        lambda patterns: {"matches": patterns}, st.lists(st.sampled_from(("^a", "b$", "a.?b")), min_size=1, max_size=2)
    )


def named(kind: str, **fixed: Any) -> Any:
    return lambda comparison: {"type": kind, **fixed, **comparison}


dates = st.integers(0, 5).map(lambda days: str((FIRST + timedelta(days=days)).date()))
date_ranges = st.builds(
    lambda zone, ends, first, length: {
        "type": "date",
        "time_zone": zone,
        **({"on_or_after": first} if ends != "before" else {}),
        **({"before": str((datetime.fromisoformat(first) + timedelta(days=length)).date())} if ends != "first" else {}),
    },
    st.sampled_from(ZONES),
    st.sampled_from(["first", "before", "both"]),
    dates,
    st.integers(1, 2),
)
hours = st.builds(
    lambda days, span, zone, closed, inside: {
        "type": "business_hours",
        "days": days,
        "time_zone": zone,
        "inside": inside,
        **span,
        **closed,
    },
    st.sampled_from([["mon"], ["sun"], ["sun", "mon"], ["mon", "tue", "wed"]]),
    st.sampled_from(
        [
            {},
            {"from": "09:00", "to": "17:00"},
            {"from": "10:00", "to": "12:00"},
            {"from": "22:00", "to": "06:00"},
            {"from": "17:00"},
        ]
    ),
    st.sampled_from(ZONES[:2]),
    st.sampled_from([{}, {"closed": ["2026-03-01"]}, {"closed": ["2026-03-01", "2026-03-02"]}]),
    st.booleans(),
)
attachments = st.builds(
    lambda present, more: {"type": "attachments", "present": present, **more},
    st.booleans(),
    st.fixed_dictionaries(
        {},
        optional={
            "name": comparing(WORDS),
            "content_type": st.lists(st.sampled_from(["image/png", "image/*", "text/plain"]), min_size=1, max_size=2),
            "larger_than": st.integers(0, 2),
            "smaller_than": st.integers(4, 6),
        },
    ),
)
FAMILIES: tuple[st.SearchStrategy[Raw], ...] = (
    comparing(WORDS).map(named("subject")),
    comparing(WORDS).map(named("excerpt")),
    comparing((*ADDRESSES, *ENDS)).map(named("sender"))
    | st.builds(
        lambda found, below: {"type": "sender_domain", "equals": found, "subdomains": below},
        st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=2),
        st.booleans(),
    ),
    st.sampled_from(["to", "cc", "any"]).flatmap(
        lambda where: comparing((*ADDRESSES[:3], *ENDS[:3])).map(named("recipient", **{"in": where}))
    ),
    st.sampled_from(HEADERS).flatmap(
        lambda name: (
            comparing(WORDS).map(named("header", name=name))
            | st.booleans().map(lambda present: {"type": "header", "name": name, "present": present})
        )
    ),
    attachments,
    date_ranges,
    hours,
    st.sampled_from(STATES).map(lambda state: {"type": "reply_state", "equals": state}),
    st.just(GERMAN),
)


def groups(inner: st.SearchStrategy[Raw]) -> st.SearchStrategy[Raw]:
    """all, any, none."""
    several = st.lists(inner, min_size=1, max_size=3)
    return several.flatmap(lambda found: st.sampled_from(["all", "any", "none"]).map(lambda group: {group: found}))


def trees(leaf: st.SearchStrategy[Raw]) -> st.SearchStrategy[Raw]:
    """Small ones, so that their leaves meet."""
    return st.recursive(leaf, groups, max_leaves=5)


pools = st.one_of(*(st.lists(each, min_size=2, max_size=4) for each in FAMILIES)) | st.lists(
    st.one_of(*FAMILIES), min_size=2, max_size=4
)
"""Few leaves, mostly of one kind: what is made of them contradicts and implies often."""
conditions = pools.flatmap(lambda pool: trees(st.sampled_from(pool)) | st.just({"all": pool}))
pairs = pools.flatmap(
    lambda pool: st.tuples(*[trees(st.sampled_from(pool)) | st.sampled_from([{"all": pool}, {"all": pool[:1]}])] * 2)
)


def some_mails(seed: int, count: int) -> list[MailArrived]:
    """Different ones; always the same for a seed."""
    chance = Random(seed)
    return [_mail(chance) for _ in range(count)]


def _mail(chance: Random) -> MailArrived:
    sender = chance.choice((None, "no-at-sign", "a@", "Ab@B.EXAMPLE.", "x@ß.b.example", *ADDRESSES, *ADDRESSES))
    state: dict[str, Any] = {name: chance.random() < 0.5 for name in ("is_reply", "first_contact", "answered")}
    mail = event(sender=sender, subject=_line(chance), automatic=chance.choice([(), ("list",)]), **state)
    return mail.model_copy(
        update={
            "to": _recipients(chance),
            "cc": _recipients(chance),
            "headers": tuple((chance.choice(HEADERS), _line(chance)) for _ in range(chance.randrange(4))),
            "excerpt": _line(chance),
            "attachments": tuple(_file(chance) for _ in range(chance.randrange(3))),
            "received_at": FIRST + timedelta(hours=chance.randrange(-36, 24 * 7), minutes=chance.randrange(60)),
            "odoo": chance.choice(ODOO),
        }
    )


def _line(chance: Random) -> str:
    return "".join(chance.choice((*WORDS, "\n")) for _ in range(chance.randrange(4)))


def _recipients(chance: Random) -> tuple[Address, ...]:
    return tuple(Address(address=chance.choice(ADDRESSES)) for _ in range(chance.randrange(3)))


def _file(chance: Random) -> Attachment:
    kind = chance.choice(("image/png", "image/gif", "text/plain"))
    return Attachment(name=_line(chance), content_type=kind, size=chance.randrange(7))


ODOO = (
    None,
    OdooFacts(read_at=FIRST),
    OdooFacts(read_at=FIRST, missing=("partner",)),
    OdooFacts(read_at=FIRST, partner=partner("DE")),
    OdooFacts(read_at=FIRST, partner=partner("FR")),
)
