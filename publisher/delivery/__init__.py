"""Delivery: an edition's frozen bytes → one message a subscriber → a transport, with the books kept.

message.py     a message: headers, parts, the recipient's own token
headers.py     header fields, folded
tokens.py      what opens a reader's settings
assembly.py    the same messages, at wire speed and signed
dkim.py        signatures
dkim_keys.py   their keys
transport.py   what a way out is
spool.py       a way out: .eml files in a Maildir
smtp/          a way out: a mail server
pacing.py      how fast
replies.py     what a server's refusal means
verp.py        return paths that tell which letter comes back
reports.py     what came back, and what it says
lmtp.py        a mail server hands over what came back
senders.py     which process is at work, and which has died
engine.py      claim → fence → send → record, until nothing is due
"""

from publisher.delivery.assembly import Assembly
from publisher.delivery.dkim import Signer
from publisher.delivery.dkim_keys import load_signers
from publisher.delivery.engine import PATIENCE, Ledger, Report, deliver
from publisher.delivery.message import Mailing, build_message, mint_message_id
from publisher.delivery.pacing import Pace
from publisher.delivery.replies import classify
from publisher.delivery.smtp import SmtpTransport
from publisher.delivery.spool import SpoolTransport
from publisher.delivery.tokens import (
    confirmation_salt,
    is_genuine,
    named_subscriber,
    settings_salt,
    token_signer,
)
from publisher.delivery.transport import Envelope, Outcome, Step, Transport

__all__ = [
    "PATIENCE",
    "Assembly",
    "Envelope",
    "Ledger",
    "Mailing",
    "Outcome",
    "Pace",
    "Report",
    "Signer",
    "SmtpTransport",
    "SpoolTransport",
    "Step",
    "Transport",
    "build_message",
    "classify",
    "confirmation_salt",
    "deliver",
    "is_genuine",
    "load_signers",
    "mint_message_id",
    "named_subscriber",
    "settings_salt",
    "token_signer",
]
