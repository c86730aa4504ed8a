"""Which looks there are, for what is known."""

from collections.abc import Collection, Iterator
from functools import partial

from cli.doctor.checking import Check
from cli.doctor.checks.kafka_groups import check_groups
from cli.doctor.checks.kafka_topics import check_topics
from cli.doctor.checks.mailbox_login import check_mailbox, place_of
from cli.doctor.checks.odoo import look_at_odoo
from cli.doctor.checks.postgres import check_clock, check_migrations
from cli.doctor.checks.reading import check_reading
from cli.doctor.checks.services import check_service
from cli.doctor.checks.smtp_login import check_outgoing
from cli.doctor.house import House

PARTS = ("mailboxes", "smtp", "odoo", "kafka", "postgres", "services")


def looks(house: House, offline: Collection[str]) -> list[Check]:
    """Everything but the parts that are known to be away."""
    return [each for each in _all(house) if each.part not in offline]


def _all(house: House) -> Iterator[Check]:
    for mailbox in house.mailboxes:
        yield Check("mailboxes", place_of(mailbox), partial(check_mailbox, mailbox=mailbox))
        yield Check("smtp", f"mailbox {mailbox.id}, outgoing", partial(check_outgoing, mailbox=mailbox))
    if house.odoo is not None:
        yield Check("odoo", "Odoo", look_at_odoo)
    if house.kafka is not None:
        yield Check("kafka", f"Kafka {house.kafka}", check_topics)
        yield Check("kafka", f"Kafka {house.kafka}", check_groups)
    if house.database is not None:
        yield Check("postgres", "Postgres", check_migrations)
        yield Check("postgres", "Postgres", check_clock)
        yield Check("postgres", "Postgres", check_reading)
    for name in house.services:
        yield Check("services", f"service {name}", partial(check_service, name=name))
