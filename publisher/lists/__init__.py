"""Files with lists of readers: our own CSV, listmonk's, Mailchimp's.

bytes ─ sheets ─▶ text ─ table ─▶ cells by column ─ own, listmonk, mailchimp ─▶ rows
rows ─ writing ─▶ text
"""
