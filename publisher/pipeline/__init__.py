"""The line, put together. Nothing else composes the stages.

publish:      inbox ─▶ store ─▶ feeds ─▶ lint ─▶ files ─▶ hub        publishing.py, output.py, pinging.py
                             └▶ pages ─────────▶ files
send_digest:  store ─▶ compose ─▶ render ─▶ freeze ─▶ deliver ─▶ transport        mailing.py
take reports: mailbox ─▶ facts ─▶ bounces ─▶ suppressions        bouncing.py, mailboxes.py

Each module is imported by itself: a command must not pay for the stages it does not use.
"""
