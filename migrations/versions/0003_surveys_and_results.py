"""Surveys over many places, frozen results, comments, invitations, paper, translations, what the people are told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What respondents were told until now: the program's own least, or what the place or any above it has chosen.
LEAST = """
UPDATE survey_links SET minimum_n = (
  WITH RECURSIVE above(id, parent_id, minimum_n) AS (
    SELECT id, parent_id, minimum_n FROM organizations WHERE organizations.id = survey_links.organization_id
    UNION ALL
    SELECT o.id, o.parent_id, o.minimum_n FROM organizations o JOIN above ON o.id = above.parent_id
  )
  SELECT CASE WHEN chosen > smallest THEN chosen ELSE smallest END
  FROM (
    SELECT COALESCE(MAX(minimum_n), 5) AS chosen,
           CASE WHEN survey_links.audience IN ('staff', 'district', 'state') THEN 5 ELSE 10 END AS smallest
    FROM above
  ) AS sizes
)
"""


def upgrade() -> None:
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_stops_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    with op.batch_alter_table("stops") as batch:
        batch.create_index(batch.f("ix_stops_address_digest"), ["address_digest"], unique=False)
        batch.create_index(batch.f("ix_stops_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "translations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("published", sa.JSON(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("direction IN ('ltr', 'rtl')", name=op.f("ck_translations_direction")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_translations_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translations")),
        sa.UniqueConstraint("organization_id", "language", name=op.f("uq_translations_organization_id_language")),
    )
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_follow_ups_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_follow_ups_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint(
            "survey_id", "organization_id", "language", name=op.f("uq_follow_ups_survey_id_organization_id_language")
        ),
    )
    with op.batch_alter_table("follow_ups") as batch:
        batch.create_index(batch.f("ix_follow_ups_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_publications_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("survey_id", "number", name=op.f("uq_publications_survey_id_number")),
    )
    op.create_table(
        "comments",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'released', 'withheld')", name=op.f("ck_comments_state")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_comments_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_comments_publication_id_publications")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comments")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("comments") as batch:
        batch.create_index(batch.f("ix_comments_organization_id"), ["organization_id"], unique=False)
        batch.create_index("ix_comments_publication_id", ["publication_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed_code", sa.Text(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.CheckConstraint("reminders >= 0", name=op.f("ck_invitations_reminders")),
        sa.ForeignKeyConstraint(["link_id"], ["survey_links.id"], name=op.f("fk_invitations_link_id_survey_links")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
        sa.UniqueConstraint("link_id", "address", name=op.f("uq_invitations_link_id_address")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("invitations") as batch:
        batch.create_index(batch.f("ix_invitations_link_id"), ["link_id"], unique=False)

    op.create_table(
        "paper_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("twice", sa.Boolean(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["survey_links.id"], name=op.f("fk_paper_batches_link_id_survey_links")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batches")),
        sa.UniqueConstraint("link_id", "number", name=op.f("uq_paper_batches_link_id_number")),
    )
    op.create_table(
        "result_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_result_groups_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_result_groups_publication_id_publications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_groups")),
        sa.UniqueConstraint(
            "publication_id",
            "organization_id",
            "audience",
            name=op.f("uq_result_groups_publication_id_organization_id_audience"),
        ),
    )
    with op.batch_alter_table("result_groups") as batch:
        batch.create_index("ix_result_groups_organization_id", ["organization_id"], unique=False)

    op.create_table(
        "paper_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("entry IN (1, 2)", name=op.f("ck_paper_sheets_entry")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["paper_batches.id"], name=op.f("fk_paper_sheets_batch_id_paper_batches")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_paper_sheets_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_sheets")),
        sa.UniqueConstraint("batch_id", "number", "entry", name=op.f("uq_paper_sheets_batch_id_number_entry")),
    )
    with op.batch_alter_table("paper_sheets") as batch:
        batch.create_index("ix_paper_sheets_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("responses", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.add_column(sa.Column("channel", sa.Text(), nullable=False, server_default="link"))
        batch.add_column(sa.Column("set_aside", sa.Text(), nullable=True))
        batch.add_column(sa.Column("counted_in", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            batch.f("ck_responses_channel"), "channel IN ('link', 'kiosk', 'paper', 'invitation')"
        )
        batch.create_check_constraint(
            batch.f("ck_responses_set_aside"), "set_aside IN ('hidden_field', 'too_fast', 'too_many', 'refused')"
        )
    with op.batch_alter_table("responses", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.alter_column("channel", existing_type=sa.Text(), existing_nullable=False, server_default=None)

    with op.batch_alter_table("survey_links") as batch:
        batch.add_column(sa.Column("organization_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("minimum_n", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("people", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE survey_links SET organization_id ="
        " (SELECT organization_id FROM surveys WHERE surveys.id = survey_links.survey_id)"
    )
    op.execute(LEAST)
    with op.batch_alter_table("survey_links") as batch:
        batch.alter_column("organization_id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("minimum_n", existing_type=sa.Integer(), nullable=False)
        batch.drop_constraint(batch.f("uq_survey_links_survey_id_audience"), type_="unique")
        batch.create_index(batch.f("ix_survey_links_organization_id"), ["organization_id"], unique=False)
        batch.create_unique_constraint(
            batch.f("uq_survey_links_survey_id_organization_id_audience"),
            ["survey_id", "organization_id", "audience"],
        )
        batch.create_foreign_key(
            batch.f("fk_survey_links_organization_id_organizations"), "organizations", ["organization_id"], ["id"]
        )
        batch.create_check_constraint(batch.f("ck_survey_links_minimum_n"), "minimum_n >= 5")
        batch.create_check_constraint(batch.f("ck_survey_links_people"), "people > 0")

    with op.batch_alter_table("surveys") as batch:
        batch.add_column(sa.Column("languages", sa.JSON(), nullable=False, server_default='["en", "es"]'))
        batch.add_column(sa.Column("previous_id", sa.Uuid(), nullable=True))
        batch.create_index(batch.f("ix_surveys_previous_id"), ["previous_id"], unique=False)
        batch.create_foreign_key(batch.f("fk_surveys_previous_id_surveys"), "surveys", ["previous_id"], ["id"])
    with op.batch_alter_table("surveys") as batch:
        batch.alter_column("languages", existing_type=sa.JSON(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("paper_sheets") as batch:
        batch.drop_index("ix_paper_sheets_person_id")

    op.drop_table("paper_sheets")
    with op.batch_alter_table("result_groups") as batch:
        batch.drop_index("ix_result_groups_organization_id")

    op.drop_table("result_groups")
    op.drop_table("paper_batches")
    with op.batch_alter_table("invitations") as batch:
        batch.drop_index(batch.f("ix_invitations_link_id"))

    op.drop_table("invitations")
    with op.batch_alter_table("comments") as batch:
        batch.drop_index("ix_comments_publication_id")
        batch.drop_index(batch.f("ix_comments_organization_id"))

    op.drop_table("comments")
    op.drop_table("publications")
    with op.batch_alter_table("follow_ups") as batch:
        batch.drop_index(batch.f("ix_follow_ups_organization_id"))

    op.drop_table("follow_ups")
    op.drop_table("translations")
    with op.batch_alter_table("stops") as batch:
        batch.drop_index(batch.f("ix_stops_organization_id"))
        batch.drop_index(batch.f("ix_stops_address_digest"))

    op.drop_table("stops")
    # A link of a place below the one that opened its survey cannot be told apart without its column.
    for below in (
        "DELETE FROM responses WHERE link_id IN (SELECT l.id FROM survey_links l JOIN surveys s ON s.id = l.survey_id"
        " WHERE l.organization_id <> s.organization_id)",
        "DELETE FROM survey_links WHERE id IN (SELECT l.id FROM survey_links l JOIN surveys s ON s.id = l.survey_id"
        " WHERE l.organization_id <> s.organization_id)",
    ):
        op.execute(below)

    with op.batch_alter_table("surveys") as batch:
        batch.drop_constraint(batch.f("fk_surveys_previous_id_surveys"), type_="foreignkey")
        batch.drop_index(batch.f("ix_surveys_previous_id"))
        batch.drop_column("previous_id")
        batch.drop_column("languages")

    with op.batch_alter_table("survey_links") as batch:
        batch.drop_constraint(batch.f("fk_survey_links_organization_id_organizations"), type_="foreignkey")
        batch.drop_constraint(batch.f("uq_survey_links_survey_id_organization_id_audience"), type_="unique")
        batch.drop_index(batch.f("ix_survey_links_organization_id"))
        batch.create_unique_constraint(batch.f("uq_survey_links_survey_id_audience"), ["survey_id", "audience"])
        batch.drop_constraint(batch.f("ck_survey_links_minimum_n"), type_="check")
        batch.drop_constraint(batch.f("ck_survey_links_people"), type_="check")
        batch.drop_column("people")
        batch.drop_column("minimum_n")
        batch.drop_column("organization_id")

    with op.batch_alter_table("responses", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.drop_constraint(batch.f("ck_responses_set_aside"), type_="check")
        batch.drop_constraint(batch.f("ck_responses_channel"), type_="check")
        batch.drop_column("counted_in")
        batch.drop_column("set_aside")
        batch.drop_column("channel")
