"""The secret that makes digests of addresses."""

from runtime.errors import InvalidInputError
from runtime.settings import ServiceSettings, read_secret
from schemas.erasure import SECRET, ErasureKey


def erasure_key() -> ErasureKey:
    """Raises InvalidInputError when it is missing or too short."""
    try:
        return ErasureKey(read_secret(SECRET, ServiceSettings().secrets_dir))
    except ValueError as error:
        raise InvalidInputError(f"{error}; make one: openssl rand -hex 32", code="setting") from None
