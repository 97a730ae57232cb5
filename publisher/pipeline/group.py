"""Files that are made together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from publisher.errors import Problem
from publisher.pipeline.fingerprint import digest_of

Files = Mapping[str, bytes]
"""Path under the output folder to content."""


class BlockedError(Exception):
    """Files that must not go live; the last good ones stay."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class Stage(IntEnum):
    """Files of a later stage name those of an earlier one, which must not get lost behind them."""

    STORIES = 1
    """And what they show: pictures, the stylesheet."""
    ARCHIVES = 2
    FEEDS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are made together: if one of them must not go live, none does."""

    paths: tuple[str, ...]
    inputs: str
    build: Callable[[], Files]
    """In the order in which they go live. Raises BlockedError."""
    stage: Stage = Stage.STORIES

    def together_with(self, other: "Group") -> "Group":
        """Both as one: if a file of either must not go live, none does."""
        return replace(
            self,
            paths=(*self.paths, *other.paths),
            inputs=digest_of(self.inputs, other.inputs),
            build=lambda: {**self.build(), **other.build()},
        )
