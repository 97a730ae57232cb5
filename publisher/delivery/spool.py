"""A Maildir instead of a mail server: to try things out, or to hand the messages to something else."""

import os
from collections.abc import Callable
from pathlib import Path

from publisher.delivery.engine import Outcome
from publisher.errors import DeliveryError
from publisher.files import sync
from publisher.model import DeliveryState


class SpoolTransport:
    """Writes .eml files. A message's name comes from its Message-ID, so it can be there only once."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        try:
            for folder in ("tmp", "new", "cur"):
                (outbox / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError.of(
                outbox, f"cannot be written ({error.strerror})", "check delivery.outbox and its rights"
            ) from error

    def send(self, message: bytes, *, message_id: str, recipient: str, fence: Callable[[], bool]) -> Outcome:
        name = f"{message_id.strip('<>').partition('@')[0]}.eml"
        temporary, final = self._outbox / "tmp" / f"{name}.{os.getpid()}", self._outbox / "new" / name
        try:
            with temporary.open("wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise DeliveryError.of(
                self._outbox, f"cannot be written ({error.strerror})", "make room, then send again"
            ) from error
        if not fence():
            temporary.unlink()
            return Outcome(state=DeliveryState.CLAIMED, reply="")
        try:
            if not self._is_there(name):
                temporary.rename(final)
                sync(final.parent)
            temporary.unlink(missing_ok=True)
        except OSError as error:
            return Outcome(state=DeliveryState.UNKNOWN, reply=f"the outbox failed at the end: {error}")
        return Outcome(state=DeliveryState.SENT, reply=f"spooled for {recipient}")

    def _is_there(self, name: str) -> bool:
        """A mail reader moves what it has seen to cur/ and appends flags."""
        return (self._outbox / "new" / name).exists() or any((self._outbox / "cur").glob(f"{name}*"))

    def close(self) -> None:
        """Nothing is held open."""
