"""Durable state. The only place with SQL; one module a noun.

engine.py        open, migrate, transactions
schema.py        the tables
articles.py      articles and revisions, as the inbox writes them
stories.py       articles as readers see them
sections.py      sections
sources.py       the inbox's files: what is known of each
outputs.py       the output's files: what each was made from
search.py        the full-text index, and stories that are nearly the same
pings.py         feeds that the WebSub hub has to be told of
marks.py         small facts about the publisher's own work
glance.py        marks and outputs at a glance, without SQLAlchemy
history.py       one story in all its revisions; the hidden ones
subscribers.py   subscribers and subscriptions
editions.py      editions: waiting, freeze, list
public_editions.py  editions as anybody may read them
deliveries.py    the ledger of who got what
bounces.py       what mail servers and readers said of letters, and the rules
suppressions.py  addresses to which nothing is sent
secrets.py       the site's keys

Each module is imported by itself: a run that finds nothing to do must not load SQLAlchemy.
"""
