"""The rooms and their floors: imports point down, and a few libraries have one room each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

FLOORS = [
    {"errors", "model"},
    {"fetch", "files", "resources", "text"},
    {"config", "staging"},
    {"addresses", "identity", "templating"},
    {"readers", "store", "feeds", "digest", "delivery", "lists", "teasers"},
    {"inbox", "pages", "listings"},
    {"pipeline"},
    {"schedule", "web"},
    {"cli"},
    {"__main__"},
]
"""From the ground up. Rooms of one floor do not import each other, but for the two on the ground."""
GROUND = {"errors", "model"}
ONLY_IMPORTER = {
    "feedgen": "feeds",
    "sqlalchemy": "store",
    "alembic": "store",
    "apscheduler": "schedule",
    "premailer": "digest",
    "cryptography": "delivery",
    "typer": "cli",
    "rich": "cli",
    "markdown_it": "readers",
    "yaml": "readers",
    "selectolax": "readers",
    "trafilatura": "readers",
    "mammoth": "readers",
    "chardet": "text",
    "watchfiles": "inbox",
    "nh3": "text",
    "babel": "templating",
    "brotli": "pipeline",
    "aiosmtpd": "delivery",
    "flufl": "delivery",
    "starlette": "web",
    "granian": "web",
    "prometheus_client": "web",
}
HANDLES = {"Engine", "Connection"}
"""Names of SQLAlchemy that other rooms may carry about; they hold no SQL."""
PACKAGE = ROOT / "publisher"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Each imported module with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, set()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or "", {alias.name for alias in node.names}


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for module, names in imports(path):
        parts = module.split(".")
        if parts[0] != "publisher":
            continue
        targets = {parts[1]} if len(parts) > 1 else names - {"__version__"}
        for target in targets - {here}:
            both_on_the_ground = {here, target} <= GROUND
            assert both_on_the_ground or floor(target) < floor(here), f"{here} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_has_one_room(path: Path) -> None:
    for module, names in imports(path):
        owner = ONLY_IMPORTER.get(module.split(".")[0])
        if owner and room(path) != owner:
            assert (module, names - HANDLES) == ("sqlalchemy", set()), f"{room(path)} imports {module}"


def test_every_room_stands_on_a_floor() -> None:
    rooms = {room(path) for path in MODULES} - {"__init__"}
    assert rooms == set().union(*FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 50, node.name


def test_only_the_edges_read_the_clock() -> None:
    for path in MODULES:
        if room(path) != "cli":
            source = path.read_text()
            assert "datetime.now(" not in source, path
            assert "time.time(" not in source, path
