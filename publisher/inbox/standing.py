"""Whether a story may be seen: what all its files say together, and what an editor said."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from publisher import __version__
from publisher.identity import embargo_ends_at
from publisher.inbox.scan import InboxFile
from publisher.model import Dateline, Hold, PubStatus, Withdrawal
from publisher.store.articles import KnownArticle, update_articles
from publisher.store.marks import note_change
from publisher.store.sources import Source


def stand(
    row: KnownArticle, files: Collection[Source], zone: ZoneInfo, *, lifts: bool, now: datetime
) -> KnownArticle:
    """The story as its files let it be seen.

    The strictest of them is heard: a wire service cancels by a second file, and the order of names must not
    decide. A cancellation ends when the file that gave it says otherwise (`lifts`); an editor's word stays.
    """
    statuses = {file.status for file in files}
    embargoes = [
        embargo_ends_at(Dateline.fromisoformat(file.embargo), zone) for file in files if file.embargo
    ]
    held = row.held
    if held is not Hold.SECTION:
        held = Hold.WITHHELD if PubStatus.WITHHELD in statuses else None
    withdrawal = row.withdrawal
    if withdrawal is not Withdrawal.OPERATOR:
        stays = withdrawal is Withdrawal.CANCELED and not lifts
        withdrawal = Withdrawal.CANCELED if stays or PubStatus.CANCELED in statuses else None
    embargo_at, withdrawn_at = max(embargoes, default=None), (row.withdrawn_at or now) if withdrawal else None
    if (embargo_at, held, withdrawal, withdrawn_at) == (
        row.embargo_at,
        row.held,
        row.withdrawal,
        row.withdrawn_at,
    ):
        return row
    return replace(row, embargo_at=embargo_at, held=held, withdrawal=withdrawal, withdrawn_at=withdrawn_at)


def withdraw(connection: Connection, rows: Iterable[KnownArticle], by: Withdrawal, *, now: datetime) -> None:
    """Take stories back. What an editor took back, no file brings back."""
    changed = [
        replace(row, withdrawn_at=row.withdrawn_at or now, withdrawal=by)
        for row in rows
        if row.withdrawal is None or (by is Withdrawal.OPERATOR and row.withdrawal is not by)
    ]
    update_articles(connection, changed)
    if changed:
        note_change(connection)


def refused_signature(file: InboxFile) -> str:
    """As the file's own, for this version: a newer one may read what this one cannot."""
    return f"{file.signature} {__version__}"
