"""What readers would complain about: of any feed on earth, and of ours before it goes live.

bytes ─ source (encoding.py) ─▶ tree ─ rss, atom, json_feed ─▶ Document ─ common (content.py) ─▶ findings
                                                         gate: ─ beside the version that is live ─▶ errors
"""

from publisher.feeds.lint.feed import lint_feed
from publisher.feeds.lint.finding import Finding, Level
from publisher.feeds.lint.gate import check_feed

__all__ = ["Finding", "Level", "check_feed", "lint_feed"]
