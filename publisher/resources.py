"""Where the package keeps what is not code."""

from pathlib import Path

_HERE = Path(__file__).parent
LOCALES = _HERE / "locales"


def packaged_templates() -> Path:
    """In an installed package the templates lie inside it; in a checkout, at the top."""
    inside = _HERE / "templates"
    return inside if inside.is_dir() else _HERE.parent / "templates"
