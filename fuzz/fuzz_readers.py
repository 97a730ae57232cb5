# ruff: noqa: INP001 — a script, no package
"""Feed the readers what a coverage-guided fuzzer finds: a story or a refusal must come of it, nothing else.

    make fuzz                                                          one minute
    make fuzz SECONDS=3600                                             an hour
    .venv/bin/python fuzz/fuzz_readers.py -max_total_time=60 FOLDER    new inputs are kept in FOLDER
    .venv/bin/python fuzz/fuzz_readers.py crash-1234                   one input again

The options are libFuzzer's. The first byte of an input chooses the suffix, the rest is the file. Corpus and
dictionary are made at the start, in a folder that goes with the process: the corpus of the real files of the
tests, the dictionary of the words that the mutation tests insert. What an article must be like is said in
tests/mutations.py for both.

Atheris, the fuzzer, is needed only to run this as a program: the functions are tested without it.
"""

import subprocess
import sys
import tempfile
from datetime import datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from mutations import HEADERS, NESTED, WORDS, faults, illegal_characters, is_one_line, originals  # noqa: E402

from publisher.errors import RefusedError  # noqa: E402
from publisher.model import Origin  # noqa: E402
from publisher.readers import READERS, reader_for  # noqa: E402

SUFFIXES = tuple(READERS)
INSIDE = "--inside"
"""The first argument of the process that is the fuzzer's."""
ORIGIN = Origin(language="kk", written_at=datetime(2024, 3, 27, 12, tzinfo=ZoneInfo("Asia/Almaty")))
LARGEST = 65536
"""Bytes of an input. Larger files are the mutation tests' business."""
LONGEST_WORD = 64
"""What libFuzzer takes."""


def suffix_of(data: bytes) -> str:
    """The suffix that an input's first byte stands for."""
    return SUFFIXES[data[0] % len(SUFFIXES)]


def read_one(data: bytes) -> None:
    """Read one input.

    Raises:
        AssertionError: an article or a refusal is not as it must be. Whatever else is raised is a crash too.
    """
    if not data:
        return
    try:
        article = reader_for(suffix_of(data))(data[1:], ORIGIN)
    except RefusedError as error:
        for text in (error.cause, error.hint):
            if not is_one_line(text) or illegal_characters(text):
                raise AssertionError(f"refused with {text!r}") from error
        return
    if found := faults(article):
        raise AssertionError(found)


def write_corpus(folder: Path) -> list[Path]:
    """Put the real files of the tests there as inputs."""
    paths = []
    for number, file in enumerate(originals()):
        path = folder / f"{number:03}{file.suffix}"
        path.write_bytes(bytes([SUFFIXES.index(file.suffix)]) + file.data)
        paths.append(path)
    return paths


def write_dictionary(path: Path) -> None:
    """Write the words that mean something to a reader, as libFuzzer wants them."""
    words = {
        word.encode("utf-8", "surrogatepass") for word in (*WORDS, *HEADERS, *(pair[0] for pair in NESTED))
    }
    lines = (
        "".join(f"\\x{byte:02x}" for byte in word) for word in sorted(words) if 0 < len(word) <= LONGEST_WORD
    )
    path.write_text("".join(f'"{line}"\n' for line in lines))


def fuzz(arguments: list[str]) -> None:
    """Hand the process over to libFuzzer, which ends it: nothing after this is run."""
    try:
        atheris = import_module("atheris")
    except ImportError:
        sys.exit("fuzz_readers: atheris is missing: make .venv/fuzz, with a Python that it has a wheel for")
    with atheris.instrument_imports(include=["publisher"]):
        for reader in READERS.values():
            import_module(f"publisher.readers.{reader.split(':')[0]}")
    atheris.Setup([sys.argv[0], *arguments], read_one)
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Fuzz in a process of its own, and tidy up after it; gives its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        dictionary, corpus = Path(folder, "words"), Path(folder, "corpus")
        corpus.mkdir()
        write_corpus(corpus)
        write_dictionary(dictionary)
        options = [
            f"-dict={dictionary}",
            f"-max_len={LARGEST}",
            "-timeout=10",
            "-rss_limit_mb=1024",
            *arguments,
        ]
        if not any(Path(name).is_file() for name in arguments):  # else these inputs alone
            options.append(str(corpus))  # what is new goes to the first folder: the caller's, if there is one
        command = [sys.executable, __file__, INSIDE, *options]
        return subprocess.run(command, check=False).returncode  # noqa: S603 — ourselves


if __name__ == "__main__":
    if INSIDE in sys.argv:
        fuzz(sys.argv[2:])
    sys.exit(main(sys.argv[1:]))
