"""One tree of errors. What a person reads is one line: where, what is wrong, how to mend it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """What `publisher` tells the shell."""

    DONE = 0
    SOME_REFUSED = 1
    USAGE = 2
    NOTHING_DONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: `where` is a path or a dotted name, `hint` says how to mend it."""

    where: str
    cause: str
    hint: str

    def __str__(self) -> str:
        return f"{self.where}: {self.cause}; {self.hint}"


class PublisherError(Exception):
    """Something the user can mend. Carries every problem found, not only the first."""

    exit_code = ExitCode.NOTHING_DONE

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def of(cls, where: object, cause: str, hint: str) -> Self:
        """Build the error of a single problem."""
        return cls([Problem(where=str(where), cause=cause, hint=hint)])


class ConfigError(PublisherError):
    """config.toml cannot be used."""

    exit_code = ExitCode.USAGE


class UsageError(PublisherError):
    """The command line asks for something that does not exist."""

    exit_code = ExitCode.USAGE


class StoreError(PublisherError):
    """The database cannot be opened or is not ours."""


class OutputError(PublisherError):
    """The output folder cannot be written."""

    exit_code = ExitCode.USAGE


class DiskError(OutputError):
    """The disk is full, failing or read-only: no setting mends that, and no other file fares better."""

    exit_code = ExitCode.NOTHING_DONE


class DeliveryError(PublisherError):
    """The transport as a whole cannot be used; nothing was sent through it."""


class EditionError(PublisherError):
    """An edition is not in the state that was asked for; nothing was changed."""


class NetworkError(PublisherError):
    """A server elsewhere cannot be reached, or does not answer as it should."""


class StoppedError(Exception):
    """The run was asked to stop. What was stored stays, and the next run goes on from there."""


Stop = Callable[[], bool]
"""Whether to stop: asked between two files, never in the middle of one."""


def never() -> bool:
    """For a run that nobody stops."""
    return False


class RefusedError(Exception):
    """An article file that cannot be published as it stands.

    Raised by the text and reader rooms, which know no paths; the inbox adds where.
    """

    def __init__(self, cause: str, hint: str) -> None:
        self.cause = _printable(cause)
        self.hint = _printable(hint)
        super().__init__(f"{self.cause}; {self.hint}")

    def at(self, where: str) -> Problem:
        return Problem(where=where, cause=self.cause, hint=self.hint)


def _printable(text: str) -> str:
    """A refusal may quote the file; what it quotes must not break the line, or the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:500])
