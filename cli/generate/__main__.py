"""`python -m cli.generate [--check]`."""

from cli.generate import app

app()
