"""What an error of the file system means for a mailbox on disk."""

from errno import EACCES, EPERM, EROFS, EXDEV

from connectors.mailbox.port import UnsupportedError
from runtime.errors import PermanentError, TransientError


def translate(error: OSError, mailbox: str) -> PermanentError | TransientError:
    """Rights and file-system borders need a person; a full or failing disk may recover."""
    where = f"mailbox {mailbox}: {error.filename or 'its directory'}: {error.strerror or error}"
    if error.errno == EXDEV:
        return UnsupportedError(
            f"{where}; the two folders lie on different file systems, a move between them would not be atomic"
        )
    if error.errno in (EACCES, EPERM, EROFS):
        return PermanentError(
            f"{where}; give this process the right to read and change the directory", code="disk-refused"
        )
    return TransientError(where, code="disk-error")
