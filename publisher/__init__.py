"""A newsroom's publisher: article files in; feeds, pages and a daily digest out."""

__version__ = "0.1.0"
