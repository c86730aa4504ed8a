"""Whatever is in the folders: a change of many answers, and leaves behind, what the same changes one by one do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox import imap_change
from connectors.mailbox.changes import Change, Changed, Move, SeenChange, StarChange, TagChange
from connectors.mailbox.imap_session import ImapSession
from connectors.mailbox.imap_together import change_together, changed, keywords_of
from connectors.mailbox.port import Reference
from connectors.mailbox.uri import ImapUri
from runtime.errors import MaildeskError
from tests.unit.connectors.mailbox.stub_imap import StubImap, letter, placed, session_on

TAGS = st.lists(st.sampled_from(["vip", "VIP", "Büro", "x"]), max_size=3, unique_by=str.lower).map(tuple)
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(TagChange, TAGS, st.just(("old",))),
    st.builds(StarChange, st.booleans()),
    st.builds(SeenChange, st.booleans()),
    st.builds(Move, st.sampled_from(["Archive", "INBOX", "Nowhere"])),
)
FLAGS = st.sets(st.sampled_from([b"vip", b"old", b"\\Flagged", b"\\Seen", b"x"]))


@dataclass(frozen=True)
class World:
    """Where letters were when they were looked for, what became of some since, and the server's habits."""

    flags: dict[int, set[bytes]]
    gone: frozenset[int]
    moved: frozenset[int]
    refused: frozenset[int]
    renewed: bool
    told: bool

    def build(self) -> StubImap:
        stub = StubImap(INBOX={n: letter(n) for n in range(1, 5)}, Work={n: letter(n) for n in range(5, 8)}, Archive={})
        for number, flags in self.flags.items():
            stub.flags["INBOX" if number < 5 else "Work", number] = set(flags)
        for number in sorted(self.gone | self.moved):
            raw = stub.boxes["INBOX" if number < 5 else "Work"].pop(number)
            if number in self.moved:
                stub.boxes["Archive"][number] = raw
        stub.validity["Work"] = 2 if self.renewed else 1
        stub.refuse = lambda name, uids: name in ("STORE", "MOVE") and bool(self.refused & set(uids))
        stub.tells_nothing = not self.told
        stub.copyuid = lambda meant: meant if self.told else None
        return stub


NUMBERS = st.frozensets(st.integers(1, 7), max_size=3)
WORLDS = st.builds(
    World, st.dictionaries(st.integers(1, 7), FLAGS), NUMBERS, NUMBERS, NUMBERS, st.booleans(), st.booleans()
)


def said(answer: Changed | MaildeskError) -> object:
    return answer if isinstance(answer, Changed) else (type(answer).__name__, answer.code)


def alone(stub: StubImap, change: Change, given_places: Sequence[tuple[Reference, ImapUri]]) -> list[object]:
    session, found = session_on(stub), list[object]()
    for placed_there in given_places:
        try:
            found.append(session.perform(partial(one, change, *placed_there)))
        except MaildeskError as error:
            found.append(said(error))
    return found


def one(change: Change, reference: Reference, place: ImapUri, session: ImapSession) -> Changed:
    if isinstance(change, Move):
        return Changed(str(imap_change.move(session, reference, place, change.folder)))
    return changed(change, place, imap_change.change_flags(session, place, *keywords_of(change)))


def contents(stub: StubImap) -> dict[str, list[tuple[bytes, frozenset[bytes]]]]:
    return {
        name: sorted((raw, frozenset(stub.flags.get((name, uid), set()))) for uid, raw in box.items())
        for name, box in stub.boxes.items()
    }


@settings(max_examples=100, deadline=None)
@given(world=WORLDS, change=CHANGES, order=st.permutations(range(1, 8)))
def test_together_is_as_alone(world: World, change: Change, order: list[int]) -> None:
    given_places = [placed([number], "INBOX" if number < 5 else "Work")[0] for number in order]
    one_by_one, at_once = world.build(), world.build()
    expected = alone(one_by_one, change, given_places)
    answers = [said(answer) for answer in change_together(session_on(at_once), change, given_places)]
    assert contents(at_once) == contents(one_by_one)
    assert [_kind(answer, change) for answer in answers] == [_kind(answer, change) for answer in expected]
    for (reference, _), answer in zip(given_places, answers, strict=True):
        if isinstance(answer, Changed):
            place = ImapUri.parse(answer.uri, "m")
            assert at_once.boxes[place.folder][place.uid] == letter(int((reference.message_id or "")[1:-3]))


def _kind(answer: object, change: Change) -> object:
    """New UIDs depend on the order of moves; whose they are is looked at above."""
    return "moved" if isinstance(change, Move) and isinstance(answer, Changed) else answer
