"""Invitations, single sign-on, own templates, assignments, an audit log and long work."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("due_on >= since", name=op.f("ck_assignments_dates")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_assignments_created_by_people")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_assignments_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments") as batch:
        batch.create_index(batch.f("ix_assignments_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_entries_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries") as batch:
        batch.create_index(batch.f("ix_audit_entries_at"), ["at"], unique=False)
        batch.create_index("ix_audit_entries_organization_id_at", ["organization_id", "at"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('previewed', 'queued', 'running', 'done', 'failed')", name=op.f("ck_jobs_state")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_jobs_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_jobs_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs") as batch:
        batch.create_index(batch.f("ix_jobs_organization_id"), ["organization_id"], unique=False)
        batch.create_index("ix_jobs_state_created_at", ["state", "created_at"], unique=False)

    op.create_table(
        "own_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_own_templates_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_own_templates_uploaded_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_templates")),
    )
    with op.batch_alter_table("own_templates") as batch:
        batch.create_index(batch.f("ix_own_templates_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes") as batch:
        batch.create_index(batch.f("ix_recovery_codes_person_id"), ["person_id"], unique=False)

    op.create_table(
        "second_factors",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_second_factors_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "sign_in_providers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sign_in_providers_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_providers")),
        sa.UniqueConstraint("domain", name=op.f("uq_sign_in_providers_domain")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_sign_in_providers_organization_id")),
    )
    op.create_table(
        "delivery_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.CheckConstraint("rule IN ('hold', 'never')", name=op.f("ck_delivery_rules_rule")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_delivery_rules_membership_id_memberships")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_rules")),
        sa.UniqueConstraint("membership_id", "instrument", name=op.f("uq_delivery_rules_membership_id_instrument")),
    )
    op.create_table(
        "draft_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_draft_changes_person_id_people")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_draft_changes_record_id_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_changes")),
        sa.UniqueConstraint("record_id", "version", name=op.f("uq_draft_changes_record_id_version")),
    )
    op.create_table(
        "identities",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id_people")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["sign_in_providers.id"], name=op.f("fk_identities_provider_id_sign_in_providers")
        ),
        sa.PrimaryKeyConstraint("provider_id", "subject", name=op.f("pk_identities")),
    )
    with op.batch_alter_table("identities") as batch:
        batch.create_index(batch.f("ix_identities_person_id"), ["person_id"], unique=False)

    op.create_table(
        "job_chunks",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_chunks_job_id_jobs")),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_job_chunks")),
    )
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("membership_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("cause", sa.Text(), nullable=True))
        batch.add_column(sa.Column("held_for", sa.Text(), nullable=True))
        batch.drop_constraint(batch.f("ck_deliveries_state"), type_="check")
        batch.create_check_constraint(
            batch.f("ck_deliveries_state"), "state IN ('held', 'queued', 'sending', 'sent', 'failed')"
        )
        batch.create_check_constraint(batch.f("ck_deliveries_held_for"), "held_for IN ('invited', 'paused')")
        batch.create_index("ix_deliveries_cause_created_at", ["cause", "created_at"], unique=False)
        batch.create_index(batch.f("ix_deliveries_document_id"), ["document_id"], unique=False)
        batch.drop_index(batch.f("ix_deliveries_organization_id"))
        batch.create_index("ix_deliveries_organization_id_state", ["organization_id", "state"], unique=False)
        batch.create_index(batch.f("ix_deliveries_membership_id"), ["membership_id"], unique=False)
        batch.create_index("ix_deliveries_recipient_created_at", ["recipient", "created_at"], unique=False)
        batch.create_foreign_key(
            batch.f("fk_deliveries_membership_id_memberships"), "memberships", ["membership_id"], ["id"]
        )

    with op.batch_alter_table("revisions") as batch:
        batch.create_index(batch.f("ix_revisions_document_id"), ["document_id"], unique=False)

    with op.batch_alter_table("documents") as batch:
        batch.add_column(sa.Column("survey_id", sa.Uuid(), nullable=True))
        batch.create_index(batch.f("ix_documents_survey_id"), ["survey_id"], unique=False)
        batch.create_foreign_key(batch.f("fk_documents_survey_id_surveys"), "surveys", ["survey_id"], ["id"])

    with op.batch_alter_table("memberships") as batch:
        batch.add_column(sa.Column("invited_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("from_below", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(batch.f("fk_memberships_invited_by_people"), "people", ["invited_by"], ["id"])
        batch.create_foreign_key(
            batch.f("fk_memberships_replaces_id_memberships"), "memberships", ["replaces_id"], ["id"]
        )
    # Who is there already was not invited, and has nothing to accept.
    op.execute("UPDATE memberships SET accepted_at = CURRENT_TIMESTAMP")
    with op.batch_alter_table("memberships") as batch:
        batch.alter_column("from_below", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)

    op.create_index("ix_responses_link_id_batch", "responses", ["link_id", "batch"])
    # Sheets that go out one by one did so when they arrived.
    op.execute(
        "UPDATE responses SET batch = 0 WHERE link_id IN (SELECT id FROM survey_links WHERE delivery = 'each')"
    )

    with op.batch_alter_table("organizations") as batch:
        batch.add_column(sa.Column("number", sa.Text(), nullable=True))
        batch.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("time_zone", sa.Text(), nullable=True))
        batch.add_column(sa.Column("school_year_start", sa.Text(), nullable=True))
        batch.add_column(sa.Column("terms", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("keep_answers", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("keep_drafts", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("keep_mail", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("keep_log", sa.Integer(), nullable=True))

    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("sign_in_codes") as batch:
        batch.add_column(sa.Column("asking_digest", sa.Text(), nullable=True))
        batch.add_column(sa.Column("link_digest", sa.Text(), nullable=True))
        batch.add_column(sa.Column("mailed", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("known", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_index(batch.f("ix_sign_in_codes_asking_digest"), ["asking_digest"], unique=False)
        batch.create_index(batch.f("ix_sign_in_codes_link_digest"), ["link_digest"], unique=False)
    with op.batch_alter_table("sign_in_codes") as batch:
        batch.alter_column("mailed", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        batch.alter_column("known", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)

    with op.batch_alter_table("sign_in_sessions") as batch:
        batch.add_column(sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("provider_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_sign_in_sessions_provider_id_sign_in_providers"), "sign_in_providers", ["provider_id"], ["id"]
        )
    with op.batch_alter_table("sign_in_sessions") as batch:
        batch.alter_column("complete", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch.alter_column("tries", existing_type=sa.Integer(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("sign_in_sessions") as batch:
        batch.drop_constraint(batch.f("fk_sign_in_sessions_provider_id_sign_in_providers"), type_="foreignkey")
        batch.drop_column("provider_id")
        batch.drop_column("tries")
        batch.drop_column("complete")

    with op.batch_alter_table("sign_in_codes") as batch:
        batch.drop_index(batch.f("ix_sign_in_codes_link_digest"))
        batch.drop_index(batch.f("ix_sign_in_codes_asking_digest"))
        batch.drop_column("known")
        batch.drop_column("mailed")
        batch.drop_column("link_digest")
        batch.drop_column("asking_digest")

    with op.batch_alter_table("people") as batch:
        batch.drop_column("signed_in_at")

    op.execute("UPDATE responses SET batch = NULL WHERE batch = 0")
    op.drop_index("ix_responses_link_id_batch", table_name="responses")

    with op.batch_alter_table("organizations") as batch:
        batch.drop_column("keep_log")
        batch.drop_column("keep_mail")
        batch.drop_column("keep_drafts")
        batch.drop_column("keep_answers")
        batch.drop_column("terms")
        batch.drop_column("school_year_start")
        batch.drop_column("time_zone")
        batch.drop_column("archived_at")
        batch.drop_column("number")

    with op.batch_alter_table("memberships") as batch:
        batch.drop_constraint(batch.f("fk_memberships_replaces_id_memberships"), type_="foreignkey")
        batch.drop_constraint(batch.f("fk_memberships_invited_by_people"), type_="foreignkey")
        batch.drop_column("replaces_id")
        batch.drop_column("from_below")
        batch.drop_column("accepted_at")
        batch.drop_column("invited_at")
        batch.drop_column("invited_by")

    with op.batch_alter_table("documents") as batch:
        batch.drop_constraint(batch.f("fk_documents_survey_id_surveys"), type_="foreignkey")
        batch.drop_index(batch.f("ix_documents_survey_id"))
        batch.drop_column("survey_id")

    with op.batch_alter_table("revisions") as batch:
        batch.drop_index(batch.f("ix_revisions_document_id"))

    op.execute("UPDATE deliveries SET state = 'queued' WHERE state = 'held'")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(batch.f("ck_deliveries_held_for"), type_="check")
        batch.drop_constraint(batch.f("ck_deliveries_state"), type_="check")
        batch.create_check_constraint(
            batch.f("ck_deliveries_state"), "state IN ('queued', 'sending', 'sent', 'failed')"
        )
        batch.drop_constraint(batch.f("fk_deliveries_membership_id_memberships"), type_="foreignkey")
        batch.drop_index("ix_deliveries_recipient_created_at")
        batch.drop_index(batch.f("ix_deliveries_membership_id"))
        batch.drop_index("ix_deliveries_cause_created_at")
        batch.drop_index(batch.f("ix_deliveries_document_id"))
        batch.drop_index("ix_deliveries_organization_id_state")
        batch.create_index(batch.f("ix_deliveries_organization_id"), ["organization_id"], unique=False)
        batch.drop_column("held_for")
        batch.drop_column("cause")
        batch.drop_column("membership_id")

    op.drop_table("job_chunks")
    with op.batch_alter_table("identities") as batch:
        batch.drop_index(batch.f("ix_identities_person_id"))

    op.drop_table("identities")
    op.drop_table("draft_changes")
    op.drop_table("delivery_rules")
    op.drop_table("sign_in_providers")
    op.drop_table("second_factors")
    with op.batch_alter_table("recovery_codes") as batch:
        batch.drop_index(batch.f("ix_recovery_codes_person_id"))

    op.drop_table("recovery_codes")
    with op.batch_alter_table("own_templates") as batch:
        batch.drop_index(batch.f("ix_own_templates_organization_id"))

    op.drop_table("own_templates")
    with op.batch_alter_table("jobs") as batch:
        batch.drop_index("ix_jobs_state_created_at")
        batch.drop_index(batch.f("ix_jobs_organization_id"))

    op.drop_table("jobs")
    with op.batch_alter_table("audit_entries") as batch:
        batch.drop_index("ix_audit_entries_organization_id_at")
        batch.drop_index(batch.f("ix_audit_entries_at"))

    op.drop_table("audit_entries")
    with op.batch_alter_table("assignments") as batch:
        batch.drop_index(batch.f("ix_assignments_organization_id"))

    op.drop_table("assignments")
