"""Facts are read in a few calls, within their time, or they are missing; mail is never stopped by Odoo."""

from typing import Any

import pytest

from runtime.backoff import Backoff
from runtime.clock import FakeClock
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError
from schemas.facts import OdooFacts, Scalar, Snapshot
from schemas.mail import Address
from schemas.needs import Need
from services.ingest.asked import Asked
from services.ingest.facts import FactReader
from services.ingest.gate import Gate
from tests.unit.connectors.odoo.office import Office

PARTNER = Need(on="partner", model="res.partner", paths=("email", "parent_id.name"))
LEAD = Need(on="record", model="crm.lead", paths=("name", "partner_id.email"))
BOTH = Asked(PARTNER, (LEAD,))


class Letter:
    def __init__(self, sender: str = "", to: str = "info@firma.example", **ids: tuple[str, ...]) -> None:
        self.sender = Address(address=sender) if sender else None
        self.to = (Address(address=to),)
        self.references = ids.get("references", ())
        self.in_reply_to = ids.get("in_reply_to", ())
        self.hosted: int | None = None


def reader(office: Office | None, clock: FakeClock | None = None, seconds: float = 5.0) -> FactReader:
    clock = clock or FakeClock()
    gate = Gate(clock, Backoff(first=4.0, longest=60.0))
    return FactReader(office.odoo if office else None, lambda _mailbox, _direction: BOTH, gate, clock, seconds)


async def read(facts: FactReader, *letters: Letter, asked: Asked = BOTH, seconds: float = 5.0) -> list[OdooFacts]:
    return await facts.read(asked, letters, seconds)


async def test_what_was_found() -> None:
    office = Office()
    ann = await office.partner("ann@x.example", parent_id=1)
    lead = await office.create("crm.lead", name="A deal", partner_id=ann)
    await office.reply_to(lead, "<1@firma.example>")
    one, two = await read(
        reader(office), Letter("Ann@X.example", in_reply_to=("<1@firma.example>",)), Letter("new@x.example")
    )
    assert one.missing == two.missing == ()
    assert one.partner is not None
    assert (one.partner.id, one.partner.fields["email"]) == (ann, Scalar(type="char", value="ann@x.example"))
    assert one.record is not None
    assert (one.record.model, one.record.id) == ("crm.lead", lead)
    assert two.partner == Snapshot(model="res.partner", id=0, types=one.partner.types)
    assert two.record == Snapshot(model="crm.lead", id=0, types=one.record.types)


async def test_of_mail_that_lies_in_odoo_the_record_itself_is_read() -> None:
    """Neither address nor references are asked: they may lead elsewhere."""
    office = Office()
    await office.partner("ann@x.example")
    author = await office.partner("other@x.example")
    lead = await office.create("crm.lead", name="A deal")
    own = {"message_id": "<own@x.example>", "subject": "Offer", "author_id": author}
    message = await office.create("mail.message", model="crm.lead", res_id=lead, **own)
    hosted = Letter("ann@x.example", references=("<nowhere@x.example>",))
    hosted.hosted = message
    gone = Letter("ann@x.example")
    gone.hosted = 99
    about = Asked(PARTNER, (LEAD,), Need(on="message", model="mail.message", paths=("author_id.email", "subject")))
    one, other = await read(reader(office), hosted, gone, asked=about)
    assert one.missing == other.missing == ()
    assert one.message is not None
    assert (one.message.id, one.message.fields["subject"]) == (message, Scalar(type="char", value="Offer"))
    assert one.partner is not None
    assert one.record is not None
    assert (one.partner.id, one.record.model, one.record.id) == (author, "crm.lead", lead)
    assert other.message is None


async def test_a_hosted_mail_waits_for_its_record_when_odoo_is_away() -> None:
    hosted = Letter("ann@x.example")
    hosted.hosted = 7
    about = Asked(message=Need(on="message", model="mail.message", paths=("subject",)))
    (found,) = await read(reader(None), hosted, asked=about)
    assert found.missing == ("message",)


async def test_many_mails_cost_as_many_calls_as_one() -> None:
    office = Office()
    for number in range(60):
        await office.partner(f"p{number}@x.example", parent_id=1)
        await office.reply_to(await office.create("crm.lead", name=f"Lead {number}"), f"<{number}@x.example>")
    counts = []
    for many in (1, 60):
        office.line.calls.clear()
        letters = [Letter(f"p{n}@x.example", references=(f"<{n}@x.example>",)) for n in range(many)]
        facts = await read(reader(office), *letters)
        assert all(one.partner and one.partner.id and one.record and one.record.id for one in facts)
        counts.append(len([call for call in office.line.calls if call[1] != "fields_get"]))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


@pytest.mark.parametrize(
    "error",
    [
        TargetDownError("Odoo cannot be reached", code="odoo-down"),
        OutcomeUnknownError("no answer", code="odoo-outcome-unknown"),
        PermanentError("no Odoo answers at this URL", code="odoo-url"),
    ],
)
async def test_an_odoo_that_does_not_answer(error: MaildeskError) -> None:
    office = Office()
    office.line.fail = error
    (one,) = await read(reader(office), Letter("a@x.example"))
    assert one.missing == ("partner", "record")
    assert (one.partner, one.record) == (None, None)


async def test_no_odoo() -> None:
    (one,) = await read(reader(None), Letter("a@x.example"))
    assert one.missing == ("partner", "record")


async def test_what_came_in_time_is_kept() -> None:
    office = Office()
    await office.partner("ann@x.example")
    office.line.hold = ("mail.message", "search_read")
    (one,) = await read(reader(office), Letter("ann@x.example", references=("<1@x.example>",)), seconds=0.2)
    assert one.missing == ("record",)
    assert one.partner is not None
    assert one.partner.id


async def test_a_dead_odoo_costs_its_time_out_once() -> None:
    office, clock = Office(), FakeClock()
    office.line.hold = ("", "")
    facts = reader(office, clock)
    for _ in range(3):
        (one,) = await read(facts, Letter("a@x.example"), seconds=0.05)
        assert one.missing == ("partner", "record")
    assert len(office.line.calls) == 2, "one about the partner, one about the record"
    office.line.hold = None
    clock.advance(4.1)
    (one,) = await read(facts, Letter("a@x.example"))
    assert one.missing == ()
    assert facts.gate.failures == 0


async def test_what_odoo_refuses_for_good_is_undecidable_and_waits_for_nothing() -> None:
    office = Office()

    def refuse(model: str, method: str, answer: Any) -> Any:
        if model == "mail.message" and method == "search_read":
            raise PermanentError("You are not allowed", code="odoo-access")
        return answer

    office.line.twist = refuse
    (one,) = await read(reader(office), Letter("a@x.example", references=("<1@x.example>",)))
    assert one.missing == ()
    assert one.record is None
    assert one.partner is not None


async def test_a_record_of_another_model_is_named_and_not_read() -> None:
    office = Office()
    team = await office.create("crm.team", name="Support")
    await office.create("mail.message", message_id="<1@x.example>", model="crm.team", res_id=team)
    gone = await office.create("crm.lead", name="Deleted")
    await office.create("mail.message", message_id="<2@x.example>", model="crm.lead", res_id=gone)
    office.line.standin.store.tables["crm.lead"].pop(gone)
    threads = [Letter(references=(f"<{number}@x.example>",)) for number in (1, 2)]
    one, two = await read(reader(office), *threads, asked=Asked(records=(LEAD,)))
    assert one.record == Snapshot(model="crm.team", id=team)
    assert two.record is None
    assert one.partner is None


async def test_a_model_that_this_odoo_does_not_have() -> None:
    asked = Asked(records=(Need(on="record", model="helpdesk.ticket", paths=("name",)),))
    (one,) = await read(reader(Office()), Letter(), asked=asked)
    assert one.record == Snapshot(model="helpdesk.ticket", id=0)
    assert one.missing == ()


HOSTILE: list[Any] = [
    None,
    "x" * 100_000,
    "\ud800",
    float("nan"),
    float("inf"),
    2**70,
    {"a": 1},
    [[1]],
    True,
    "2024-13-01",
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:12])
async def test_hostile_values_are_left_out_or_harmless(value: Any) -> None:
    office = Office()
    await office.partner("ann@x.example")
    paths = ("active", "category_id.name", "child_ids.name", "color", "date", "email", "parent_id.name")

    def twist(model: str, method: str, answer: Any) -> Any:
        if (model, method) != ("res.partner", "search_read") or "user_ids" in answer[0]:
            return answer
        return [{**dict.fromkeys(row, value), "id": row["id"]} for row in answer]

    office.line.twist = twist
    asked = Asked(Need(on="partner", model="res.partner", paths=paths))
    (one,) = await read(reader(office), Letter("ann@x.example"), asked=asked)
    assert OdooFacts.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize("answer", [None, 5, [5], [{}], [{"id": "x"}], {"id": 1}])
async def test_answers_in_no_shape_of_odoos(answer: Any) -> None:
    office = Office()
    office.line.twist = lambda _model, method, real: answer if method == "search_read" else real
    (one,) = await read(reader(office), Letter("ann@x.example", references=("<1@x.example>",)))
    assert set(one.missing) <= {"partner", "record"}
    assert one.missing


async def test_what_rules_name_and_odoo_does_not_have_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    office = Office()
    ann = await office.partner("ann@x.example")
    wrong = Asked(
        Need(on="partner", model="res.partner", paths=("email", "nosuch", "parent_id.nosuch.name")),
        (Need(on="record", model="no.such", paths=("name",)),),
    )
    facts = reader(office)
    for _ in range(2):
        (one,) = await read(facts, Letter("ann@x.example"), asked=wrong)
    assert one.partner is not None
    assert (one.partner.id, one.partner.unknown) == (ann, ("nosuch", "parent_id.nosuch"))
    (told,) = [
        vars(record)["names"]
        for record in caplog.records
        if "do not have" in record.message or "does not have" in record.message
    ]
    assert told == ["no.such", "res.partner: nosuch", "res.partner: parent_id.nosuch"]
