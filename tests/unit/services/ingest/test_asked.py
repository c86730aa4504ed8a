from schemas.needs import LineageNeed, Need
from services.ingest.asked import Asked, asked_of


def need(on: str, *paths: str, model: str = "res.partner", lineages: tuple[LineageNeed, ...] = ()) -> Need:
    return Need.model_validate({"on": on, "model": model, "paths": paths, "lineages": lineages})


def test_nothing_is_asked_of_nothing() -> None:
    assert asked_of(()) == Asked()
    assert asked_of([need("message", "subject", "author_id_x", model="mail.message")]).subjects == ()


def test_needs_of_several_rules_are_one() -> None:
    one = need("partner", "name", "country_id.code")
    two = need("partner", "email", "name", lineages=(LineageNeed(path="category_id", operator="child_of", ids=(3,)),))
    asked = asked_of([one, two])
    assert asked == asked_of([two, one])
    assert asked.subjects == ("partner",)
    assert asked.partner == need("partner", "country_id.code", "email", "name", lineages=two.lineages)


def test_the_author_of_a_mail_is_its_senders_partner() -> None:
    above = LineageNeed(path="author_id", operator="child_of", ids=(1,))
    tagged = LineageNeed(path="author_id.category_id", operator="parent_of", names=("x",))
    asked = asked_of([need("message", "author_id", "author_id.email", "subject", lineages=(above, tagged))])
    assert asked.partner is not None
    assert asked.partner.paths == ("email",)
    assert [one.path for one in asked.partner.lineages] == ["category_id", "id"]
    assert asked_of([need("message", "author_id", model="mail.message")]).partner == need("partner")


def test_records_by_model() -> None:
    asked = asked_of(
        [need("record", "b", model="crm.lead"), need("record", "a", model="crm.lead"), need("record", model="x.y")]
    )
    assert [(one.model, one.paths) for one in asked.records] == [("crm.lead", ("a", "b")), ("x.y", ())]
    assert asked.subjects == ("record",)
    assert asked.only(("partner",)) == Asked()
    assert asked.only(("record",)) == asked


def test_mail_that_lies_in_odoo_is_asked_about_itself() -> None:
    paths = ("author_id.email", "subject")
    needs = [
        Need(on="message", model="mail.message", paths=("subject",)),
        Need(on="message", model="mail.message", paths=("author_id.email",)),
        Need(on="partner", model="res.partner", paths=("name",)),
    ]
    asked = asked_of(needs, hosted=True)
    assert asked.message == Need(on="message", model="mail.message", paths=paths)
    assert asked.partner == Need(on="partner", model="res.partner", paths=("name",))
    assert asked.subjects == ("message", "partner")
    assert asked.only(("message",)) == Asked(message=asked.message)
    assert asked_of(needs).message is None
