"""What /readyz and /status say of each mailbox."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from runtime.health import Health
from services.ingest.metrics import AHEAD, BACKLOG_WAITING, CONNECTED, FACTS_WAITING, MISSING_FOLDERS, OLDEST_PENDING

State = Literal["starting", "reading", "idle", "down", "failed"]
OdooState = Literal["answers", "away", "not configured"]
SHARED = {"kafka-down": "kafka", "postgres-down": "postgres"}
"""Errors that say nothing about the mailbox, and the component they are about."""


class StatusBoard:
    """Facts `{"ruleset_version": N, "mailboxes": {id: {"state", "scanned_once", "pending"}}}` and health components.

    `"odoo": {"state", "waiting": {id: events}}` is no component: mail is read and most rules decide without it.

    `"share": {"holds", "mailboxes", "workers"}`: how many of the mailboxes that it may read are leased to this process.

    `missing_folders` stands there too, while the mailbox has not all that its configuration names.

    `progress` stands there while much mail is read: `{"folder", "read", "of", "per_second", "seconds_left"}`.

    `scanned_once`: every folder was read to its end since the process started; `pending`: records not acknowledged.
    """

    def __init__(self, health: Health) -> None:
        self._health = health
        self._mailboxes: dict[str, dict[str, Any]] = {}
        health.facts["mailboxes"] = self._mailboxes

    def version(self, version: int) -> None:
        """The rules version whose mailboxes are being read."""
        self._health.facts["ruleset_version"] = version

    def share(self, *, holds: int, readable: int, workers: int) -> None:
        """How many mailboxes are leased to this process, of how many that it may read, among how many processes."""
        self._health.facts["share"] = {"holds": holds, "mailboxes": readable, "workers": workers}

    def add(self, mailbox: str) -> None:
        """A mailbox is about to be read."""
        self._mailboxes[mailbox] = {"state": "starting", "scanned_once": False, "pending": 0}
        self._health.set(_component(mailbox), ready=False, detail="not read yet")
        CONNECTED.labels(mailbox).set(0)

    def reading(self, mailbox: str) -> None:
        """Mail was read, and is worked on. A first look may go on like this for long."""
        self._mailboxes[mailbox]["state"] = "reading"
        CONNECTED.labels(mailbox).set(1)

    def progress(self, mailbox: str, told: dict[str, int | str] | None) -> None:
        """How far a look at a folder with much mail is; None: nothing to tell."""
        if told is None:
            self._mailboxes[mailbox].pop("progress", None)
        else:
            self._mailboxes[mailbox]["progress"] = told

    def idle(self, mailbox: str) -> None:
        """A pass came to the end of every folder, and everything is published."""
        self._mailboxes[mailbox].update(state="idle", scanned_once=True, pending=0)
        self._health.set(_component(mailbox), ready=True)
        for component in SHARED.values():
            self._health.set(component, ready=True)
        CONNECTED.labels(mailbox).set(1)

    def missing(self, mailbox: str, folders: Sequence[str]) -> None:
        """The folders of its configuration that the mailbox has not."""
        MISSING_FOLDERS.labels(mailbox).set(len(folders))
        if folders:
            self._mailboxes[mailbox]["missing_folders"] = list(folders)
        else:
            self._mailboxes[mailbox].pop("missing_folders", None)

    def failed(self, mailbox: str, state: State, pending: int, error: tuple[str, str]) -> None:
        """A pass ended with an error of this code and text."""
        code, text = error
        self._mailboxes[mailbox].update(state=state, pending=pending)
        self._health.set(SHARED.get(code, _component(mailbox)), ready=False, detail=text)
        if code not in SHARED:
            CONNECTED.labels(mailbox).set(0)

    def waiting(self, events: Mapping[str, int], state: OdooState) -> None:
        """How many events of each mailbox wait for facts of Odoo, and how it stands with Odoo."""
        self._health.facts["odoo"] = {"state": state, "waiting": dict(events)}

    def remove(self, mailbox: str) -> None:
        """A mailbox is read no more."""
        self._mailboxes.pop(mailbox, None)
        self._health.drop(_component(mailbox))
        for metric in (AHEAD, CONNECTED, MISSING_FOLDERS, OLDEST_PENDING, FACTS_WAITING, BACKLOG_WAITING):
            metric.remove(mailbox)
        if not self._mailboxes:  # nobody here would find out that they answer again
            for component in SHARED.values():
                self._health.drop(component)


def _component(mailbox: str) -> str:
    return f"mailbox {mailbox}"
