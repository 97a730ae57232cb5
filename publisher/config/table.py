"""A TOML table while it is read: it collects every problem instead of stopping at the first."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from publisher.errors import Problem

T = TypeVar("T")


class Table:
    """One table. A key that nobody took is unknown."""

    def __init__(self, values: Any, name: str, problems: list[Problem]) -> None:
        self._name = name
        self._problems = problems
        self._taken: set[str] = set()
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            self.complain("", "is not a table", f"write [{name}]")

    def complain(self, key: str, cause: str, hint: str) -> None:
        where = f"{self._name}.{key}".strip(".")
        self._problems.append(Problem(where=where, cause=cause, hint=hint))

    def take(self, key: str, kind: type[T], default: T | None = None) -> T | None:
        self._taken.add(key)
        if key not in self._values:
            if default is None:
                self.complain(key, "is missing", "add it; config.toml in the package shows every key")
            return default
        value = self._values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.complain(key, f"is {value!r}", f"write {_KINDS[kind]}")
            return default
        return value

    def text(self, key: str, default: str | None = None, hint: str = "write a text in quotes") -> str:
        value = self.take(key, str, default) or ""
        written = self._values.get(key)
        if default != "" and isinstance(written, str) and not written.strip():
            self.complain(key, "is empty", hint)
        if re.search(r"[\x00-\x1f\x7f]", value):
            self.complain(key, "holds a line break or control character", "write it on one line")
        return value

    def number(self, key: str, default: int, *, low: int, high: int) -> int:
        value = self.take(key, int, default)
        value = default if value is None else value
        if not low <= value <= high:
            self.complain(key, f"is {value}", f"write a whole number from {low} to {high}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        return bool(self.take(key, bool, default))

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in options:
            self.complain(key, f"is {value!r}", f"write one of {', '.join(options)}{nearest(value, options)}")
            return options[0]
        return value or options[0]

    def texts(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        values = self.take(key, list, default) or []
        if not all(isinstance(value, str) and value.strip() and value.isprintable() for value in values):
            self.complain(key, f"is {values!r}", 'write a list of texts: ["one", "two"]')
            return ()
        if self._values.get(key) == [] and default != []:
            self.complain(key, "is empty", "name at least one")
        return tuple(values)

    def table(self, key: str) -> "Table":
        return Table(self.take(key, dict, {}), f"{self._name}.{key}".strip("."), self._problems)

    def names(self) -> tuple[str, ...]:
        """What is written here, for a table whose keys are names of the newsroom's own."""
        return tuple(self._values)

    def tables(self, key: str) -> list["Table"]:
        values = self.take(key, list, []) or []
        name = f"{self._name}.{key}".strip(".")
        return [Table(value, f"{name}[{index}]", self._problems) for index, value in enumerate(values)]

    def close(self) -> None:
        """Report every key that nothing asked for."""
        for key in self._values:
            if key not in self._taken:
                known = f"known here: {', '.join(sorted(self._taken))}"
                self.complain(key, "is not a known key", f"{known}{nearest(key, self._taken)}")


_KINDS: dict[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list in [brackets]",
    dict: "a table",
}


def nearest(word: str, options: Iterable[str]) -> str:
    """A hint that names the known word most like this one; empty when none is."""
    close = get_close_matches(word, list(map(str, options)), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
