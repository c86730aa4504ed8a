"""Mail that the standard library writes is read back exactly: subject, people, text, attachments, whichever way."""

from email import policy
from email.headerregistry import Address as TheirAddress
from email.message import EmailMessage

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from schemas.mail import Address
from services.ingest.parse.careful import parse_carefully
from services.ingest.parse.mail import parse_mail

UNFOLDED = policy.SMTP.clone(max_line_length=900)
"""Where it folds an address list, the library encodes commas, which it cannot read back itself."""

letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
words = st.text(letters, min_size=1, max_size=60).map(lambda text: " ".join(text.split())).filter(bool)
people = st.builds(
    lambda name, local, domain: (name, f"{local}@{domain}.example"),
    st.text(letters, max_size=30).map(lambda text: " ".join(text.split())),
    st.from_regex(r"[a-zA-Z0-9.+_-]{1,20}", fullmatch=True).filter(lambda t: ".." not in t and t.strip(".") == t),
    st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
)
lines = st.lists(st.text(letters, max_size=120), min_size=1, max_size=6).map("\n".join)
files = st.tuples(st.text(letters, min_size=1, max_size=40).map(lambda t: t.strip() or "f"), st.binary(max_size=300))


def person(name: str, address: str) -> TheirAddress:
    return TheirAddress(display_name=name, addr_spec=address)


def ours(name: str, address: str) -> Address:
    return without_blanks(Address(name=name, address=address))


def without_blanks(address: Address) -> Address:
    """The library's writer loses blanks between two encoded words of a name (RFC 2047 §6.2 says they do not count)."""
    return Address(name="".join(address.name.split()), address=address.address)


@seed(21)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    subject=words,
    sender=people,
    recipients=st.lists(people, min_size=1, max_size=4),
    body=lines,
    encoding=st.sampled_from(("quoted-printable", "base64", "8bit")),
    attached=st.lists(files, max_size=3),
)
def test_what_the_standard_library_writes(
    subject: str,
    sender: tuple[str, str],
    recipients: list[tuple[str, str]],
    body: str,
    encoding: str,
    attached: list[tuple[str, bytes]],
) -> None:
    message = EmailMessage(policy=UNFOLDED)
    message["Subject"] = subject
    message["From"] = person(*sender)
    message["To"] = [person(*each) for each in recipients]
    message.set_content(body, cte=encoding)
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="x-data", filename=name)
    raw = message.as_bytes()
    mail = parse_mail(raw)
    assert mail == parse_carefully(raw)
    assert mail.subject == subject
    assert mail.sender is not None
    assert without_blanks(mail.sender) == ours(*sender)
    assert tuple(map(without_blanks, mail.to)) == tuple(ours(*each) for each in recipients)
    assert mail.excerpt.split() == body.split()
    assert [item.size for item in mail.attachments] == [len(data) for _, data in attached]
    expected = [name.replace("\\", "/").rsplit("/", 1)[-1].strip() for name, _ in attached]
    assert [item.name for item in mail.attachments] == expected
    assert set(mail.defects) <= {"message-id-missing", "date-missing"}
