"""Keywords of a Maildir folder: file names carry the letters a to z, `dovecot-keywords` says what they stand for.

The format is Dovecot's (`0 name` to `25 name`, one a line, letter a is 0), so that a Dovecot on the same Maildir
shows them: https://doc.dovecot.org/2.3/admin_manual/mailbox_formats/maildir/. Blocking.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from socket import gethostname
from typing import Final

from connectors.mailbox.keywords import same
from connectors.mailbox.port import UnsupportedError
from runtime.errors import TransientError

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
LOCK_SECONDS: Final = 10.0
STALE_SECONDS: Final = 120.0
"""A lock file older than this belongs to a program that died."""


def read(folder: Path) -> dict[str, str]:
    """Letter to keyword, for one folder's directory."""
    try:
        text = (folder / "dovecot-keywords").read_text("utf-8", "replace")
    except FileNotFoundError:
        return {}
    table: dict[str, str] = {}
    for line in text.splitlines():
        number, _, name = line.partition(" ")
        if name and number.isascii() and number.isdigit() and int(number) < len(LETTERS):
            table[LETTERS[int(number)]] = name
    return table


def letters_of(table: dict[str, str], keywords: Iterable[str]) -> str:
    """The letters of those keywords that the folder knows."""
    wanted = list(keywords)
    return "".join(letter for letter, name in table.items() if any(same(name, keyword) for keyword in wanted))


def ensure(folder: Path, keywords: list[str]) -> str:
    """The letters of all `keywords`, giving new ones a letter first.

    Raises UnsupportedError when the folder's 26 letters are taken, TransientError while another program has the lock.
    """
    table = read(folder)
    if all(letters_of(table, [keyword]) for keyword in keywords):
        return letters_of(table, keywords)
    lock = _lock(folder)
    try:
        table = read(folder)
        for keyword in keywords:
            if not letters_of(table, [keyword]):
                table[_free(table, folder, keyword)] = keyword
        lines = [f"{LETTERS.index(letter)} {table[letter]}\n" for letter in sorted(table)]
        _write(folder / "dovecot-keywords", "".join(lines))
    finally:
        lock.unlink(missing_ok=True)
    return letters_of(table, keywords)


def _free(table: dict[str, str], folder: Path, keyword: str) -> str:
    for letter in LETTERS:
        if letter not in table:
            return letter
    raise UnsupportedError(
        f"the Maildir folder {folder} has its 26 keywords already ({folder / 'dovecot-keywords'}), {keyword} would be "
        "the 27th; use fewer tags, or an IMAP source",
        code="flag-refused",
    )


def _lock(folder: Path) -> Path:
    """Dovecot guards dovecot-keywords by the lock of dovecot-uidlist, a dot lock that holds `pid:host`."""
    path = folder / "dovecot-uidlist.lock"
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            lock = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            _remove_stale(path)
            if time.monotonic() > end:
                raise TransientError(f"{path} is held by another program", code="maildir-locked") from None
            time.sleep(0.02)
        else:
            os.write(lock, f"{os.getpid()}:{gethostname()}".encode())
            os.close(lock)
            return path


def _remove_stale(path: Path) -> None:
    try:
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            path.unlink()
    except FileNotFoundError:
        return


def _write(path: Path, text: str) -> None:
    like = path if path.exists() else path.parent
    status = like.stat()
    # The name that Dovecot uses too, and removes when a crash left it; the lock is held here.
    new = path.with_name("dovecot-keywords.lock")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.chmod(status.st_mode & 0o666)
    if os.geteuid() == 0:
        os.chown(new, status.st_uid, status.st_gid)
    # Dovecot reads the file again when its time in whole seconds differs, so it must.
    seconds = max(int(time.time()), int(status.st_mtime) + 1)
    os.utime(new, (seconds, seconds))
    new.rename(path)
