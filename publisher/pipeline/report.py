"""What a run of the publisher tells people and programs."""

from dataclasses import dataclass

from publisher.errors import Problem
from publisher.model import NearDuplicate


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReport:
    """A row of the table that `publish` prints."""

    slug: str | None
    title: str
    stories: int
    new: int
    updated: int
    held: int
    withdrawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    sections: tuple[SectionReport, ...]
    unchanged: int
    """Files of the inbox that hold nothing new."""
    unfinished: tuple[str, ...]
    """Files that somebody was still writing; the next run takes them."""
    refused: tuple[Problem, ...]
    blocked: tuple[Problem, ...]
    """Feeds whose last good version stayed, and why; and what is wrong with the inbox as a whole."""
    warnings: tuple[Problem, ...]
    """What was mended or left open in the stories that were read; a hub that was not told."""
    near_duplicates: tuple[NearDuplicate, ...]
    """Stories that came in now and are nearly the same as another."""
    written: tuple[str, ...]
    """Paths under the output folder."""
    same: int
    """Files that hold these bytes already and were not touched."""
    waiting: dict[str, int]
    """Stories that wait for the next edition, by digest."""
    dry_run: bool
