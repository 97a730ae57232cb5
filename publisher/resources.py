"""Where the package keeps what is not code."""

from pathlib import Path

PACKAGE = Path(__file__).parent
LOCALES = PACKAGE / "locales"


def packaged_templates() -> Path:
    """In an installed package the templates lie inside it; in a checkout, at the top."""
    inside = PACKAGE / "templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"
