"""A Maildir made of the sample mails, so that a first run has something real to change."""

import os
from pathlib import Path

FOLDERS = ("Archive", "Newsletters", "Sent")


def seed_maildir(samples: Path, maildir: Path) -> bool:
    """Put every .eml of `samples` into a new Maildir++ at `maildir`; False when it was there already."""
    if (maildir / "cur").exists():
        return False
    fresh = maildir.with_name(f"{maildir.name}.partial-{os.getpid()}")
    for folder in (fresh, *(fresh / f".{name}" for name in FOLDERS)):
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(sorted(samples.glob("*.eml"))):
        (fresh / "new" / f"{1_700_000_000 + number}.M{number}P1.sample").write_bytes(sample.read_bytes())
    fresh.rename(maildir)
    return True
