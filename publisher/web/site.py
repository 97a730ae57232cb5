"""What every page of the web starts from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from publisher.config import Config

Clock = Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class Site:
    """The newsroom's settings and its store, which is open while requests are answered."""

    config: Config
    clock: Clock
    engine: Engine = field(init=False)
