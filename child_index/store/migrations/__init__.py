"""The store's tables through time, one Alembic script a step."""
