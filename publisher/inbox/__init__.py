"""The drop folder: article files → readers → store.

    scan ─ files that changed ─▶ read ─▶ decide ─▶ store, one transaction a batch
                                  └─ refused ─▶ quarantine: a copy and its reason

Sources are only ever read. One bad file stops nothing but itself.
"""
