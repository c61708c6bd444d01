"""The one feed that is built in: what practitioners enter themselves."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Register the feed ``by-hand``, so that an entry by hand always has a feed to hang from."""
    op.execute(
        "INSERT INTO feed"
        " (name, organisation, state, authority_for, interval_days, is_sensitive, last_sequence,"
        " registered_at)"
        " VALUES ('by-hand', 'Entered by hand', 'accredited', '', 36500, false, 0,"
        " '2026-11-22 00:00:00.000000')"
    )
