"""Secrets that a program is given, and those that it has to keep itself."""

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from runtime.errors import InvalidInputError
from runtime.settings import PREFIX, read_secret

VARIABLE = f"{PREFIX}SECRET_"
_RUN: Final = re.compile(r"[A-Za-z0-9+/=._~-]{12,}")


def without(text: str, secrets: Iterable[str]) -> str:
    """What another side said, without our secrets, should it have repeated one, or a dozen characters or more of it.

    Some mail servers quote a command that they do not understand, cut.
    """
    kept = tuple(each for each in secrets if each)
    for secret in kept:
        text = text.replace(secret, "***")
    return _RUN.sub(lambda run: "***" if any(run[0].rstrip(".") in secret for secret in kept) else run[0], text)


class SecretFolder:
    """Reads secrets as `read_secret` does; keeps them as files of the folder that nobody else may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> str:
        """Raises InvalidInputError when there is none."""
        return read_secret(name, self._folder)

    def check(self, name: str) -> None:
        """Raises InvalidInputError where `keep` could not."""
        if f"{VARIABLE}{name}" in os.environ:
            raise InvalidInputError(
                f"the secret {name} comes from {VARIABLE}{name} in the environment, where it cannot be replaced; "
                f"unset that, so that it can be kept in the file {self._folder / name}",
                code="secret-fixed",
            )
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                return
        except OSError as error:
            raise self._unwritable(name, error) from error

    def keep(self, name: str, value: str) -> None:
        """As a whole, for this user only; who reads meanwhile gets the old one. Raises InvalidInputError."""
        self.check(name)
        try:
            number, path = tempfile.mkstemp(dir=self._folder, prefix=f".{name}.")  # mode 0600
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    file.write(value + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(path).replace(self._folder / name)
            except BaseException:
                Path(path).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._unwritable(name, error) from error

    def _unwritable(self, name: str, error: OSError) -> InvalidInputError:
        return InvalidInputError(
            f"the secret {name} cannot be kept in {self._folder}: {error.strerror}; "
            "set MAILDESK_SECRETS_DIR to a folder that can be written",
            code="secret-unwritable",
        )
