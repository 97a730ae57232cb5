"""`publisher run` and `serve`: the alarm clock. The only importer of APScheduler.

APScheduler only wakes us up. What is due is read from the store each time, so a late, lost or doubled alarm
changes nothing; a look every half minute covers the alarms that a clock change swallows.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.calendarinterval import CalendarIntervalTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine

from publisher.config import Config
from publisher.delivery import Pace, Report
from publisher.errors import PublisherError
from publisher.model import EditionState
from publisher.pipeline import answering, mailing, sending
from publisher.pipeline.publishing import publish
from publisher.store.engine import open_store

Clock = Callable[[], datetime]
_LOOK_SECONDS = 30
_ANSWER_SECONDS = 1
_MISFIRE_GRACE = timedelta(hours=6)
_SLICE = timedelta(seconds=20)
_SHORT_SLICE = timedelta(seconds=3)
"""A domain that wants us to wait must not keep the next reader waiting too."""


def run_scheduler(config: Config, *, clock: Clock, stop: threading.Event) -> None:
    """Publish, send and answer until `stop` is set; what is under way is finished first.

    Raises:
        StoreError: the store cannot be opened.
    """
    with alarm_clock(config, clock=clock, stop=stop):
        stop.wait()


@contextmanager
def alarm_clock(
    config: Config, *, clock: Clock, stop: threading.Event, answers_only: bool = False
) -> Iterator[None]:
    """While the block runs, do what `publisher run` does; or only answer readers who asked on the web.

    Raises:
        StoreError: the store cannot be opened.
    """
    log = _build_log()
    with open_store(config.store_url) as engine:  # one that cannot be opened is said at once
        scheduler = _build_scheduler(config, log)
        pace = Pace(config.delivery.limits, now=clock())
        answer = partial(_answer, config, engine, pace, clock=clock, stop=stop.is_set, log=log, said=set())
        often = IntervalTrigger(seconds=_ANSWER_SECONDS, timezone=config.site.timezone)
        scheduler.add_job(answer, often, executor="answer", id="answer", next_run_time=clock())
        hourly = IntervalTrigger(hours=1, timezone=config.site.timezone)
        forget = partial(_forget, engine, clock, log)
        scheduler.add_job(forget, hourly, executor="answer", id="forget", next_run_time=clock())
        if not answers_only:
            _add_jobs(scheduler, config, clock, stop.is_set, log, pace=pace)
        scheduler.start()
        log.info("started", digests=[digest.slug for digest in config.digests])
        try:
            yield
        finally:
            stop.set()
            log.info("stopping")
            scheduler.shutdown(wait=True)
            log.info("stopped")


def _build_scheduler(config: Config, log: structlog.stdlib.BoundLogger) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        timezone=config.site.timezone,
        # One thread each: publishing never waits for a slow mail server, and neither runs beside itself.
        executors={name: ThreadPoolExecutor(1) for name in ("publish", "send", "answer")},
        job_defaults={
            "coalesce": True,
            "max_instances": 1,
            "misfire_grace_time": int(_MISFIRE_GRACE.total_seconds()),
        },
    )
    scheduler.add_listener(partial(_log_bug, log), EVENT_JOB_ERROR)
    return scheduler


def _add_jobs(
    scheduler: BackgroundScheduler,
    config: Config,
    clock: Clock,
    stop: Callable[[], bool],
    log: structlog.stdlib.BoundLogger,
    *,
    pace: Pace,
) -> None:
    publish = partial(_publish, config, clock, log, set())
    send = partial(_send, config, clock=clock, stop=stop, log=log, publish=publish, pace=pace)
    at_once = clock()
    every = IntervalTrigger(seconds=config.inbox.interval, timezone=config.site.timezone)
    scheduler.add_job(publish, every, executor="publish", id="publish", next_run_time=at_once)
    look = IntervalTrigger(seconds=_LOOK_SECONDS, timezone=config.site.timezone)
    scheduler.add_job(send, look, executor="send", id="look", next_run_time=at_once)
    for digest in config.digests:
        trigger = CalendarIntervalTrigger(
            days=1,
            hour=digest.time.hour,
            minute=digest.time.minute,
            second=digest.time.second,
            timezone=digest.timezone,
        )
        scheduler.add_job(send, trigger, executor="send", id=f"digest {digest.slug}")


def _publish(config: Config, clock: Clock, log: structlog.stdlib.BoundLogger, said: set[str]) -> bool:
    """Publish; False when it could not be done. A refused file is named once, not every minute."""
    try:
        report = publish(config, clock=clock)
    except PublisherError as error:
        log.warning("publish failed", reason=str(error))
        return False
    if report.written or report.blocked:
        log.info(
            "published",
            written=len(report.written),
            new=sum(row.new for row in report.sections),
            updated=sum(row.updated for row in report.sections),
            refused=len(report.refused),
        )
    for problem in report.blocked:
        log.error("kept back", reason=str(problem))
    for warning in report.warnings:
        log.warning("look", file=warning.where, reason=warning.cause)
    refused = {str(problem) for problem in report.refused}
    for reason in sorted(refused - said):
        log.warning("refused", reason=reason)
    said.intersection_update(refused)
    said.update(refused)
    return True


def _send(
    config: Config,
    *,
    clock: Clock,
    stop: Callable[[], bool],
    log: structlog.stdlib.BoundLogger,
    publish: Callable[[], bool],
    pace: Pace,
) -> None:
    """Freeze what is due and send what is open, in slices: a long edition must not make another one late."""
    try:
        with open_store(config.store_url) as engine:
            more = True
            while more:
                _freeze_due(config, engine, clock, publish, log)
                more = _deliver_slice(config, engine, clock=clock, stop=stop, log=log, pace=pace)
    except PublisherError as error:
        log.warning("digest failed", reason=str(error))


def _deliver_slice(
    config: Config,
    engine: Engine,
    *,
    clock: Clock,
    stop: Callable[[], bool],
    log: structlog.stdlib.BoundLogger,
    pace: Pace,
) -> bool:
    """One slice; True when there may be more to do."""
    results = sending.deliver_open(
        config, engine, pace, clock=clock, stop=partial(_is_over, stop, clock, clock() + _SLICE)
    )
    _log_sent(results, log)
    return not stop() and any(isinstance(result, Report) and result.handled for _, result in results)


def _log_sent(results: list[sending.Sent], log: structlog.stdlib.BoundLogger) -> None:
    for edition, result in results:
        event = log.bind(digest=edition.digest, date=str(edition.local_date), kind=str(edition.kind))
        if isinstance(result, PublisherError):
            event.error("delivery failed", reason=str(result))
        elif result.handled:
            event.info("delivered", handled=result.handled, done=result.done, **result.counts)


def _answer(
    config: Config,
    engine: Engine,
    pace: Pace,
    *,
    clock: Clock,
    stop: Callable[[], bool],
    log: structlog.stdlib.BoundLogger,
    said: set[str],
) -> None:
    """Letters that readers asked for on the web. Why there are none is said once, not every second."""
    try:
        is_over = partial(_is_over, stop, clock, clock() + _SHORT_SLICE)
        sent = answering.answer(config, engine, pace, clock=clock, stop=is_over)
    except PublisherError as error:
        if str(error) not in said:
            log.warning("answers failed", reason=str(error))
        said.add(str(error))
    else:
        failed = {str(result) for _, result in sent if isinstance(result, PublisherError)}
        _log_sent([each for each in sent if str(each[1]) not in said], log)
        said.intersection_update(failed)
        said.update(failed)


def _forget(engine: Engine, clock: Clock, log: structlog.stdlib.BoundLogger) -> None:
    try:
        answering.forget(engine, now=clock())
    except PublisherError as error:
        log.warning("old requests were not forgotten", reason=str(error))


def _is_over(stop: Callable[[], bool], clock: Clock, end: datetime) -> bool:
    return stop() or clock() >= end


def _freeze_due(
    config: Config,
    engine: Engine,
    clock: Clock,
    publish: Callable[[], bool],
    log: structlog.stdlib.BoundLogger,
) -> None:
    due = mailing.due_slots(config, engine, now=clock())
    # What was dropped a moment before the slot belongs to it; and no mail may link to a missing page.
    if not due or not publish():
        return
    for digest, slot in due:
        try:
            edition = mailing.freeze_edition(
                config, engine, digest, local_date=slot, now=clock(), scheduled=True
            )
        except PublisherError as error:  # a bad template of one digest is not the others' affair
            log.warning("digest failed", digest=digest.slug, reason=str(error))
        else:
            if edition and edition.state is EditionState.HELD:
                log.error("held", digest=digest.slug, date=str(slot), reason=edition.reason)


def _log_bug(log: structlog.stdlib.BoundLogger, event: JobExecutionEvent) -> None:
    """A bug in one job must not stop the others, and must not pass unseen."""
    log.error("job crashed", job=event.job_id, error=repr(event.exception), traceback=event.traceback)


def _build_log() -> structlog.stdlib.BoundLogger:
    """One event a line, key=value, to standard error."""
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # _log_bug says what it would say
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log: structlog.stdlib.BoundLogger = structlog.get_logger()
    return log
