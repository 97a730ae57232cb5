"""One edition for each local date, whatever the clocks do: twenty zones, ten years, jumps of a day."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from conftest import ROOT
from sqlalchemy import Engine

from publisher.cli.context import now
from publisher.config import Config, load_config
from publisher.digest import slot_at
from publisher.pipeline.mailing import CATCH_UP, due_slots, freeze_edition
from publisher.store import editions
from publisher.store.engine import open_store, reading

ZONES = """
    Asia/Almaty Asia/Qyzylorda Asia/Tehran Asia/Kathmandu Asia/Gaza Asia/Amman Europe/London Europe/Moscow
    Europe/Chisinau Africa/Cairo Africa/Casablanca America/New_York America/St_Johns America/Havana
    America/Sao_Paulo America/Asuncion Pacific/Apia Pacific/Chatham Australia/Lord_Howe Antarctica/Troll
""".split()
YEARS = (2016, 2026)
HOURS = (time(0), time(0, 30), time(2, 30), time(8), time(23, 59, 59))
"""Midnight and half past two are what clock changes skip and repeat."""
DAY = timedelta(days=1)
LOOK = timedelta(hours=1)


def clock_changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The moments, to the hour, at which the zone's offset changes."""
    hour = timedelta(hours=1)
    days = (YEARS[1] - YEARS[0]) * 366
    start = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    for day, next_day in pairwise(start + DAY * number for number in range(days)):
        if day.astimezone(zone).utcoffset() != next_day.astimezone(zone).utcoffset():
            moments = [day + hour * number for number in range(25)]
            for moment, later in pairwise(moments):
                if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
                    yield later


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def config_with(zone: str, hour: time) -> Config:
    """One digest in the zone, at the hour."""
    config = load_config(ROOT / "config.toml", {})
    (digest,) = config.digests
    digest = dataclasses.replace(digest, timezone=ZoneInfo(zone), time=hour)
    return dataclasses.replace(config, digests=(digest,))


def look(config: Config, engine: Engine) -> list[date]:
    """What the scheduler does when it wakes, by the machine's clock; the dates it froze."""
    dates = []
    for digest, slot in due_slots(config, engine, now=now()):
        freeze_edition(config, engine, digest, local_date=slot, now=now(), scheduled=True)
        dates.append(slot)
    return dates


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_clock_change_each_date_has_its_edition_at_its_time(zone: str, engine: Engine) -> None:
    changes = list(clock_changes(ZoneInfo(zone)))
    for number, change in enumerate(changes):
        config = config_with(zone, HOURS[number % len(HOURS)])
        # A digest of its own for each change: what one has sent is nothing to the other.
        slug = f"change-{number}"
        (digest,) = (dataclasses.replace(each, slug=slug) for each in config.digests)
        config = dataclasses.replace(config, digests=(digest,))
        first, last = (change + days * DAY for days in (-2, 2))
        frozen: dict[date, datetime] = {}
        moment = first
        with time_machine.travel(first, tick=False) as traveller:
            while moment <= last:
                traveller.move_to(moment)
                for slot in look(config, engine):
                    assert slot not in frozen
                    frozen[slot] = moment
                moment += LOOK
        dates = sorted(frozen)
        assert all(later - day == DAY for day, later in pairwise(dates))
        for slot, at in frozen.items():
            late = at - slot_at(digest, slot)
            assert timedelta() <= late < LOOK or at == first
        local = first.astimezone(ZoneInfo(zone)).date(), last.astimezone(ZoneInfo(zone)).date()
        assert {day for day in days(*local) if first <= slot_at(digest, day) <= last} <= set(dates)
    with reading(engine) as connection:
        found = Counter((each.digest, each.local_date) for each in editions.list_editions(connection))
    assert set(found.values()) <= {1}


def days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


@pytest.mark.parametrize("zone", ZONES[::4])
@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["a day ahead", "a day back"])
def test_a_clock_that_jumps_and_is_mended_makes_no_second_edition(
    zone: str, jump: timedelta, engine: Engine
) -> None:
    config = config_with(zone, time(8))
    start = datetime(2026, 3, 20, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as traveller:
        for hour in range(24 * 14):
            true = start + timedelta(hours=hour)
            # The machine's clock is wrong for some hours each third day.
            wrong = hour % 72 in range(10, 16)
            traveller.move_to(true + jump if wrong else true)
            look(config, engine)
    with reading(engine) as connection:
        found = editions.list_editions(connection)
    dates = [edition.local_date for edition in found]
    assert len(set(dates)) == len(dates)
    assert {date(2026, 3, 21) + DAY * number for number in range(12)} <= set(dates)
    assert CATCH_UP < DAY  # else a jump ahead would send yesterday's slot again
