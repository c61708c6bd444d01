"""How Alembic runs our migrations: on the connection it is handed, inside its transaction."""

from alembic import context

from child_index.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
