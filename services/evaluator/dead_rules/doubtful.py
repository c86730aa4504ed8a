"""Values that are allowed and hardly meant: what looks like a pattern, a name or an address where none is compared."""

from collections.abc import Iterator

from schemas.condition import SenderDomainIs, SenderIs, leaves
from schemas.rule import Rule


def doubtful(rule: Rule) -> Iterator[str]:
    """What such a value would have to look like, once for each."""
    for leaf in leaves(rule.when):
        if isinstance(leaf, SenderDomainIs):
            yield from (_of_domain(value) for value in leaf.equals if any(each in value for each in "*@ /"))
        elif isinstance(leaf, SenderIs) and leaf.operator == "equals":
            yield from (_of_sender(value) for value in leaf.values if "@" not in value or "*" in value)


def _of_domain(value: str) -> str:
    domain = value.rpartition("@")[2].lstrip("*. ").strip()
    subdomains = ", and `subdomains: true` for those below it" if "*" in value else ""
    return f"sender_domain: “{value}” is no domain; write {domain or 'example.com'}{subdomains}"


def _of_sender(value: str) -> str:
    return (
        f"sender: “{value}” is no address, and the sender's name is not compared; "
        "write an address, or use contains, starts or ends"
    )
