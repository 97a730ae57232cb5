"""A Maildir instead of a mail server: to try things out, or to hand the messages to something else."""

import os
from collections.abc import Sequence
from pathlib import Path

from publisher.delivery.transport import Envelope, Outcome, Step
from publisher.errors import DeliveryError
from publisher.files import sync
from publisher.model import DeliveryState

_AT_ONCE = 50


class SpoolTransport:
    """Writes .eml files. A message's name comes from its Message-ID, so it can be there only once."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._begun: list[Envelope] = []
        self._committed: list[Envelope] = []
        try:
            for folder in ("tmp", "new", "cur"):
                (outbox / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError.of(
                outbox, f"cannot be written ({error.strerror})", "check delivery.outbox and its rights"
            ) from error

    @property
    def room(self) -> int:
        return _AT_ONCE - len(self._begun) - len(self._committed)

    def begin(self, envelope: Envelope) -> None:
        self._begun.append(envelope)

    def step(self, seconds: float) -> Step:
        del seconds  # a disk answers when it has done its work
        if self._committed:
            return Step(settled=self._arrive())
        ready, self._begun = self._begun, []
        try:
            for envelope in ready:
                self._write(envelope)
        except OSError as error:
            self.abandon(ready)
            raise DeliveryError.of(
                self._outbox, f"cannot be written ({error.strerror})", "make room, then send again"
            ) from error
        return Step(ready=ready)

    def commit(self, envelopes: Sequence[Envelope]) -> None:
        self._committed.extend(envelopes)

    def abandon(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self._temporary(envelope).unlink(missing_ok=True)
        self._begun = [envelope for envelope in self._begun if envelope not in envelopes]

    def close(self) -> None:
        self.abandon(self._begun)

    def _write(self, envelope: Envelope) -> None:
        with self._temporary(envelope).open("wb") as file:
            file.write(envelope.message)
            file.flush()
            os.fsync(file.fileno())

    def _arrive(self) -> list[tuple[Envelope, Outcome]]:
        """Give the files their names. Whether a name is durable is known for all of them or for none."""
        committed, self._committed = self._committed, []
        try:
            for envelope in committed:
                self._rename(envelope)
            sync(self._outbox / "new")
        except OSError as error:
            reply = f"the outbox failed at the end: {error}"
            return [(envelope, Outcome(state=DeliveryState.UNKNOWN, reply=reply)) for envelope in committed]
        return [
            (envelope, Outcome(state=DeliveryState.SENT, reply=f"spooled for {envelope.recipient}"))
            for envelope in committed
        ]

    def _rename(self, envelope: Envelope) -> None:
        name = _name(envelope)
        # A mail reader moves what it has seen to cur/ and appends flags.
        there = (self._outbox / "new" / name).exists() or any((self._outbox / "cur").glob(f"{name}*"))
        if there:
            self._temporary(envelope).unlink(missing_ok=True)
        else:
            self._temporary(envelope).rename(self._outbox / "new" / name)

    def _temporary(self, envelope: Envelope) -> Path:
        return self._outbox / "tmp" / f"{_name(envelope)}.{os.getpid()}"


def _name(envelope: Envelope) -> str:
    return f"{envelope.message_id.strip('<>').partition('@')[0]}.eml"
