"""A mail server: SMTP or LMTP, pipelined, over several connections, in one thread.

reply.py         bytes → replies
session.py       greeting, EHLO, STARTTLS, AUTH
transactions.py  MAIL, RCPT, DATA, the message, its dot
tls.py           TLS
channel.py       one connection: socket, TLS, deadlines
transport.py     all connections
"""

from publisher.delivery.smtp.channel import Timeouts
from publisher.delivery.smtp.transport import SmtpTransport

__all__ = ["SmtpTransport", "Timeouts"]
