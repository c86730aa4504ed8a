"""Secrets are named in what people write, and never written there."""

from typing import Annotated

from pydantic import StringConstraints

SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")]
"""A secret's name, never its value: `MAILDESK_SECRET_<NAME>` in the environment, else the file `<secrets>/<NAME>`."""
