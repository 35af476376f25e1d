"""Alembic runs this: on the connection that the store holds."""

from alembic import context

from scrubber.store import standings, tables  # noqa: F401 (they say what there is)
from scrubber.store.base import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata,
                  render_as_batch=True)
context.run_migrations()
