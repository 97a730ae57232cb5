"""Alembic runs this. The connection, inside its transaction, comes from the store."""

from alembic import context

from publisher.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the store's own transaction is around us
)
context.run_migrations()
