"""`maildesk generate`: writes the pages, manifests and catalogues that are made from code. For developers."""

import sys
from typing import Annotated

import typer

app = typer.Typer(invoke_without_command=True, add_completion=False)


@app.callback()
def generate(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail with a diff when files differ.")] = False,
) -> None:
    """Write JSON Schemas, the AsyncAPI document, reference pages, the topics' manifests and catalogues of messages."""
    # Late: it imports every service, and every other command starts without them.
    from cli.generate.drift import REMEDY, drift, generated_files, write
    from cli.generate.repository import ROOT, check_is_checkout

    check_is_checkout(ROOT)
    files = generated_files()
    if not check:
        for path in write(ROOT, files):
            print(path)
    elif difference := drift(ROOT, files):
        sys.stdout.write(difference)
        print(REMEDY, file=sys.stderr)
        raise typer.Exit(1)
