"""The command line. Heavy modules are imported by the command that needs them: --help must answer at once."""

import gc
import sys

# Imports make hundreds of thousands of objects that all stay: to look for garbage among them costs 0.1 s.
gc.set_threshold(100_000, 50, 50)

from publisher.cli.app import app  # noqa: E402
from publisher.errors import PublisherError  # noqa: E402


def main() -> None:
    """Entry point. What the user can mend is one line a problem; a bug keeps its traceback."""
    try:
        app()
    except PublisherError as error:
        for problem in error.problems:
            sys.stderr.write(f"publisher: error: {problem}\n")
        sys.exit(error.exit_code)
