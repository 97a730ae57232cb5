"""Delivery: an edition's frozen bytes → one message a subscriber → a transport, with the books kept.

message.py   assembly: headers, parts, the recipient's own token
spool.py     transport: .eml files in a Maildir
smtp.py      transport: a mail server
engine.py    claim → fence → send → record, until nothing is due
"""

from publisher.delivery.engine import Ledger, Outcome, Report, Transport, deliver
from publisher.delivery.message import Mailing, build_message, mint_message_id, sign_unsubscribe_token
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.spool import SpoolTransport

__all__ = [
    "Ledger",
    "Mailing",
    "Outcome",
    "Report",
    "SmtpTransport",
    "SpoolTransport",
    "Transport",
    "build_message",
    "deliver",
    "mint_message_id",
    "sign_unsubscribe_token",
]
