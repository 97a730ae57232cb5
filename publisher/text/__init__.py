"""Characters, dates, languages and slugs: what newspaper text is made of. Pure; no I/O."""
