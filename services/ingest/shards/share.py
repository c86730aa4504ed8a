"""Who reads which mailbox: the same answer in every process that knows the same, and few changes of hands."""

from collections import Counter
from collections.abc import Collection, Mapping


def shared_out(readable: Mapping[str, Collection[str]], holders: Mapping[str, str]) -> dict[str, str]:
    """A worker for each mailbox that one of them may read.

    `readable`: by worker, what it may read. `holders`: by mailbox, who has it; one who may not read it, or is no worker
    any more, does not count. Where all may read all, each gets the same number, or one more than another; where filters
    divide them, nobody has two more than one who might take one over.
    """
    found = {box: who for box, who in holders.items() if box in readable.get(who, ())}
    load = dict.fromkeys(readable, 0) | Counter(found.values())
    every: set[str] = set().union(*readable.values())
    for mailbox in sorted(every - found.keys()):
        who = min((who for who in readable if mailbox in readable[who]), key=lambda who: (load[who], who))
        found[mailbox] = who
        load[who] += 1
    _level(readable, found)
    return found


def _level(readable: Mapping[str, Collection[str]], found: dict[str, str]) -> None:
    """Move from those who have most to those who have least. Each move makes them more alike, so it ends."""
    own: dict[str, list[str]] = {who: [] for who in readable}
    for mailbox in sorted(found):
        own[found[mailbox]].append(mailbox)
    while any(_given(giver, readable, own, found) for giver in sorted(own, key=lambda who: (-len(own[who]), who))):
        pass


def _given(
    giver: str, readable: Mapping[str, Collection[str]], own: dict[str, list[str]], found: dict[str, str]
) -> bool:
    """Whether one of the giver's mailboxes went to somebody who has at least two fewer."""
    for taker in sorted(own, key=lambda who: (len(own[who]), who)):
        if len(own[taker]) + 2 > len(own[giver]):
            return False
        for mailbox in reversed(own[giver]):
            if mailbox in readable[taker]:
                own[giver].remove(mailbox)
                own[taker].append(mailbox)
                found[mailbox] = taker
                return True
    return False
