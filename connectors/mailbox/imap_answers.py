"""An imapclient that takes an answer for a message only when the answer names the message's UID.

imapclient files a FETCH answer without UID under its sequence number, as if that were a UID (`parse_fetch_response`).
A server tells flags that another client changed in such answers, at any time (RFC 3501 §7.4.2); imaplib keeps them
until the next FETCH or STORE. What answers our UID FETCH and UID STORE always has the UID (§6.4.8).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from imapclient import IMAPClient
from imapclient.imapclient import join_message_ids, seq_to_parenstr, seq_to_parenstr_upper
from imapclient.response_parser import parse_fetch_response
from imapclient.util import to_bytes

from connectors.mailbox.imap_plain_answers import Line, plain_facts


class UidClient(IMAPClient):  # type: ignore[misc]
    """IMAPClient, but for what becomes of answers to FETCH and STORE."""

    def fetch(
        self, messages: Sequence[int], data: Sequence[str], modifiers: Sequence[str] | None = None
    ) -> dict[int, dict[bytes, Any]]:
        """As IMAPClient.fetch; only what names the UID of one of `messages`."""
        if not messages:
            return {}
        args = ["UID", "FETCH", join_message_ids(messages), seq_to_parenstr_upper(data)]
        if modifiers:
            args.append(seq_to_parenstr_upper(modifiers))
        kind, lines = self._imap._command_complete("FETCH", self._imap._command(*args))  # noqa: SLF001
        self._checkok("fetch", kind, lines)
        kind, lines = self._imap._untagged_response(kind, lines, "FETCH")  # noqa: SLF001
        return self._of(messages, lines)

    def _store(
        self, cmd: bytes, messages: Sequence[int], flags: Any, fetch_key: bytes, silent: bool
    ) -> dict[int, Any] | None:
        if not messages:
            return {}
        words = (join_message_ids(messages), cmd + b".SILENT" if silent else cmd, seq_to_parenstr(flags))
        lines = self._command_and_check("store", *words, uid=True)
        if silent:
            return None
        told: dict[int, Any] = self._filter_fetch_dict(self._of(messages, lines), to_bytes(fetch_key))
        return told

    def _of(self, messages: Sequence[int], lines: Iterable[Line]) -> dict[int, dict[bytes, Any]]:
        told: dict[int, dict[bytes, Any]] = {}
        for answer in _answers(lines):
            for facts in self._facts(answer):
                if isinstance(uid := facts.get(b"UID"), int):
                    told.setdefault(uid, {}).update(facts)
        return {uid: told[uid] for uid in messages if uid in told}

    def _facts(self, answer: list[Line]) -> list[dict[bytes, Any]]:
        if not self.normalise_times and (plain := plain_facts(answer)) is not None:
            return [plain]
        return list(parse_fetch_response(answer, self.normalise_times, uid_is_key=False).values())


def _answers(lines: Iterable[Line]) -> list[list[Line]]:
    """imaplib's lines, each answer's together: it begins with its number, and goes on behind each literal."""
    answers: list[list[Line]] = []
    for line in lines:
        start = line[0] if isinstance(line, tuple) else line
        if start is None:
            continue
        if start[:1].isdigit() or not answers:
            answers.append([])
        answers[-1].append(line)
    return answers
