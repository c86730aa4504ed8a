"""Raw mails of 5 KB as mailboxes have them: the same in every run, with the line ends of IMAP.

Of ten, six are text and HTML, two text alone, one HTML alone, and one text with a small PDF. Half of the texts are
quoted-printable in UTF-8, one subject in three and one name in four are encoded, four in ten answer another mail. Each
has some twelve headers, as a mail has that came through two servers.
"""

from email import policy
from email.message import EmailMessage, MIMEPart
from random import Random

BYTES = 5_000
SEED = 5_000
_ENGLISH = """
    please find attached the documents that we discussed last week could you confirm the date of delivery and let us
    know whether the terms are still the same as in our previous agreement many thanks and kind regards
"""
_GERMAN = """
    anbei erhalten Sie die Unterlagen über die wir gesprochen haben könnten Sie bitte den Termin bestätigen und uns
    mitteilen ob die Bedingungen für den nächsten Auftrag gültig bleiben vielen Dank und schöne Grüße
"""
_POLICY = policy.SMTP


def letters(count: int) -> list[bytes]:
    """`count` different mails."""
    return [_letter(number, Random(f"{SEED}/{number}")) for number in range(count)]


def _letter(number: int, chance: Random) -> bytes:
    message = EmailMessage(policy=_POLICY)
    german = number % 2 == 1
    _headers(message, number, chance, german=german)
    kind = "both" if number % 10 < 6 else ("text", "text", "html", "file")[number % 10 - 6]
    share = {"both": 0.32, "text": 0.75, "html": 0.7, "file": 0.35}[kind]
    text = _text(chance, (_GERMAN if german else _ENGLISH).split(), int(BYTES * share))
    encoding = "quoted-printable" if german else "7bit"
    if kind != "html":
        message.set_content(text, cte=encoding)
    page = "<html><body>" + "".join(f"<p>{line}</p>\n" for line in text.splitlines()) + "</body></html>\n"
    if kind == "html":
        message.set_content(page, subtype="html", cte=encoding)
    elif kind == "both":
        message.add_alternative(page, subtype="html", cte=encoding)
    elif kind == "file":
        message.add_attachment(chance.randbytes(1_400), maintype="application", subtype="pdf", filename="offer.pdf")
    _fixed_boundaries(message, chance)
    return message.as_bytes()


def _headers(message: EmailMessage, number: int, chance: Random, *, german: bool) -> None:
    domain = f"customer-{chance.randrange(200)}.example"
    name = ("Jörg Weiß", "Anna Berg", "Peter Example", "Berg, Maria")[chance.randrange(4)]
    topic = chance.choice((_GERMAN if german else _ENGLISH).split())
    subject = f"Grüße zu {topic} {number}" if number % 3 == 0 else f"About {topic} {number}"
    for hop in range(2):
        message["Received"] = (
            f"from mx{hop}.{domain} (mx{hop}.{domain} [192.0.2.{chance.randrange(255)}]) by in.company.example "
            f"(Postfix) with ESMTPS id {chance.getrandbits(40):X}; Mon, 2 Mar 2026 08:{number % 60:02}:0{hop} +0000"
        )
    message["Return-Path"] = f"<person{chance.randrange(5_000)}@{domain}>"
    message["From"] = f'"{name}" <person{chance.randrange(5_000)}@{domain}>'
    message["To"] = "Support <support@company.example>"
    message["Subject"] = f"Re: {subject}" if number % 10 < 4 else subject
    message["Message-ID"] = f"<{number}.{chance.getrandbits(64):x}@mail.{domain}>"
    message["Date"] = f"Mon, 02 Mar 2026 09:{number % 60:02}:00 +0100"
    message["User-Agent"] = "Mozilla Thunderbird"
    if number % 10 < 4:
        message["References"] = " ".join(f"<{chance.getrandbits(64):x}@company.example>" for _ in range(2))
        message["In-Reply-To"] = f"<{chance.getrandbits(64):x}@company.example>"


def _text(chance: Random, words: list[str], size: int) -> str:
    lines: list[str] = []
    while sum(map(len, lines)) < size:
        lines.append(" ".join(chance.choice(words) for _ in range(10)))
    return "\n".join(lines) + "\n"


def _fixed_boundaries(message: EmailMessage, chance: Random) -> None:
    part: MIMEPart
    for part in message.walk():
        if part.is_multipart():
            part.set_boundary(f"----=_Part_{chance.getrandbits(64):016x}")
