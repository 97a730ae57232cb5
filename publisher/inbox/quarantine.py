"""Copies of refused files, each with its reason beside it. The file in the inbox stays where it is."""

import os
from pathlib import Path

from publisher.config import Inbox
from publisher.errors import Problem
from publisher.files import write_atomically


def quarantine(inbox: Inbox, problem: Problem) -> None:
    """Keep a copy of the file that `problem` is about, and the reason in plain words."""
    copy = inbox.quarantine / problem.where
    source = inbox.path / problem.where  # absent for a name that is no UTF-8: the reason alone is kept
    if source.is_file() and not source.is_symlink() and os.access(source, os.R_OK):
        write_atomically(copy, source.read_bytes())
    write_atomically(_reason_path(copy), f"{problem}\n".encode())


def release(inbox: Inbox, path: str) -> None:
    """The file was mended or taken away: nothing is left to explain."""
    copy = inbox.quarantine / path
    if _reason_path(copy).exists():
        copy.unlink(missing_ok=True)
        _reason_path(copy).unlink()


def _reason_path(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.reason.txt")
