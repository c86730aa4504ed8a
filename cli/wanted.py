"""What `maildesk up` is to run: from its options, what is stored, and what earlier runs of it left behind."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.rule_files import RuleFile, load_rule_file
from cli.sources import default_name, mailbox_for, source_of, split_name
from cli.state_dir import StateDir
from sandbox.sample_mail import seed_maildir
from schemas.mailbox import Mailbox
from schemas.rule import Rule

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SAMPLE_RULES = EXAMPLES / "rules.yaml"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`rules` None leaves the stored ones as they are. `reads`: the mailboxes of this run.

    `owner` keeps the rules, as `rules apply` of the same file would; `drop`: an owner whose rules give way.
    """

    mailboxes: tuple[Mailbox, ...]
    rules: tuple[Rule, ...] | None
    reads: tuple[str, ...]
    owner: str = ""
    drop: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """What the runs before on this state stored: their last rules file, and every mailbox they were given."""

    rules_file: str = ""
    mailboxes: tuple[str, ...] = ()

    @classmethod
    def read(cls, state: StateDir) -> "Left":
        """Nothing where there was no run before."""
        note = state.path / "up-set.json"
        return cls(**json.loads(note.read_text())) if note.exists() else cls()

    def write(self, state: StateDir, wanted: Wanted) -> None:
        """Remember what this run stores."""
        after = Left(wanted.owner or self.rules_file, tuple(sorted({*self.mailboxes, *wanted.reads})))
        (state.path / "up-set.json").write_text(json.dumps(asdict(after)))


def check_inputs(mail: Sequence[str], rules: Path | None) -> None:
    """Raises InvalidInputError for what `read_wanted` would refuse, before anything is started."""
    for value in mail:
        source_of(split_name(value)[1])
    if rules is not None:
        load_rule_file(rules)


def read_wanted(state: StateDir, mail: Sequence[str], rules: Path | None, stored: Sequence[str]) -> Wanted:
    """From the options. With none: the mailboxes of `mailboxes apply`, or the samples when there are none.

    Raises InvalidInputError for a file or path that is wrong.
    """
    left = Left.read(state)
    own = tuple(name for name in stored if name not in left.mailboxes)
    found = load_rule_file(rules) if rules is not None else None
    if not mail and not (found and found.mailboxes):
        if own:
            return _wanted(left, rules, found, {}, own)
        mail = (str(_sample_maildir(state)),)
        if found is None:
            rules, found = SAMPLE_RULES, load_rule_file(SAMPLE_RULES)
    known = {mailbox.id: mailbox for mailbox in found.mailboxes} if found else {}
    given = _given(mail, known, found)
    return _wanted(left, rules, found, known | given, tuple(given or known))


def _sample_maildir(state: StateDir) -> Path:
    maildir = state.path / "mail" / "support"
    maildir.parent.mkdir(parents=True, exist_ok=True)
    seed_maildir(EXAMPLES / "mail", maildir)
    return maildir


def _given(mail: Sequence[str], known: Mapping[str, Mailbox], found: RuleFile | None) -> dict[str, Mailbox]:
    """An unnamed source takes the name of the rules file's next mailbox that has none, else one made of its path."""
    free = list(dict.fromkeys([*known, *(rule.mailbox for rule in found.rules or ())])) if found else []
    given: dict[str, Mailbox] = {}
    for value in mail:
        name, place = split_name(value)
        name = name or next((each for each in free if each not in given), None) or default_name(place)
        given[name] = mailbox_for(name, place, known.get(name))
    return given


def _wanted(
    left: Left, rules: Path | None, found: RuleFile | None, mailboxes: dict[str, Mailbox], reads: tuple[str, ...]
) -> Wanted:
    owner = str(rules.resolve()) if rules is not None else ""
    gives_way = bool(left.rules_file) and left.rules_file != (owner or left.rules_file)
    sample_beside_own_mail = not owner and bool(mailboxes) and left.rules_file == str(SAMPLE_RULES)
    return Wanted(
        mailboxes=tuple(mailboxes.values()),
        rules=tuple(found.rules or ()) if found else None,
        reads=reads,
        owner=owner,
        drop=left.rules_file if gives_way or sample_beside_own_mail else None,
    )
