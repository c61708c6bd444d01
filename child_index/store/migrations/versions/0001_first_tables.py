"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column
from sqlalchemy import ForeignKeyConstraint as Foreign

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table of the first version."""
    op.create_table(
        "audit_event",
        Column("id", ROW_ID, nullable=False),
        Column("visit", sa.Text(), nullable=False),
        Column("line", sa.Integer(), nullable=False),
        Column("lines", sa.Integer(), nullable=False),
        Column("at", sa.DateTime(timezone=True), nullable=False),
        Column("request_id", sa.Text(), nullable=False),
        Column("actor", sa.Text(), nullable=False),
        Column("roles", sa.Text(), nullable=False),
        Column("organisation", sa.Text(), nullable=False),
        Column("action", sa.Text(), nullable=False),
        Column("purpose", sa.Text(), nullable=True),
        Column("purpose_text", sa.LargeBinary(), nullable=True),
        Column("criteria", sa.LargeBinary(), nullable=True),
        Column("criteria_digest", sa.Text(), nullable=True),
        Column("subject", sa.Text(), nullable=True),
        Column("child_id", ROW_ID, nullable=True),
        Column("index_number", sa.Text(), nullable=True),
        Column("fields", sa.Text(), nullable=True),
        Column("outcome", sa.Text(), nullable=False),
        Column("policy_version", sa.Text(), nullable=False),
        Column("model_version", sa.Text(), nullable=True),
        Column("row_digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("visit", "line", name=op.f("uq_audit_event_visit_line")),
    )
    op.create_index("ix_audit_event_actor_at", "audit_event", ["actor", "at"], unique=False)
    op.create_index("ix_audit_event_child_id_at", "audit_event", ["child_id", "at"], unique=False)
    op.create_table(
        "child",
        Column("id", ROW_ID, nullable=False),
        Column("index_number", sa.Text(), nullable=False),
        Column("superseded_by", ROW_ID, nullable=True),
        Column("version", sa.Integer(), server_default="1", nullable=False),
        Column("created_at", sa.DateTime(timezone=True), nullable=False),
        Foreign(["superseded_by"], ["child.id"], name=op.f("fk_child_superseded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
        sa.UniqueConstraint("index_number", name=op.f("uq_child_index_number")),
    )
    op.create_table(
        "feed",
        Column("name", sa.Text(), nullable=False),
        Column("organisation", sa.Text(), nullable=False),
        Column("state", sa.Text(), nullable=False),
        Column("authority_for", sa.Text(), server_default="", nullable=False),
        Column("interval_days", sa.Integer(), server_default="1", nullable=False),
        Column("is_sensitive", sa.Boolean(), nullable=False),
        Column("last_sequence", sa.Integer(), server_default="0", nullable=False),
        Column("last_received_at", sa.DateTime(timezone=True), nullable=True),
        Column("last_loaded_at", sa.DateTime(timezone=True), nullable=True),
        Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feed")),
    )
    op.create_table(
        "batch",
        Column("id", sa.Text(), nullable=False),
        Column("feed", sa.Text(), nullable=False),
        Column("sequence", sa.Integer(), nullable=False),
        Column("mode", sa.Text(), nullable=False),
        Column("media_type", sa.Text(), nullable=False),
        Column("digest", sa.Text(), nullable=False),
        Column("created_at", sa.DateTime(timezone=True), nullable=True),
        Column("received_at", sa.DateTime(timezone=True), nullable=False),
        Column("state", sa.Text(), nullable=False),
        Column("received", sa.Integer(), nullable=False),
        Column("applied", sa.Integer(), server_default="0", nullable=False),
        Column("accepted", sa.Integer(), server_default="0", nullable=False),
        Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        Column("superseded", sa.Integer(), server_default="0", nullable=False),
        Column("rejected", sa.Integer(), server_default="0", nullable=False),
        Column("held_because", sa.Text(), nullable=True),
        Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        Column("body_deleted_at", sa.DateTime(timezone=True), nullable=True),
        Foreign(["feed"], ["feed.name"], name=op.f("fk_batch_feed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("feed", "sequence", name=op.f("uq_batch_feed_sequence")),
    )
    op.create_index("ix_batch_state", "batch", ["state"], unique=False)
    op.create_table(
        "handle",
        Column("digest", sa.Text(), nullable=False),
        Column("kind", sa.Text(), nullable=False),
        Column("actor", sa.Text(), nullable=False),
        Column("search_id", sa.Text(), nullable=False),
        Column("child_id", ROW_ID, nullable=False),
        Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        Foreign(["child_id"], ["child.id"], name=op.f("fk_handle_child_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_handle")),
    )
    op.create_index("ix_handle_expires_at", "handle", ["expires_at"], unique=False)
    op.create_table(
        "look_up_outcome",
        Column("id", ROW_ID, nullable=False),
        Column("child_id", ROW_ID, nullable=False),
        Column("actor", sa.Text(), nullable=False),
        Column("outcome", sa.Text(), nullable=False),
        Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        Foreign(["child_id"], ["child.id"], name=op.f("fk_look_up_outcome_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_up_outcome")),
    )
    op.create_index("ix_look_up_outcome_child_id", "look_up_outcome", ["child_id"], unique=False)
    op.create_table(
        "source_record",
        Column("id", ROW_ID, nullable=False),
        Column("feed", sa.Text(), nullable=False),
        Column("source_record_id", sa.Text(), nullable=False),
        Column("version", sa.BigInteger(), nullable=False),
        Column("content_digest", sa.Text(), nullable=False),
        Column("identity_digest", sa.Text(), nullable=False),
        Column("is_withdrawn", sa.Boolean(), nullable=False),
        Column("withdrawn_version", sa.BigInteger(), nullable=True),
        Column("is_doubted", sa.Boolean(), nullable=False),
        Column("birth_date", sa.Text(), nullable=True),
        Column("sex", sa.Text(), nullable=True),
        Column("death_date", sa.Date(), nullable=True),
        Column("death_notified_on", sa.Date(), nullable=True),
        Column("setting_name", sa.Text(), nullable=True),
        Column("setting_urn", sa.Text(), nullable=True),
        Column("setting_la_estab", sa.Text(), nullable=True),
        Column("setting_phone", sa.Text(), nullable=True),
        Column("setting_started_on", sa.Date(), nullable=True),
        Column("setting_ended_on", sa.Date(), nullable=True),
        Column("setting_status", sa.Text(), nullable=True),
        Column("practice_ods_code", sa.Text(), nullable=True),
        Column("practice_name", sa.Text(), nullable=True),
        Column("practice_phone", sa.Text(), nullable=True),
        Column("person", sa.Text(), nullable=False),
        Column("first_received_at", sa.DateTime(timezone=True), nullable=False),
        Column("last_received_at", sa.DateTime(timezone=True), nullable=False),
        Column("last_confirmed_on", sa.Date(), nullable=False),
        Foreign(["feed"], ["feed.name"], name=op.f("fk_source_record_feed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
        sa.UniqueConstraint(
            "feed", "source_record_id", name=op.f("uq_source_record_feed_source_record_id")
        ),
    )
    op.create_table(
        "assessment",
        Column("source_id", ROW_ID, nullable=False),
        Column("kind", sa.Text(), nullable=False),
        Column("assessed_on", sa.Date(), nullable=True),
        Column("closed_on", sa.Date(), nullable=True),
        Column("contact_name", sa.Text(), nullable=True),
        Column("phone", sa.Text(), nullable=True),
        Column("email", sa.Text(), nullable=True),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_assessment_source_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_assessment")),
    )
    op.create_table(
        "batch_part",
        Column("batch_id", sa.Text(), nullable=False),
        Column("part", sa.Integer(), nullable=False),
        Column("content", sa.LargeBinary(), nullable=False),
        Foreign(["batch_id"], ["batch.id"], name=op.f("fk_batch_part_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "part", name=op.f("pk_batch_part")),
    )
    op.create_table(
        "blocking_key",
        Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        Column("source_id", ROW_ID, nullable=False),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_blocking_key_source_id")),
        sa.PrimaryKeyConstraint("key", "source_id", name=op.f("pk_blocking_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_blocking_key_source_id", "blocking_key", ["source_id"], unique=False)
    op.create_table(
        "involvement",
        Column("id", sa.Text(), nullable=False),
        Column("source_id", ROW_ID, nullable=False),
        Column("source_involvement_id", sa.Text(), nullable=False),
        Column("version", sa.BigInteger(), nullable=False),
        Column("statement_version", sa.BigInteger(), server_default="0", nullable=False),
        Column("service_type", sa.Text(), nullable=False),
        Column("organisation", sa.Text(), nullable=False),
        Column("contact_kind", sa.Text(), nullable=False),
        Column("contact_name", sa.Text(), nullable=True),
        Column("contact_role", sa.Text(), nullable=True),
        Column("phone", sa.Text(), nullable=True),
        Column("email", sa.Text(), nullable=True),
        Column("hours", sa.Text(), nullable=True),
        Column("started_on", sa.Date(), nullable=False),
        Column("ended_on", sa.Date(), nullable=True),
        Column("is_lead_professional", sa.Boolean(), nullable=False),
        Column("family_informed", sa.Text(), nullable=True),
        Column("is_void", sa.Boolean(), nullable=False),
        Column("entered_by", sa.Text(), nullable=True),
        Column("last_confirmed_on", sa.Date(), nullable=False),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_involvement_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_involvement")),
        sa.UniqueConstraint(
            "source_id",
            "source_involvement_id",
            name=op.f("uq_involvement_source_id_source_involvement_id"),
        ),
    )
    op.create_table(
        "link",
        Column("id", ROW_ID, nullable=False),
        Column("source_id", ROW_ID, nullable=False),
        Column("child_id", ROW_ID, nullable=False),
        Column("made_by", sa.Text(), nullable=False),
        Column("made_at", sa.DateTime(timezone=True), nullable=False),
        Column("because", sa.Text(), nullable=False),
        Column("decision_id", sa.Text(), nullable=True),
        Column("model_version", sa.Text(), nullable=True),
        Column("match_weight", sa.Float(), nullable=True),
        Column("evidence", sa.Text(), nullable=True),
        Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        Foreign(["child_id"], ["child.id"], name=op.f("fk_link_child_id")),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_link_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index("ix_link_child_id", "link", ["child_id"], unique=False)
    op.create_index(
        "uq_link_live_source_id",
        "link",
        ["source_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "receipt",
        Column("batch_id", sa.Text(), nullable=False),
        Column("line", sa.Integer(), nullable=False),
        Column("source_record_id", sa.Text(), nullable=True),
        Column("outcome", sa.Text(), nullable=False),
        Column("problems", sa.Text(), nullable=True),
        Foreign(["batch_id"], ["batch.id"], name=op.f("fk_receipt_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_receipt")),
    )
    op.create_table(
        "review_task",
        Column("id", ROW_ID, nullable=False),
        Column("kind", sa.Text(), nullable=False),
        Column("source_id", ROW_ID, nullable=False),
        Column("child_id", ROW_ID, nullable=False),
        Column("because", sa.Text(), nullable=False),
        Column("match_weight", sa.Float(), nullable=False),
        Column("prior_weight", sa.Float(), nullable=False),
        Column("evidence", sa.Text(), nullable=False),
        Column("model_version", sa.Text(), nullable=False),
        Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        Column("version", sa.Integer(), server_default="1", nullable=False),
        Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        Column("settled_by", sa.Text(), nullable=True),
        Column("outcome", sa.Text(), nullable=True),
        Foreign(["child_id"], ["child.id"], name=op.f("fk_review_task_child_id")),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_review_task_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_task")),
    )
    op.create_index("ix_review_task_child_id", "review_task", ["child_id"], unique=False)
    op.create_index(
        "uq_review_task_open_pair",
        "review_task",
        ["source_id", "child_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "source_address",
        Column("source_id", ROW_ID, nullable=False),
        Column("position", sa.Integer(), nullable=False),
        Column("kind", sa.Text(), nullable=False),
        Column("lines", sa.Text(), nullable=False),
        Column("town", sa.Text(), nullable=True),
        Column("postcode", sa.Text(), nullable=True),
        Column("uprn", sa.Text(), nullable=True),
        Column("from_on", sa.Date(), nullable=True),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_source_address_source_id")),
        sa.PrimaryKeyConstraint("source_id", "position", name=op.f("pk_source_address")),
    )
    op.create_table(
        "source_carer",
        Column("source_id", ROW_ID, nullable=False),
        Column("position", sa.Integer(), nullable=False),
        Column("given", sa.Text(), nullable=False),
        Column("family", sa.Text(), nullable=True),
        Column("relationship", sa.Text(), nullable=False),
        Column("has_parental_responsibility", sa.Boolean(), nullable=True),
        Column("phone", sa.Text(), nullable=True),
        Column("email", sa.Text(), nullable=True),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_source_carer_source_id")),
        sa.PrimaryKeyConstraint("source_id", "position", name=op.f("pk_source_carer")),
    )
    op.create_table(
        "source_identifier",
        Column("source_id", ROW_ID, nullable=False),
        Column("position", sa.Integer(), nullable=False),
        Column("scheme", sa.Text(), nullable=False),
        Column("value", sa.Text(), nullable=False),
        Column("is_verified", sa.Boolean(), nullable=False),
        Column("is_valid", sa.Boolean(), nullable=False),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_source_identifier_source_id")),
        sa.PrimaryKeyConstraint("source_id", "position", name=op.f("pk_source_identifier")),
    )
    op.create_table(
        "source_name",
        Column("source_id", ROW_ID, nullable=False),
        Column("position", sa.Integer(), nullable=False),
        Column("use", sa.Text(), nullable=False),
        Column("given", sa.Text(), nullable=False),
        Column("family", sa.Text(), nullable=True),
        Column("from_on", sa.Date(), nullable=True),
        Column("to_on", sa.Date(), nullable=True),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_source_name_source_id")),
        sa.PrimaryKeyConstraint("source_id", "position", name=op.f("pk_source_name")),
    )
    op.create_table(
        "decision",
        Column("id", sa.Text(), nullable=False),
        Column("task_id", ROW_ID, nullable=False),
        Column("kind", sa.Text(), nullable=False),
        Column("source_id", ROW_ID, nullable=False),
        Column("child_id", ROW_ID, nullable=False),
        Column("reason", sa.Text(), nullable=False),
        Column("note", sa.Text(), nullable=True),
        Column("decided_by", sa.Text(), nullable=False),
        Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        Foreign(["child_id"], ["child.id"], name=op.f("fk_decision_child_id")),
        Foreign(["source_id"], ["source_record.id"], name=op.f("fk_decision_source_id")),
        Foreign(["task_id"], ["review_task.id"], name=op.f("fk_decision_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_source_id", "decision", ["source_id"], unique=False)
    op.create_table(
        "lead_professional",
        Column("id", ROW_ID, nullable=False),
        Column("involvement_id", sa.Text(), nullable=False),
        Column("named_by", sa.Text(), nullable=False),
        Column("named_at", sa.DateTime(timezone=True), nullable=False),
        Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        Foreign(
            ["involvement_id"], ["involvement.id"], name=op.f("fk_lead_professional_involvement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_professional")),
    )
    op.create_index(
        "uq_lead_professional_live_involvement_id",
        "lead_professional",
        ["involvement_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "cannot_link",
        Column("left_source_id", ROW_ID, nullable=False),
        Column("right_source_id", ROW_ID, nullable=False),
        Column("decision_id", sa.Text(), nullable=False),
        Column("made_at", sa.DateTime(timezone=True), nullable=False),
        Foreign(["decision_id"], ["decision.id"], name=op.f("fk_cannot_link_decision_id")),
        Foreign(
            ["left_source_id"], ["source_record.id"], name=op.f("fk_cannot_link_left_source_id")
        ),
        Foreign(
            ["right_source_id"], ["source_record.id"], name=op.f("fk_cannot_link_right_source_id")
        ),
        sa.PrimaryKeyConstraint("left_source_id", "right_source_id", name=op.f("pk_cannot_link")),
    )
    op.create_index(
        "ix_cannot_link_right_source_id", "cannot_link", ["right_source_id"], unique=False
    )
