"""How fast mail may leave, and what a refusal means: pure, so in tables."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.config import Limits
from publisher.delivery import Pace, classify
from publisher.model import BounceKind

NOON = datetime(2026, 3, 26, 12, tzinfo=UTC)


def pace(*, per_second: int = 0, per_hour: int = 0, **domains: int) -> Pace:
    named = {domain.replace("_", "."): rate for domain, rate in domains.items()}
    return Pace(Limits(per_second=per_second, per_hour=per_hour, domains=named), now=NOON)


def send_for(pace: Pace, seconds: float, domain: str = "example.kz", step: float = 0.01) -> int:
    """How many messages leave in that time, when there is always one more."""
    sent = 0
    for tick in range(round(seconds / step)):
        now = NOON + timedelta(seconds=tick * step)
        while pace.allowance(now) and pace.admit(domain, now) is None:
            sent += 1
            if sent > 100_000:
                return sent
    return sent


@pytest.mark.parametrize(
    ("limits", "seconds", "most"),
    [
        ({"per_second": 5}, 10, 50),
        ({"per_second": 1}, 10, 10),
        ({"per_hour": 3600}, 10, 10),
        ({"per_hour": 360}, 100, 10),
        ({"per_second": 100, "per_hour": 3600}, 10, 10),
    ],
)
def test_no_more_leave_than_the_limit_says(limits: dict[str, int], seconds: float, most: int) -> None:
    assert most - 1 <= send_for(pace(**limits), seconds) <= most + 1


def test_without_limits_everything_leaves() -> None:
    assert send_for(pace(), 0.05) > 100_000


def test_when_the_next_one_may_leave_is_said() -> None:
    slow = pace(per_hour=60)
    assert slow.allowance(NOON) == 1
    assert slow.admit("example.kz", NOON) is None
    assert slow.allowance(NOON) == 0
    assert slow.next_at(NOON) == NOON + timedelta(minutes=1)
    assert slow.allowance(NOON + timedelta(minutes=1)) == 1


def test_a_domain_has_a_limit_of_its_own() -> None:
    limited = pace(mail_ru=2)
    assert send_for(limited, 10, "mail.ru") in {20, 21, 22}
    assert send_for(limited, 0.05, "example.kz") > 100_000


def test_those_that_are_put_off_come_back_one_behind_the_other() -> None:
    limited = pace(mail_ru=2)
    times = [limited.admit("mail.ru", NOON) for _ in range(7)]
    assert times[:2] == [None, None]
    later = [time for time in times if time is not None]
    assert later == sorted(later)
    assert later[0] == NOON + timedelta(seconds=0.5)
    assert later[-1] == NOON + timedelta(seconds=2.5)
    assert all(limited.admit("mail.ru", time) is None for time in later)


def test_a_domain_that_says_too_fast_is_left_in_peace_longer_each_time() -> None:
    heeding = pace()
    now, pauses = NOON, []
    for _ in range(9):
        heeding.heed("gmail.com", "421 4.7.28 unusual rate", now)
        free_at = heeding.admit("gmail.com", now)
        assert free_at is not None
        assert heeding.admit("example.kz", now) is None
        pauses.append((free_at - now).total_seconds())
        now = free_at
        assert heeding.admit("gmail.com", now) is None
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    heeding.welcome("gmail.com")
    heeding.heed("gmail.com", "450 4.7.1 wait", now)
    assert heeding.admit("gmail.com", now) == now + timedelta(minutes=1)


@pytest.mark.parametrize(
    "reply", ["451 4.3.0 try later", "450 mailbox busy", "connection lost", "4.70 apples"]
)
def test_other_refusals_slow_nothing_down(reply: str) -> None:
    heeding = pace()
    heeding.heed("gmail.com", reply, NOON)
    assert heeding.admit("gmail.com", NOON) is None


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 5.1.1 no such user", BounceKind.HARD),
        ("550 5.1.10 recipient not found", BounceKind.HARD),
        ("550 5.2.1 mailbox disabled", BounceKind.HARD),
        ("550 no such user here", BounceKind.HARD),
        ("553 mailbox name not allowed", BounceKind.HARD),
        ("550 5.7.1 looks like spam", BounceKind.SOFT),
        ("552 5.2.2 mailbox full", BounceKind.SOFT),
        ("552 too large", BounceKind.SOFT),
        ("554 5.3.4 message too big", BounceKind.SOFT),
        ("554 transaction failed", BounceKind.SOFT),
        ("450 4.1.1 not yet", BounceKind.SOFT),
        ("550 host 5.1.1.1 is blocked", BounceKind.SOFT),
        ("550 spam message rejected", BounceKind.SOFT),
        ("550 5.7.1 No such user!", BounceKind.HARD),
        ("no message can be made for this address", BounceKind.SOFT),
    ],
)
def test_what_a_refusal_says_of_the_address(reply: str, kind: BounceKind) -> None:
    assert classify(reply) is kind
