"""Every table and index, once. Instants are UTC; dates are civil dates in England."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows by itself only in a column declared INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant; SQLite gets the bare UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


feed = Table(
    "feed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("authority_for", Text, nullable=False, server_default=""),
    Column("interval_days", Integer, nullable=False, server_default="1"),
    Column("is_sensitive", Boolean, nullable=False),
    Column("last_sequence", Integer, nullable=False, server_default="0"),
    Column("last_received_at", Instant),
    Column("last_loaded_at", Instant),
    Column("registered_at", Instant, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("feed", Text, ForeignKey("feed.name"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("mode", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("received", Integer, nullable=False),
    Column("applied", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("superseded", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("held_because", Text),
    Column("finished_at", Instant),
    Column("body_deleted_at", Instant),
    UniqueConstraint("feed", "sequence"),
)

batch_part = Table(
    "batch_part",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

receipt = Table(
    "receipt",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("source_record_id", Text),
    Column("outcome", Text, nullable=False),
    Column("problems", Text),
)

source_record = Table(
    "source_record",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("feed", Text, ForeignKey("feed.name"), nullable=False),
    Column("source_record_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("content_digest", Text, nullable=False),
    Column("identity_digest", Text, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False),
    Column("withdrawn_version", BigInteger),
    Column("is_doubted", Boolean, nullable=False),
    Column("birth_date", Text),
    Column("sex", Text),
    Column("death_date", Date),
    Column("death_notified_on", Date),
    Column("setting_name", Text),
    Column("setting_urn", Text),
    Column("setting_la_estab", Text),
    Column("setting_phone", Text),
    Column("setting_started_on", Date),
    Column("setting_ended_on", Date),
    Column("setting_status", Text),
    Column("practice_ods_code", Text),
    Column("practice_name", Text),
    Column("practice_phone", Text),
    Column("person", Text, nullable=False),
    Column("first_received_at", Instant, nullable=False),
    Column("last_received_at", Instant, nullable=False),
    Column("last_confirmed_on", Date, nullable=False),
    UniqueConstraint("feed", "source_record_id"),
)

source_name = Table(
    "source_name",
    metadata,
    Column("source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("use", Text, nullable=False),
    Column("given", Text, nullable=False),
    Column("family", Text),
    Column("from_on", Date),
    Column("to_on", Date),
)

source_identifier = Table(
    "source_identifier",
    metadata,
    Column("source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("is_verified", Boolean, nullable=False),
    Column("is_valid", Boolean, nullable=False),
)

source_address = Table(
    "source_address",
    metadata,
    Column("source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("town", Text),
    Column("postcode", Text),
    Column("uprn", Text),
    Column("from_on", Date),
)

source_carer = Table(
    "source_carer",
    metadata,
    Column("source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("given", Text, nullable=False),
    Column("family", Text),
    Column("relationship", Text, nullable=False),
    Column("has_parental_responsibility", Boolean),
    Column("phone", Text),
    Column("email", Text),
)

blocking_key = Table(
    "blocking_key",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_blocking_key_source_id", blocking_key.c.source_id)

child = Table(
    "child",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("index_number", Text, nullable=False, unique=True),
    Column("superseded_by", RowId, ForeignKey("child.id")),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Instant, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source_id", RowId, ForeignKey("source_record.id"), nullable=False),
    Column("child_id", RowId, ForeignKey("child.id"), nullable=False, index=True),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("because", Text, nullable=False),
    Column("decision_id", Text),
    Column("model_version", Text),
    Column("match_weight", Float),
    Column("evidence", Text),
    Column("ended_at", Instant),
)
Index(
    "uq_link_live_source_id",
    link.c.source_id,
    unique=True,
    sqlite_where=link.c.ended_at.is_(None),
    postgresql_where=link.c.ended_at.is_(None),
)

involvement = Table(
    "involvement",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_id", RowId, ForeignKey("source_record.id"), nullable=False),
    Column("source_involvement_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("statement_version", BigInteger, nullable=False, server_default="0"),
    Column("service_type", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("contact_kind", Text, nullable=False),
    Column("contact_name", Text),
    Column("contact_role", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("hours", Text),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("is_lead_professional", Boolean, nullable=False),
    Column("family_informed", Text),
    Column("is_void", Boolean, nullable=False),
    Column("entered_by", Text),
    Column("last_confirmed_on", Date, nullable=False),
    UniqueConstraint("source_id", "source_involvement_id"),
)

assessment = Table(
    "assessment",
    metadata,
    Column("source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("assessed_on", Date),
    Column("closed_on", Date),
    Column("contact_name", Text),
    Column("phone", Text),
    Column("email", Text),
)

lead_professional = Table(
    "lead_professional",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("involvement_id", Text, ForeignKey("involvement.id"), nullable=False),
    Column("named_by", Text, nullable=False),
    Column("named_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
Index(
    "uq_lead_professional_live_involvement_id",
    lead_professional.c.involvement_id,
    unique=True,
    sqlite_where=lead_professional.c.ended_at.is_(None),
    postgresql_where=lead_professional.c.ended_at.is_(None),
)

review_task = Table(
    "review_task",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source_id", RowId, ForeignKey("source_record.id"), nullable=False),
    Column("child_id", RowId, ForeignKey("child.id"), nullable=False),
    Column("because", Text, nullable=False),
    Column("match_weight", Float, nullable=False),
    Column("prior_weight", Float, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("settled_at", Instant),
    Column("settled_by", Text),
    Column("outcome", Text),
)
Index(
    "uq_review_task_open_pair",
    review_task.c.source_id,
    review_task.c.child_id,
    unique=True,
    sqlite_where=review_task.c.settled_at.is_(None),
    postgresql_where=review_task.c.settled_at.is_(None),
)
Index("ix_review_task_child_id", review_task.c.child_id)

decision = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("task_id", RowId, ForeignKey("review_task.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("source_id", RowId, ForeignKey("source_record.id"), nullable=False),
    Column("child_id", RowId, ForeignKey("child.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
)
Index("ix_decision_source_id", decision.c.source_id)

cannot_link = Table(
    "cannot_link",
    metadata,
    Column("left_source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("right_source_id", RowId, ForeignKey("source_record.id"), primary_key=True),
    Column("decision_id", Text, ForeignKey("decision.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
)
Index("ix_cannot_link_right_source_id", cannot_link.c.right_source_id)

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("visit", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("purpose", Text),
    Column("purpose_text", LargeBinary),
    Column("criteria", LargeBinary),
    Column("criteria_digest", Text),
    Column("subject", Text),
    Column("child_id", RowId),
    Column("index_number", Text),
    Column("fields", Text),
    Column("outcome", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("model_version", Text),
    Column("row_digest", Text, nullable=False),
    UniqueConstraint("visit", "line"),
)
Index("ix_audit_event_child_id_at", audit_event.c.child_id, audit_event.c.at)
Index("ix_audit_event_actor_at", audit_event.c.actor, audit_event.c.at)

handle = Table(
    "handle",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("search_id", Text, nullable=False),
    Column("child_id", RowId, ForeignKey("child.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)
Index("ix_handle_expires_at", handle.c.expires_at)

look_up_outcome = Table(
    "look_up_outcome",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("child_id", RowId, ForeignKey("child.id"), nullable=False),
    Column("actor", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("noted_at", Instant, nullable=False),
)
Index("ix_look_up_outcome_child_id", look_up_outcome.c.child_id)
