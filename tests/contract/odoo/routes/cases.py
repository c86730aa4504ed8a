"""The table: mails by the headers that decide, and the world in which each arrives."""

from dataclasses import dataclass
from typing import Any

REPORT = 'multipart/report; report-type=delivery-status; boundary="b"'
_REPORTED = "--b\r\nContent-Type: text/plain\r\n\r\nnot delivered\r\n--b--\r\n"
USUAL, ALLOWED, BARE = "usual", "allowed", "bare"


@dataclass(frozen=True, slots=True)
class Case:
    """One mail. `headers`: name and value, a value with its line ends where it is folded."""

    name: str
    headers: tuple[tuple[str, str], ...]
    world: str = USUAL
    fallback: str = ""

    @property
    def lines(self) -> list[list[str]]:
        """Each header as the lines in which it arrives."""
        return [f"{name}: {value}\r\n".splitlines(keepends=True) for name, value in self.headers]

    @property
    def raw(self) -> bytes:
        """The mail."""
        body = _REPORTED if any(value == REPORT for _, value in self.headers) else "text"
        return ("".join("".join(lines) for lines in self.lines) + f"\r\n{body}").encode()

    @property
    def asked(self) -> dict[str, Any]:
        """As the recorder hands it to Odoo."""
        return {"name": self.name, "headers": self.lines, "fallback": self.fallback, "raw": self.raw.decode()}


def _id(name: str) -> str:
    return f"<{name}@routes.example>"


def mail(case_name: str, /, world: str = USUAL, fallback: str = "", **headers: str | tuple[str, ...]) -> Case:
    """A mail; `in_reply_to` stands for In-Reply-To, "" leaves a header out."""
    given: dict[str, str | tuple[str, ...]] = {
        "message_id": f"<new-{case_name.replace(' ', '-')}@x.example>",
        "from": "Someone <someone@elsewhere.example>",
        "to": "somebody@nowhere.example",
        "subject": "A route",
    }
    given |= headers
    listed: list[tuple[str, str]] = []
    for name, value in given.items():
        spelled = "-".join(part.capitalize() for part in name.split("_")).replace("Message-Id", "Message-ID")
        listed += [(spelled, each) for each in ((value,) if isinstance(value, str) else value) if each]
    return Case(case_name, tuple(listed), world, fallback)


FIRST, SECOND, THIRD = _id("first"), _id("second"), _id("third")
UNKNOWN = "<unknown@x.example>"
SUPPORT, CONTACTS = "support@one.example", "contacts@one.example"
KNOWN, FOLLOWER = "Known <known@customers.example>", "follower@customers.example"

REPLIES = (
    mail("references", references=FIRST),
    mail("in-reply-to", in_reply_to=SECOND),
    mail("references over in-reply-to", references=FIRST, in_reply_to=SECOND),
    mail("unknown references hide a known in-reply-to", references=UNKNOWN, in_reply_to=SECOND),
    mail("the newest message in Odoo wins", references=f"{THIRD} {FIRST} {SECOND}"),
    mail("the order of references says nothing", references=f"{SECOND} {THIRD}"),
    mail("one of several known", references=f"{UNKNOWN} {FIRST} <more@x.example>"),
    mail("references folded between ids", references=f"{UNKNOWN}\r\n {FIRST}"),
    mail("an id folded inside", references="<fir\r\n st@routes.example>"),
    mail("two references headers", references=(UNKNOWN, FIRST)),
    mail("in-reply-to with a comment", in_reply_to=f"message of Monday {SECOND}"),
    mail("an id without brackets", references="first@routes.example"),
    mail("ids that say reply_to are left out", references="<first.reply_to@routes.example>", in_reply_to=FIRST),
    mail("no ids in references", references="nothing here", in_reply_to=FIRST),
    mail("blank references", references="   ", in_reply_to=FIRST),
    mail("an id in capitals", references=FIRST.upper()),
    mail("one id on two records", references=_id("twice")),
    mail("to an archived record", references=_id("shut")),
    mail("to a deleted record", references=_id("gone")),
    mail("to a message of no record", references=_id("nowhere")),
    mail("to a message of a model alone", references=_id("no-record")),
    mail("to a model that takes no mail", references=_id("country")),
    mail("to a model that takes no mail, to an alias", references=_id("country"), to=SUPPORT),
    mail("to a contact", references=_id("partner")),
    mail("to a team", references=_id("team")),
    mail("to a note", references=_id("note")),
    mail("to a note that Odoo sent to people", references=_id("auto-note")),
    mail("in-reply-to a note, references a comment", references=FIRST, in_reply_to=_id("note")),
    mail("references with 40 ids", references=" ".join([FIRST, *(f"<r{n}@x.example>" for n in range(39))])),
    mail("to nobody", to="", references=FIRST),
)
CANCELLED = (
    mail("reply to an alias of its model", references=FIRST, to=SUPPORT),
    mail("reply to an alias of another model", references=FIRST, to=CONTACTS),
    mail("reply with the other alias in cc", references=FIRST, cc=CONTACTS),
    mail("reply to both aliases", references=FIRST, to=f"{SUPPORT}, {CONTACTS}"),
    mail("other alias only in delivered-to", references=FIRST, delivered_to=CONTACTS),
    mail("reply to an alias by its local part", references=_id("partner"), to="anywhere@any.example"),
    mail("reply to the other domain's support", references=FIRST, to="support@two.example"),
    mail("other alias in to, own alias in cc", references=FIRST, to=CONTACTS, cc=SUPPORT),
    mail("reply to partners alias, unknown sender", references=FIRST, to="partners@one.example"),
    mail("reply to partners alias, known sender", **{"from": KNOWN}, references=FIRST, to="partners@one.example"),
    mail("reply in a followers alias, not following", references=SECOND, to="of-second@one.example"),
    mail("reply in a followers alias, following", **{"from": FOLLOWER}, references=SECOND, to="of-second@one.example"),
    mail("reply to the catchall", references=FIRST, to="catchall@one.example"),
)
ALIASES = (
    mail("alias", to=SUPPORT),
    mail("alias in cc", cc=SUPPORT),
    mail("alias in capitals", to="Support@One.EXAMPLE"),
    mail("alias with a name", to='"Our Support" <support@one.example>'),
    mail("alias in a group", to="team: support@one.example, x@y.example;"),
    mail("alias in resent-to", resent_to=SUPPORT),
    mail("alias in resent-cc", resent_cc=SUPPORT),
    mail("alias in delivered-to", delivered_to=SUPPORT),
    mail("alias in bcc", bcc=SUPPORT),
    mail("alias in x-original-to", x_original_to=SUPPORT),
    mail("alias among many", to="a@x.example, Support <support@one.example>, b@x.example"),
    mail("two aliases, two routes", to=f"{SUPPORT}, {CONTACTS}"),
    mail("one alias twice", to=SUPPORT, cc=SUPPORT),
    mail("alias with plus", to="support+123@one.example"),
    mail("the old form of a record", to="purchase+123@one.example"),
    mail("alias of another domain", to="support@two.example"),
    mail("alias at a foreign domain", to="support@nowhere.example"),
    mail("local alias at any domain", to="anywhere@nowhere.example"),
    mail("local alias with plus", to="anywhere+1@nowhere.example"),
    mail("local alias of the second domain", to="elsewhere@one.example"),
    mail("alias without a domain", to="bare@one.example"),
    mail("alias with a record of its own", to="to-second@one.example"),
    mail("alias with a deleted record", to="to-gone@one.example"),
    mail("alias for partners, unknown", to="partners@one.example"),
    mail("alias for partners, known", **{"from": KNOWN}, to="partners@one.example"),
    mail("alias for partners, known in capitals", **{"from": "KNOWN@Customers.Example"}, to="partners@one.example"),
    mail("alias for partners, sender is an alias", **{"from": "alias@one.example"}, to="partners@one.example"),
    mail("alias for partners and one for all", to=f"partners@one.example, {SUPPORT}"),
    mail("followers of the parent, stranger", to="members@one.example"),
    mail("followers of the parent, follower", **{"from": FOLLOWER}, to="members@one.example"),
    mail("followers of the record, contact", **{"from": KNOWN}, to="of-second@one.example"),
    mail("followers of the record, follower", **{"from": FOLLOWER}, to="of-second@one.example"),
    mail("followers of nothing", **{"from": FOLLOWER}, to="nobody@one.example"),
    mail("alias of a model that takes no mail", to="countries@one.example"),
    mail("alias without quotes around the name", to="Our Support support@one.example"),
    mail("unknown reference and an alias", references=UNKNOWN, to=SUPPORT),
    mail("alias over the fallback", to=SUPPORT, fallback="res.partner"),
)
REPORTS = (
    mail("to the bounce address", to="bounce@one.example"),
    mail("to the bounce address of the other domain", to="returns@two.example"),
    mail("bounce address in capitals", to="Bounce@ONE.example"),
    mail("bounce address in cc", cc="bounce@one.example"),
    mail("bounce address in delivered-to", delivered_to="bounce@one.example"),
    mail("bounce address with plus", to="bounce+5-crm.lead-1@one.example"),
    mail("from mailer-daemon", **{"from": "MAILER-DAEMON@mx.example"}, to=SUPPORT),
    mail("mailer-daemon only in the name", **{"from": "Mailer-Daemon <x@mx.example>"}, to=SUPPORT),
    mail("multipart/report", content_type=REPORT, to=SUPPORT),
    mail("multipart/report that is a reply", content_type=REPORT, references=FIRST),
    mail("from postmaster", **{"from": "postmaster@mx.example"}, to=SUPPORT),
)
CATCHALLS = (
    mail("only to the catchall", to="catchall@one.example"),
    mail("to both catchalls", to="catchall@one.example, all@two.example"),
    mail("catchall of the other domain's name", to="all@one.example"),
    mail("catchall in capitals", to="CATCHALL@one.example"),
    mail("catchall and an alias", to=f"catchall@one.example, {SUPPORT}"),
    mail("catchall and a stranger", to="catchall@one.example, x@y.example"),
    mail("catchall and a stranger, with a fallback", to="catchall@one.example, x@y.example", fallback="crm.lead"),
    mail("catchall in cc", cc="catchall@one.example"),
    mail("catchall in to, alias in cc", to="catchall@one.example", cc=SUPPORT),
    mail("delivered to the catchall, to an alias", delivered_to="catchall@one.example", to=SUPPORT),
    mail("catchall with a fallback", to="catchall@one.example", fallback="crm.lead"),
)
REST = (
    mail("nothing fits"),
    mail("nothing fits, with a fallback", fallback="crm.lead"),
    mail("a fallback that takes no mail", fallback="res.country"),
    mail("a fallback that is no model", fallback="no.such.model"),
    mail("no recipients", to=""),
    mail("no recipients, with a fallback", to="", fallback="crm.lead"),
    mail("no sender", **{"from": ""}, to=SUPPORT),
    mail("no message-id", message_id="", to=SUPPORT),
    mail("a known message-id", message_id=FIRST, to=SUPPORT),
    mail("answer to a warning of a loop", references="<1-loop-detection-bounce-email@one.example>", to=SUPPORT),
    mail("a sender who made too many", **{"from": "many@loops.example"}, to=SUPPORT),
    mail("a sender who made too many replies", **{"from": "many@loops.example"}, references=FIRST),
    mail("an allowed sender who made many", **{"from": "allowed@loops.example"}, to=SUPPORT),
    mail("an id that names a record", references="<1.2-openerp-123-purchase.order@one.example>"),
    mail("the old id that names a record", references="<crm.lead-1-1700000000@one.example>"),
)
DOMAINS = (
    mail("allowed: alias of its domain", ALLOWED, to=SUPPORT),
    mail("allowed: local part at an allowed domain", ALLOWED, to="anywhere@three.example"),
    mail("allowed: local part at an alias domain", ALLOWED, to="anywhere@two.example"),
    mail("allowed: local part at a foreign domain", ALLOWED, to="anywhere@five.example"),
    mail(
        "allowed: reply with a local alias of an allowed domain",
        ALLOWED,
        references=_id("partner"),
        to="anywhere@four.example",
    ),
    mail(
        "allowed: reply with a local alias of a foreign domain",
        ALLOWED,
        references=_id("partner"),
        to="anywhere@five.example",
    ),
    mail("bare: alias without domains", BARE, to="plain@one.example"),
    mail("bare: local part", BARE, to="anywhere@one.example"),
    mail("bare: catchall", BARE, to="catchall@one.example"),
    mail("bare: bounce", BARE, to="bounce@one.example"),
    mail("bare: reply", BARE, references=FIRST),
)
CASES: tuple[Case, ...] = (*REPLIES, *CANCELLED, *ALIASES, *REPORTS, *CATCHALLS, *REST, *DOMAINS)
