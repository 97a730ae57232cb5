"""The command line. Heavy modules are imported by the command that needs them: --help must answer at once."""

import sys

from publisher.cli.app import app
from publisher.errors import PublisherError


def main() -> None:
    """Entry point. What the user can mend is one line a problem; a bug keeps its traceback."""
    try:
        app()
    except PublisherError as error:
        for problem in error.problems:
            sys.stderr.write(f"publisher: error: {problem}\n")
        sys.exit(error.exit_code)
