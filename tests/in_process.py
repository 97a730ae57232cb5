"""A command in this process: it starts in no time."""

import io
import shlex
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from conftest import Ran

from publisher.cli import main


def run_here(root: Path, command: str) -> Ran:
    """What `publisher COMMAND` does with the config in that folder."""
    out, err = io.StringIO(), io.StringIO()
    numbers = (signal.SIGINT, signal.SIGTERM)
    arguments, handlers = sys.argv, [(number, signal.getsignal(number)) for number in numbers]
    sys.argv = ["publisher", "--config", str(root / "config.toml"), *shlex.split(command)]
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv = arguments
        for number, handler in handlers:
            signal.signal(number, handler)
    return Ran(code, out.getvalue(), err.getvalue())
