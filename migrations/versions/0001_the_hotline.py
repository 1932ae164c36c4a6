"""the hotline"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("former_names", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("worker_group", sa.String(length=32), nullable=False),
        sa.Column("employer", sa.String(length=128), nullable=False),
        sa.Column("is_member", sa.Boolean(), nullable=True),
        sa.Column("preferred_window", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callers")),
    )
    with op.batch_alter_table("callers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_callers_employer"), ["employer"], unique=False)

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "live_updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_updates")),
    )
    with op.batch_alter_table("live_updates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_updates_at"), ["at"], unique=False)
        batch_op.create_index("ix_live_updates_audience_id", ["audience", "id"], unique=False)

    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_attempts_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_attempts_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_attempts_username"), ["username"], unique=False)

    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone_number", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_users_department_id_departments"),
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_department_id"), ["department_id"], unique=False)

    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("call_ref", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("provider", "key", name=op.f("uq_findings_provider_key")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index("ix_findings_found_at_id", ["found_at", "id"], unique=False)

    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("recordings", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    with op.batch_alter_table("reconciliations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reconciliations_asked_at"), ["asked_at"], unique=False)

    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("call_ref", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("twiml", sa.Text(), nullable=False),
        sa.Column("interpreted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("provider", "event_key", name=op.f("uq_webhooks_provider_event_key")),
    )
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhooks_call_ref"), ["call_ref"], unique=False)
        batch_op.create_index(
            "ix_webhooks_interpreted_at_received_at",
            ["interpreted_at", "received_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_webhooks_received_at"), ["received_at"], unique=False)

    op.create_table(
        "caller_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("caller_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["callers.id"], name=op.f("fk_caller_numbers_caller_id_callers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_numbers")),
        sa.UniqueConstraint("caller_id", "number", name=op.f("uq_caller_numbers_caller_id_number")),
    )
    with op.batch_alter_table("caller_numbers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_caller_numbers_last_four",
            [sa.text("substr(number, length(number) - 3)")],
            unique=False,
        )
        batch_op.create_index("ix_caller_numbers_number", ["number"], unique=False)

    op.create_table(
        "collectives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("callers_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_collectives_created_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collectives")),
    )
    op.create_table(
        "departments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("keeper_id", sa.Integer(), nullable=True),
        sa.Column("phone_number", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["keeper_id"], ["users.id"], name=op.f("fk_departments_keeper_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["departments.id"], name=op.f("fk_departments_parent_id_departments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("code", name=op.f("uq_departments_code")),
    )
    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_departments_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_drafts_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_saved_at"), ["saved_at"], unique=False)

    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_duty_shifts_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shifts")),
        sa.UniqueConstraint("user_id", "starts_at", name=op.f("uq_duty_shifts_user_id_starts_at")),
    )
    with op.batch_alter_table("duty_shifts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_shifts_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_shifts_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "official_lists",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["imported_by_id"], ["users.id"], name=op.f("fk_official_lists_imported_by_id_users")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_official_lists")),
    )
    op.create_table(
        "listed_days",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["official_lists.year"], name=op.f("fk_listed_days_year_official_lists")
        ),
        sa.PrimaryKeyConstraint("year", "on", name=op.f("pk_listed_days")),
    )
    op.create_table(
        "policy_settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["users.id"], name=op.f("fk_policy_settings_set_by_id_users")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_policy_settings")),
    )
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
    with op.batch_alter_table("user_roles", schema=None) as batch_op:
        batch_op.create_index("ix_user_roles_role", ["role"], unique=False)

    op.create_table(
        "walls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_walls_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_walls_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["users.id"], name=op.f("fk_walls_ended_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walls")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_walls_token_hash")),
    )
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("name_zh", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.Column("initials", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("lead_department_id", sa.Integer(), nullable=True),
        sa.Column("demand_kind", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.Column("is_confidential_by_default", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_department_id"],
            ["departments.id"],
            name=op.f("fk_categories_lead_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id_categories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("code", name=op.f("uq_categories_code")),
    )
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_categories_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "opening_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440",
            name=op.f("ck_opening_hours_interval"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_opening_hours_department_id_departments"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
    )
    with op.batch_alter_table("opening_hours", schema=None) as batch_op:
        batch_op.create_index(
            "ix_opening_hours_calendar_department_id", ["calendar", "department_id"], unique=False
        )

    op.create_table(
        "special_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("intervals", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_special_days_department_id_departments"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_days")),
    )
    with op.batch_alter_table("special_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_special_days_on"), ["on"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("query_code", sa.String(length=8), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("resolution", sa.String(length=32), nullable=True),
        sa.Column("closing_feedback_id", sa.Integer(), nullable=True),
        sa.Column("caller_id", sa.Integer(), nullable=False),
        sa.Column("callback_number", sa.String(length=64), nullable=False),
        sa.Column("caller_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("demand_kind", sa.String(length=32), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("safe_summary", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("outer_number", sa.String(length=64), nullable=False),
        sa.Column("outer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outer_reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("desk_department_id", sa.Integer(), nullable=True),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("urgency", sa.String(length=32), nullable=False),
        sa.Column("is_confidential", sa.Boolean(), nullable=False),
        sa.Column("is_nameless", sa.Boolean(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("is_supervised", sa.Boolean(), nullable=False),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("employer_may_know", sa.Boolean(), nullable=False),
        sa.Column("consent_to_pass_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("about_department_id", sa.Integer(), nullable=True),
        sa.Column("about_user_id", sa.Integer(), nullable=True),
        sa.Column("chased_count", sa.Integer(), nullable=False),
        sa.Column("handoff_count", sa.Integer(), nullable=False),
        sa.Column("rework_count", sa.Integer(), nullable=False),
        sa.Column("dissatisfied_count", sa.Integer(), nullable=False),
        sa.Column("collective_id", sa.Integer(), nullable=True),
        sa.Column("repeat_of_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("whole_seconds", sa.Integer(), nullable=True),
        sa.Column("excluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_department_id", sa.Integer(), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_for", sa.String(length=500), nullable=False),
        sa.Column("waiting_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_by_id", sa.Integer(), nullable=True),
        sa.Column("consulting", sa.String(length=64), nullable=False),
        sa.Column("suspended_from", sa.String(length=32), nullable=True),
        sa.Column("suspended_measures", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("money_recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("money_recovered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(resolution = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_tickets_merged")
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_tickets_closed_at")
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (closing_feedback_id IS NOT NULL)", name=op.f("ck_tickets_gate")
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (resolution IS NOT NULL)", name=op.f("ck_tickets_resolution")
        ),
        sa.CheckConstraint(
            "(status = 'suspended') = (review_on IS NOT NULL)", name=op.f("ck_tickets_review")
        ),
        sa.CheckConstraint(
            "(status IN ('queued', 'accepted')) = (department_id IS NOT NULL)",
            name=op.f("ck_tickets_holder"),
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_tickets_not_into_itself")),
        sa.CheckConstraint("money_recovered_fen >= 0", name=op.f("ck_tickets_money")),
        sa.ForeignKeyConstraint(
            ["about_department_id"],
            ["departments.id"],
            name=op.f("fk_tickets_about_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["about_user_id"], ["users.id"], name=op.f("fk_tickets_about_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["callers.id"], name=op.f("fk_tickets_caller_id_callers")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_tickets_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["closing_feedback_id", "id"],
            ["feedback.id", "feedback.ticket_id"],
            name="fk_tickets_closing_feedback",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["collective_id"], ["collectives.id"], name=op.f("fk_tickets_collective_id_collectives")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_tickets_department_id_departments")
        ),
        sa.ForeignKeyConstraint(
            ["desk_department_id"],
            ["departments.id"],
            name=op.f("fk_tickets_desk_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_department_id"],
            ["departments.id"],
            name=op.f("fk_tickets_lead_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["users.id"], name=op.f("fk_tickets_kept_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["tickets.id"], name=op.f("fk_tickets_merged_into_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["users.id"], name=op.f("fk_tickets_operator_id_users")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_tickets_owner_id_users")),
        sa.ForeignKeyConstraint(
            ["repeat_of_id"], ["tickets.id"], name=op.f("fk_tickets_repeat_of_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("form_key", name=op.f("uq_tickets_form_key")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_about_user_id",
            ["about_user_id"],
            unique=False,
            sqlite_where=sa.text("about_user_id IS NOT NULL"),
            postgresql_where=sa.text("about_user_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tickets_about_department_id",
            ["about_department_id"],
            unique=False,
            sqlite_where=sa.text("about_department_id IS NOT NULL"),
            postgresql_where=sa.text("about_department_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_callback_number"), ["callback_number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tickets_caller_id"), ["caller_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_category_id"), ["category_id"], unique=False)
        batch_op.create_index(
            "ix_tickets_closed_at",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_collective_id"), ["collective_id"], unique=False
        )
        batch_op.create_index(
            "ix_tickets_department_id_status", ["department_id", "status"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_desk_department_id"), ["desk_department_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_money_recovered_at"), ["money_recovered_at"], unique=False
        )
        batch_op.create_index("ix_tickets_opened_at_id", ["opened_at", "id"], unique=False)
        batch_op.create_index(
            "ix_tickets_outer_owed",
            ["id", "about_user_id", "about_department_id", "outer_number", "outer_reported_at"],
            unique=False,
            sqlite_where=sa.text("outer_reported_at IS NULL AND outer_number <> ''"),
            postgresql_where=sa.text("outer_reported_at IS NULL AND outer_number <> ''"),
        )
        batch_op.create_index(
            "ix_tickets_unclosed",
            [
                "opened_at",
                "id",
                "status",
                "department_id",
                "is_emergency",
                "is_supervised",
                "kept_since_at",
                "about_user_id",
                "about_department_id",
                "desk_department_id",
                "closed_at",
            ],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_tickets_outer_number"), ["outer_number"], unique=False)
        batch_op.create_index(
            "ix_tickets_owner_id",
            ["owner_id"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_tickets_query_code"), ["query_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_repeat_of_id"), ["repeat_of_id"], unique=False)
        batch_op.create_index("ix_tickets_serial", [sa.text("substr(number, 10)")], unique=False)
        batch_op.create_index(
            "ix_tickets_status_opened_at_id", ["status", "opened_at", "id"], unique=False
        )

    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_audit_events_actor_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_audit_events_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_events_kind_id", ["kind", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("new_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window", sa.String(length=32), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("min_days", sa.Integer(), nullable=False),
        sa.Column("needs_off_hours", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ring_seconds", sa.Integer(), nullable=True),
        sa.Column("told_seconds", sa.Integer(), nullable=True),
        sa.Column("exhausted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exhausted_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.String(length=32), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('(ended_at IS NULL) = ("end" IS NULL)', name=op.f("ck_callbacks_ended")),
        sa.CheckConstraint(
            "ended_at IS NULL OR receipt_due_at IS NULL", name=op.f("ck_callbacks_receipt")
        ),
        sa.ForeignKeyConstraint(
            ["exhausted_by_id"], ["users.id"], name=op.f("fk_callbacks_exhausted_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_callbacks_owner_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_callbacks_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.create_index("ix_callbacks_ended_at_due_at", ["ended_at", "due_at"], unique=False)
        batch_op.create_index("ix_callbacks_first_due_at", ["first_due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_callbacks_number"), ["number"], unique=False)
        batch_op.create_index(
            "ix_callbacks_owner_id_ended_at_due_at",
            ["owner_id", "ended_at", "due_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_callbacks_receipt_due_at"), ["receipt_due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_callbacks_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("call_ref", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("caller_id", sa.Integer(), nullable=False),
        sa.Column("from_raw", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("number_kind", sa.String(length=32), nullable=False),
        sa.Column("dialled", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=True),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pickup_seconds", sa.Integer(), nullable=True),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["callers.id"], name=op.f("fk_calls_caller_id_callers")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["users.id"], name=op.f("fk_calls_operator_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_calls_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("id", "ticket_id", name="uq_calls_id_ticket_id"),
        sa.UniqueConstraint("provider", "call_ref", name=op.f("uq_calls_provider_call_ref")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calls_caller_id"), ["caller_id"], unique=False)
        batch_op.create_index("ix_calls_number_started_at", ["number", "started_at"], unique=False)
        batch_op.create_index(
            "ix_calls_operator_id_answered_at", ["operator_id", "answered_at"], unique=False
        )
        batch_op.create_index("ix_calls_started_at", ["started_at"], unique=False)
        batch_op.create_index("ix_calls_state_started_at", ["state", "started_at"], unique=False)
        batch_op.create_index(
            "ix_calls_unended",
            ["started_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_calls_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "handoffs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_off_by_id", sa.Integer(), nullable=True),
        sa.Column("accept_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handle_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_amount", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.String(length=32), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("accept_seconds", sa.Integer(), nullable=True),
        sa.Column("handle_seconds", sa.Integer(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end", sa.String(length=32), nullable=True),
        sa.Column("return_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_asked_by_id", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=32), nullable=True),
        sa.Column("return_basis", sa.Text(), nullable=False),
        sa.Column("return_better_department_id", sa.Integer(), nullable=True),
        sa.Column("return_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_decided_by_id", sa.Integer(), nullable=True),
        sa.Column("return_refusal", sa.Text(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("is_solved", sa.Boolean(), nullable=True),
        sa.Column("why_not_solved", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("told_caller_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_caller_number", sa.String(length=64), nullable=False),
        sa.Column("told_caller_by", sa.String(length=64), nullable=False),
        sa.Column("accept_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handle_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('(ended_at IS NULL) = ("end" IS NULL)', name=op.f("ck_handoffs_ended")),
        sa.CheckConstraint(
            "return_decided_by_id IS NULL OR return_decided_by_id <> return_asked_by_id",
            name=op.f("ck_handoffs_return_decided_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["users.id"], name=op.f("fk_handoffs_answered_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_handoffs_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["handed_off_by_id"], ["users.id"], name=op.f("fk_handoffs_handed_off_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["handler_id"], ["users.id"], name=op.f("fk_handoffs_handler_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["return_asked_by_id"], ["users.id"], name=op.f("fk_handoffs_return_asked_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["return_better_department_id"],
            ["departments.id"],
            name=op.f("fk_handoffs_return_better_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["return_decided_by_id"],
            ["users.id"],
            name=op.f("fk_handoffs_return_decided_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_handoffs_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoffs")),
    )
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.create_index(
            "ix_handoffs_department_id_ended_at_due_at",
            ["department_id", "ended_at", "due_at"],
            unique=False,
        )
        batch_op.create_index("ix_handoffs_ended_at_due_at", ["ended_at", "due_at"], unique=False)
        batch_op.create_index("ix_handoffs_handed_off_at", ["handed_off_at"], unique=False)
        batch_op.create_index("ix_handoffs_accept_due_at", ["accept_due_at"], unique=False)
        batch_op.create_index("ix_handoffs_handle_due_at", ["handle_due_at"], unique=False)
        batch_op.create_index(
            "ix_handoffs_ticket_id_department_id", ["ticket_id", "department_id"], unique=False
        )

    op.create_table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("from_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)"
            " AND (decided_by_id IS NULL OR decided_by_id <> asked_by_id)",
            name=op.f("ck_extensions_decided_by_another"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (is_granted IS NULL)", name=op.f("ck_extensions_decided")
        ),
        sa.CheckConstraint(
            "(level IS NULL) = (until_at IS NOT NULL)", name=op.f("ck_extensions_day_or_level")
        ),
        sa.CheckConstraint(
            "(to_due_at IS NULL) = (from_due_at IS NULL)"
            " AND (to_due_at IS NULL OR to_due_at > from_due_at)",
            name=op.f("ck_extensions_later"),
        ),
        sa.CheckConstraint(
            "is_granted IS NULL OR is_granted = (to_due_at IS NOT NULL)",
            name=op.f("ck_extensions_granted"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_extensions_asked_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_extensions_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_extensions_handoff_id_handoffs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    with op.batch_alter_table("extensions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extensions_handoff_id"), ["handoff_id"], unique=False)
        batch_op.create_index(
            "uq_extensions_day",
            ["handoff_id"],
            unique=True,
            sqlite_where=sa.text("level IS NULL"),
            postgresql_where=sa.text("level IS NULL"),
        )
        batch_op.create_index(
            "uq_extensions_level",
            ["handoff_id"],
            unique=True,
            sqlite_where=sa.text("level IS NOT NULL"),
            postgresql_where=sa.text("level IS NOT NULL"),
        )

    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("business_seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(holder = 'department') = (department_id IS NOT NULL)", name=op.f("ck_holds_holder")
        ),
        sa.CheckConstraint("ended_at IS NULL OR began_at < ended_at", name=op.f("ck_holds_order")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (business_seconds IS NULL)", name=op.f("ck_holds_measured")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_holds_department_id_departments")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_holds_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index(
            "uq_holds_open",
            ["ticket_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("uq_holds_ticket_id_began_at", ["ticket_id", "began_at"], unique=True)

    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("not_at_night", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.String(length=64), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callbacks.id"],
            name=op.f("fk_outbox_messages_callback_id_callbacks"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_outbox_messages_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_outbox_messages_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_messages_dedupe_key")),
        sa.UniqueConstraint("id", "ticket_id", name="uq_outbox_messages_id_ticket_id"),
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_messages_callback_id"), ["callback_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_messages_provider_ref"), ["provider_ref"], unique=False
        )
        batch_op.create_index(
            "ix_outbox_messages_status_due_at", ["status", "due_at", "id"], unique=False
        )

    op.create_table(
        "outbox_doubts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_messages.id"],
            name=op.f("fk_outbox_doubts_message_id_outbox_messages"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_doubts")),
    )
    with op.batch_alter_table("outbox_doubts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_doubts_message_id"), ["message_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_doubts_provider_ref"), ["provider_ref"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_doubts_sent_again_at"), ["sent_again_at"], unique=False
        )

    op.create_table(
        "search_documents",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_search_documents_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_search_documents")),
    )
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("from_status", sa.String(length=32), nullable=True),
        sa.Column("to_status", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_ticket_events_actor_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_events_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_events_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_events_kind"), ["kind"], unique=False)
        batch_op.create_index(
            "ix_ticket_events_ticket_id_at_id", ["ticket_id", "at", "id"], unique=False
        )

    op.create_table(
        "call_legs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("leg_ref", sa.String(length=64), nullable=True),
        sa.Column("rang_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_legs_call_id_calls")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_call_legs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_legs")),
        sa.UniqueConstraint("call_id", "step", name=op.f("uq_call_legs_call_id_step")),
    )
    with op.batch_alter_table("call_legs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_legs_call_id"), ["call_id"], unique=False)

    op.create_table(
        "callback_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_callback_attempts_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_callback_attempts_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callbacks.id"],
            name=op.f("fk_callback_attempts_callback_id_callbacks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_attempts")),
    )
    with op.batch_alter_table("callback_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_callback_attempts_callback_id"), ["callback_id"], unique=False
        )

    op.create_table(
        "message_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_message_choices_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_message_choices_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_message_choices_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_choices")),
    )
    with op.batch_alter_table("message_choices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_choices_ticket_id"), ["ticket_id"], unique=False
        )

    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callbacks.id"], name=op.f("fk_notifications_callback_id_callbacks")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_notifications_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notifications_dedupe_key")),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notifications_user_id_read_at_id", ["user_id", "read_at", "id"], unique=False
        )

    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("recording_ref", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at_provider_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetch_attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id_calls")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("recording_ref", name=op.f("uq_recordings_recording_ref")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recordings_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recordings_retry_at"), ["retry_at"], unique=False)

    op.create_table(
        "seats",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("rest_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_after_call", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(state = 'resting') = (rest_until_at IS NOT NULL)", name=op.f("ck_seats_resting")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_seats_call_id_calls")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_seats_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_seats")),
    )
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seats_state"), ["state"], unique=False)

    op.create_table(
        "shift_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("pooled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(taken_at IS NULL) = (taken_by_id IS NULL)", name=op.f("ck_shift_sheets_taken")
        ),
        sa.CheckConstraint("taken_by_id <> from_id", name=op.f("ck_shift_sheets_not_by_oneself")),
        sa.CheckConstraint(
            "(taken_at IS NULL AND withdrawn_at IS NULL)"
            " OR (taken_at IS NULL AND pooled_at IS NULL)"
            " OR (withdrawn_at IS NULL AND pooled_at IS NULL)",
            name=op.f("ck_shift_sheets_one_end"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["users.id"], name=op.f("fk_shift_sheets_from_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["users.id"], name=op.f("fk_shift_sheets_taken_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_sheets")),
    )
    with op.batch_alter_table("shift_sheets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_sheets_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_sheets_signed_at"), ["signed_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_shift_sheets_taken_by_id"), ["taken_by_id"], unique=False
        )

    op.create_table(
        "sheet_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("recording_id", sa.Integer(), nullable=True),
        sa.Column("is_passed_on", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callbacks.id"], name=op.f("fk_sheet_lines_callback_id_callbacks")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], name=op.f("fk_sheet_lines_recording_id_recordings")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["shift_sheets.id"], name=op.f("fk_sheet_lines_sheet_id_shift_sheets")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_sheet_lines_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_lines")),
    )
    with op.batch_alter_table("sheet_lines", schema=None) as batch_op:
        batch_op.create_index("ix_sheet_lines_sheet_id", ["sheet_id"], unique=False)

    op.create_table(
        "thanks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["callback_attempts.id"],
            name=op.f("fk_thanks_attempt_id_callback_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_thanks_department_id_departments")
        ),
        sa.ForeignKeyConstraint(
            ["handler_id"], ["users.id"], name=op.f("fk_thanks_handler_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["users.id"], name=op.f("fk_thanks_operator_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_thanks_recorded_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_thanks_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thanks")),
    )
    with op.batch_alter_table("thanks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_thanks_department_id"), ["department_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_thanks_handler_id"), ["handler_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_thanks_operator_id"), ["operator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_thanks_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "word_lists",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["users.id"], name=op.f("fk_word_lists_set_by_id_users")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_word_lists")),
    )
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("population", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=True),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("no_matter_weight", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name=op.f("ck_samples_percent")),
        sa.CheckConstraint("since_at < until_at", name=op.f("ck_samples_period")),
        sa.ForeignKeyConstraint(
            ["drawn_by_id"], ["users.id"], name=op.f("fk_samples_drawn_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
        sa.UniqueConstraint("series", "since_at", name=op.f("uq_samples_series_since_at")),
    )
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.create_index(
            "ix_samples_population_until_at", ["population", "until_at"], unique=False
        )

    op.create_table(
        "score_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_score_sheets_made_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheets")),
        sa.UniqueConstraint("work", "version", name=op.f("uq_score_sheets_work_version")),
    )
    op.create_table(
        "sample_strata",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("is_no_matter", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("drawn_before", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_sample_strata_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["users.id"], name=op.f("fk_sample_strata_operator_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_sample_strata_sample_id_samples")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_strata")),
    )
    with op.batch_alter_table("sample_strata", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sample_strata_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "inspections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("stratum_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=32), nullable=False),
        sa.Column("work_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("handoff_id", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=True),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scored_by_id", sa.Integer(), nullable=True),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("is_knocked_out", sa.Boolean(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(length=32), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL)", name=op.f("ck_inspections_decided")
        ),
        sa.CheckConstraint(
            "(scored_at IS NULL) = (scored_by_id IS NULL)", name=op.f("ck_inspections_scored_by")
        ),
        sa.CheckConstraint(
            "(scored_at IS NULL) = (total IS NULL)", name=op.f("ck_inspections_scored")
        ),
        sa.CheckConstraint(
            "appealed_at IS NULL OR scored_at IS NOT NULL", name=op.f("ck_inspections_appealed")
        ),
        sa.CheckConstraint(
            "decided_at IS NULL OR (appealed_at IS NOT NULL AND decided_by_id IS NOT NULL"
            " AND decided_by_id <> scored_by_id)",
            name=op.f("ck_inspections_decided_by_another"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> person_id",
            name=op.f("ck_inspections_not_decided_by_oneself"),
        ),
        sa.CheckConstraint(
            "scored_by_id IS NULL OR scored_by_id <> person_id",
            name=op.f("ck_inspections_not_the_own_work"),
        ),
        sa.CheckConstraint("total BETWEEN 0 AND 100", name=op.f("ck_inspections_total")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_inspections_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_inspections_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_inspections_handoff_id_handoffs")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["users.id"], name=op.f("fk_inspections_inspector_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["users.id"], name=op.f("fk_inspections_person_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_inspections_sample_id_samples")
        ),
        sa.ForeignKeyConstraint(
            ["scored_by_id"], ["users.id"], name=op.f("fk_inspections_scored_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["score_sheets.id"], name=op.f("fk_inspections_sheet_id_score_sheets")
        ),
        sa.ForeignKeyConstraint(
            ["stratum_id"],
            ["sample_strata.id"],
            name=op.f("fk_inspections_stratum_id_sample_strata"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_inspections_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint(
            "ticket_id", "work", "work_at", name=op.f("uq_inspections_ticket_id_work_work_at")
        ),
    )
    with op.batch_alter_table("inspections", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inspections_department_id_work_at", ["department_id", "work_at"], unique=False
        )
        batch_op.create_index(
            "ix_inspections_inspector_id_scored_at", ["inspector_id", "scored_at"], unique=False
        )
        batch_op.create_index(
            "ix_inspections_person_id_work_at", ["person_id", "work_at"], unique=False
        )
        batch_op.create_index(
            "ix_inspections_sample_id_ticket_id", ["sample_id", "ticket_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_inspections_stratum_id"), ["stratum_id"], unique=False)

    op.create_table(
        "inspection_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_inspection_events_actor_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_inspection_events_inspection_id_inspections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_events")),
    )
    with op.batch_alter_table("inspection_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inspection_events_inspection_id"), ["inspection_id"], unique=False
        )

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("handoff_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("moved_to_id", sa.Integer(), nullable=True),
        sa.Column("no_matter", sa.String(length=32), nullable=True),
        sa.Column("was_contacted", sa.Boolean(), nullable=True),
        sa.Column("is_solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.String(length=32), nullable=True),
        sa.Column("dissatisfaction", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "how <> 'in_call' OR call_id IS NOT NULL OR attempt_id IS NOT NULL",
            name=op.f("ck_feedback_in_call"),
        ),
        sa.CheckConstraint(
            "how <> 'message_delivered' OR message_id IS NOT NULL",
            name=op.f("ck_feedback_message_delivered"),
        ),
        sa.CheckConstraint(
            "how <> 'moved' OR (moved_to_id IS NOT NULL AND moved_to_id <> ticket_id)",
            name=op.f("ck_feedback_moved"),
        ),
        sa.CheckConstraint(
            "how <> 'no_matter' OR (no_matter IS NOT NULL AND call_id IS NOT NULL)",
            name=op.f("ck_feedback_no_matter"),
        ),
        sa.CheckConstraint(
            "how <> 'not_wanted' OR recorded_by_id IS NOT NULL", name=op.f("ck_feedback_not_wanted")
        ),
        sa.CheckConstraint(
            "how <> 'told_by_department' OR handoff_id IS NOT NULL",
            name=op.f("ck_feedback_told_by_department"),
        ),
        sa.CheckConstraint(
            "how NOT IN ('unreachable', 'no_way_to_reach') OR (signed_by_id IS NOT NULL"
            " AND asked_by_id IS NOT NULL AND signed_by_id <> asked_by_id)",
            name=op.f("ck_feedback_signed_by_another"),
        ),
        sa.CheckConstraint(
            "signed_by_id IS NULL OR (asked_by_id IS NOT NULL AND signed_by_id <> asked_by_id)",
            name=op.f("ck_feedback_not_signed_by_oneself"),
        ),
        sa.CheckConstraint(
            "how IN ('in_call', 'told_by_department', 'message_delivered', 'not_wanted',"
            " 'unreachable', 'no_way_to_reach', 'no_matter', 'moved')",
            name=op.f("ck_feedback_how"),
        ),
        sa.CheckConstraint(
            "how NOT IN ('in_call', 'not_wanted') OR trim(told) <> ''",
            name=op.f("ck_feedback_told"),
        ),
        sa.CheckConstraint(
            "satisfaction <> 'not_satisfied' OR asked_by_id IS NOT NULL",
            name=op.f("ck_feedback_not_satisfied"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_feedback_asked_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["callback_attempts.id"],
            name=op.f("fk_feedback_attempt_id_callback_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["call_id", "ticket_id"],
            ["calls.id", "calls.ticket_id"],
            name="fk_feedback_call_of_the_ticket",
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.id"], name=op.f("fk_feedback_handoff_id_handoffs")
        ),
        sa.ForeignKeyConstraint(
            ["message_id", "ticket_id"],
            ["outbox_messages.id", "outbox_messages.ticket_id"],
            name="fk_feedback_message_of_the_ticket",
        ),
        sa.ForeignKeyConstraint(
            ["moved_to_id"], ["tickets.id"], name=op.f("fk_feedback_moved_to_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_feedback_recorded_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["users.id"], name=op.f("fk_feedback_signed_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_feedback_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("id", "ticket_id", name="uq_feedback_id_ticket_id"),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "ix_feedback_unsigned",
            ["ticket_id"],
            unique=False,
            sqlite_where=sa.text("asked_by_id IS NOT NULL AND signed_by_id IS NULL"),
            postgresql_where=sa.text("asked_by_id IS NOT NULL AND signed_by_id IS NULL"),
        )
    op.create_table(
        "saved_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("schedule", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_for", sa.String(length=24), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_reports_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reports")),
    )
    with op.batch_alter_table("saved_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_reports_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_saved_reports_schedule", ["schedule"], unique=False)

    op.create_table(
        "saved_report_recipients",
        sa.Column("saved_report_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["saved_report_id"],
            ["saved_reports.id"],
            name=op.f("fk_saved_report_recipients_saved_report_id_saved_reports"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_report_recipients_user_id_users")
        ),
        sa.PrimaryKeyConstraint(
            "saved_report_id", "user_id", name=op.f("pk_saved_report_recipients")
        ),
    )
    op.create_table(
        "figure_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.Column("made_of", sa.String(length=64), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("lengths", sa.LargeBinary(), nullable=False),
        sa.Column("seconds", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "by", name=op.f("pk_figure_days")),
    )
    op.create_table(
        "figure_touches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(ticket_id IS NULL) <> (day IS NULL)", name=op.f("ck_figure_touches_one_of_two")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_touches")),
    )
    op.create_table(
        "call_intents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=64), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_intents_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callbacks.id"], name=op.f("fk_call_intents_callback_id_callbacks")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_call_intents_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_intents")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_intents_call_id")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_call_intents_dedupe_key")),
    )
    with op.batch_alter_table("call_intents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_intents_callback_id"), ["callback_id"], unique=False
        )
        batch_op.create_index(
            "ix_call_intents_status_created_at", ["status", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_call_intents_user_id_created_at", ["user_id", "created_at"], unique=False
        )

    op.create_table(
        "outbox_attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_messages.id"],
            name=op.f("fk_outbox_attachments_message_id_outbox_messages"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attachments")),
    )
    with op.batch_alter_table("outbox_attachments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_attachments_message_id"), ["message_id"], unique=False
        )

    if op.get_bind().dialect.name == "sqlite":
        _search_on_sqlite()
    else:
        _circles_on_postgresql()
        op.execute(
            "CREATE INDEX ix_search_documents_tokens ON search_documents"
            " USING gin (to_tsvector('simple'::regconfig, tokens))"
        )
        # Most tickets have none, and who has one has one of their own. A sample of the rows does
        # not show that: of a million a thousand would be expected for whatever is looked for.
        op.execute("ALTER TABLE tickets ALTER COLUMN outer_number SET (n_distinct = -1)")
        _jobs_on_postgresql()


def _search_on_sqlite() -> None:
    """An external-content FTS5 table over search_documents.tokens, kept by triggers."""
    op.execute(
        "CREATE VIRTUAL TABLE search_fts USING fts5"
        "(tokens, content='search_documents', content_rowid='ticket_id', prefix='1')"
    )
    added = "INSERT INTO search_fts (rowid, tokens) VALUES (new.ticket_id, new.tokens);"
    removed = (
        "INSERT INTO search_fts (search_fts, rowid, tokens)"
        " VALUES ('delete', old.ticket_id, old.tokens);"
    )
    for name, when, then in (
        ("added", "INSERT", added),
        ("removed", "DELETE", removed),
        ("changed", "UPDATE", removed + added),
    ):
        op.execute(
            f"CREATE TRIGGER search_documents_{name} AFTER {when} ON search_documents"
            f" BEGIN {then} END"
        )


CIRCLES = (
    # name, table, columns, referred table, referred columns
    ("fk_users_department_id_departments", "users", ["department_id"], "departments", ["id"]),
    (
        "fk_tickets_closing_feedback",
        "tickets",
        ["closing_feedback_id", "id"],
        "feedback",
        ["id", "ticket_id"],
    ),
)


def _circles_on_postgresql() -> None:
    """Tables that refer to each other: SQLite has these in its CREATE TABLE already."""
    for name, table, columns, referred, referred_columns in CIRCLES:
        op.create_foreign_key(name, table, referred, columns, referred_columns)


def _jobs_on_postgresql() -> None:
    """The tables and functions of procrastinate, as its release brings them."""
    from procrastinate.schema import SchemaManager

    # Past SQLAlchemy, which takes the per cent signs of its functions for parameters.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())


# In this order: each is used by what goes before it.
NO_JOBS = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['events', 'periodic_defers', 'jobs', 'workers']
    LOOP EXECUTE 'DROP TABLE procrastinate_' || name || ' CASCADE'; END LOOP;
    FOR name IN SELECT oid::regprocedure FROM pg_proc
        WHERE proname LIKE 'procrastinate!_%' ESCAPE '!'
    LOOP EXECUTE 'DROP FUNCTION ' || name; END LOOP;
    FOREACH name IN ARRAY ARRAY['job_to_defer_v1', 'job_event_type', 'job_status']
    LOOP EXECUTE 'DROP TYPE procrastinate_' || name; END LOOP;
END $$
"""


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER search_documents_{name}")
        op.execute("DROP TABLE search_fts")
    else:
        op.get_bind().connection.driver_connection.execute(NO_JOBS)
        op.drop_index("ix_search_documents_tokens", "search_documents")
        for name, table, *_ in CIRCLES:
            op.drop_constraint(name, table, type_="foreignkey")
    with op.batch_alter_table("call_intents", schema=None) as batch_op:
        batch_op.drop_index("ix_call_intents_user_id_created_at")
        batch_op.drop_index("ix_call_intents_status_created_at")
        batch_op.drop_index(batch_op.f("ix_call_intents_callback_id"))

    op.drop_table("call_intents")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_ticket_id"))
        batch_op.drop_index(
            "ix_feedback_unsigned",
            sqlite_where=sa.text("asked_by_id IS NOT NULL AND signed_by_id IS NULL"),
            postgresql_where=sa.text("asked_by_id IS NOT NULL AND signed_by_id IS NULL"),
        )

    with op.batch_alter_table("inspection_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_events_inspection_id"))

    op.drop_table("inspection_events")
    with op.batch_alter_table("inspections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspections_stratum_id"))
        batch_op.drop_index("ix_inspections_sample_id_ticket_id")
        batch_op.drop_index("ix_inspections_person_id_work_at")
        batch_op.drop_index("ix_inspections_inspector_id_scored_at")
        batch_op.drop_index("ix_inspections_department_id_work_at")

    op.drop_table("inspections")
    with op.batch_alter_table("sample_strata", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sample_strata_sample_id"))

    op.drop_table("sample_strata")
    op.drop_table("score_sheets")
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.drop_index("ix_samples_population_until_at")

    op.drop_table("samples")
    op.drop_table("feedback")
    op.drop_table("word_lists")
    with op.batch_alter_table("thanks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_thanks_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_thanks_operator_id"))
        batch_op.drop_index(batch_op.f("ix_thanks_handler_id"))
        batch_op.drop_index(batch_op.f("ix_thanks_department_id"))

    op.drop_table("thanks")
    with op.batch_alter_table("sheet_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_sheet_lines_sheet_id")

    op.drop_table("sheet_lines")
    with op.batch_alter_table("shift_sheets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_sheets_taken_by_id"))
        batch_op.drop_index(batch_op.f("ix_shift_sheets_signed_at"))
        batch_op.drop_index(batch_op.f("ix_shift_sheets_from_id"))

    op.drop_table("shift_sheets")
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seats_state"))

    op.drop_table("seats")
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recordings_retry_at"))
        batch_op.drop_index(batch_op.f("ix_recordings_call_id"))

    op.drop_table("recordings")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index("ix_notifications_user_id_read_at_id")

    op.drop_table("notifications")
    with op.batch_alter_table("message_choices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_choices_ticket_id"))

    op.drop_table("message_choices")
    with op.batch_alter_table("callback_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_callback_attempts_callback_id"))

    op.drop_table("callback_attempts")
    with op.batch_alter_table("call_legs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_legs_call_id"))

    op.drop_table("call_legs")
    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_events_ticket_id_at_id")
        batch_op.drop_index(batch_op.f("ix_ticket_events_kind"))
        batch_op.drop_index(batch_op.f("ix_ticket_events_at"))

    op.drop_table("ticket_events")
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.drop_index("uq_holds_ticket_id_began_at")
        batch_op.drop_index(
            "uq_holds_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("holds")
    with op.batch_alter_table("outbox_attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_attachments_message_id"))

    op.drop_table("figure_touches")
    op.drop_table("figure_days")
    op.drop_table("outbox_attachments")
    op.drop_table("saved_report_recipients")
    with op.batch_alter_table("saved_reports", schema=None) as batch_op:
        batch_op.drop_index("ix_saved_reports_schedule")
        batch_op.drop_index(batch_op.f("ix_saved_reports_owner_id"))

    op.drop_table("saved_reports")
    op.drop_table("search_documents")
    with op.batch_alter_table("outbox_doubts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_doubts_sent_again_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_doubts_provider_ref"))
        batch_op.drop_index(batch_op.f("ix_outbox_doubts_message_id"))

    op.drop_table("outbox_doubts")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_messages_status_due_at")
        batch_op.drop_index(batch_op.f("ix_outbox_messages_provider_ref"))
        batch_op.drop_index(batch_op.f("ix_outbox_messages_callback_id"))

    op.drop_table("outbox_messages")
    with op.batch_alter_table("extensions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_extensions_level",
            sqlite_where=sa.text("level IS NOT NULL"),
            postgresql_where=sa.text("level IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_extensions_day",
            sqlite_where=sa.text("level IS NULL"),
            postgresql_where=sa.text("level IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_extensions_handoff_id"))

    op.drop_table("extensions")
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.drop_index("ix_handoffs_ticket_id_department_id")
        batch_op.drop_index("ix_handoffs_handle_due_at")
        batch_op.drop_index("ix_handoffs_accept_due_at")
        batch_op.drop_index("ix_handoffs_handed_off_at")
        batch_op.drop_index("ix_handoffs_ended_at_due_at")
        batch_op.drop_index("ix_handoffs_department_id_ended_at_due_at")

    op.drop_table("handoffs")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calls_ticket_id"))
        batch_op.drop_index(
            "ix_calls_unended",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_calls_state_started_at")
        batch_op.drop_index("ix_calls_started_at")
        batch_op.drop_index("ix_calls_operator_id_answered_at")
        batch_op.drop_index("ix_calls_number_started_at")
        batch_op.drop_index(batch_op.f("ix_calls_caller_id"))

    op.drop_table("calls")
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_callbacks_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_callbacks_receipt_due_at"))
        batch_op.drop_index("ix_callbacks_owner_id_ended_at_due_at")
        batch_op.drop_index(batch_op.f("ix_callbacks_number"))
        batch_op.drop_index("ix_callbacks_first_due_at")
        batch_op.drop_index("ix_callbacks_ended_at_due_at")

    op.drop_table("callbacks")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_ticket_id"))
        batch_op.drop_index("ix_audit_events_kind_id")
        batch_op.drop_index(batch_op.f("ix_audit_events_at"))
        batch_op.drop_index(batch_op.f("ix_audit_events_actor_id"))

    op.drop_table("audit_events")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("ix_tickets_status_opened_at_id")
        batch_op.drop_index(
            "ix_tickets_about_user_id",
            sqlite_where=sa.text("about_user_id IS NOT NULL"),
            postgresql_where=sa.text("about_user_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_tickets_about_department_id",
            sqlite_where=sa.text("about_department_id IS NOT NULL"),
            postgresql_where=sa.text("about_department_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_tickets_serial")
        batch_op.drop_index(batch_op.f("ix_tickets_repeat_of_id"))
        batch_op.drop_index(batch_op.f("ix_tickets_query_code"))
        batch_op.drop_index(
            "ix_tickets_owner_id",
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_tickets_outer_number"))
        batch_op.drop_index(
            "ix_tickets_unclosed",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_tickets_outer_owed",
            sqlite_where=sa.text("outer_reported_at IS NULL AND outer_number <> ''"),
            postgresql_where=sa.text("outer_reported_at IS NULL AND outer_number <> ''"),
        )
        batch_op.drop_index("ix_tickets_opened_at_id")
        batch_op.drop_index(batch_op.f("ix_tickets_money_recovered_at"))
        batch_op.drop_index(batch_op.f("ix_tickets_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_tickets_desk_department_id"))
        batch_op.drop_index("ix_tickets_department_id_status")
        batch_op.drop_index(batch_op.f("ix_tickets_collective_id"))
        batch_op.drop_index(
            "ix_tickets_closed_at",
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_tickets_category_id"))
        batch_op.drop_index(batch_op.f("ix_tickets_caller_id"))
        batch_op.drop_index(batch_op.f("ix_tickets_callback_number"))

    op.drop_table("tickets")
    with op.batch_alter_table("special_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_special_days_on"))

    op.drop_table("special_days")
    with op.batch_alter_table("opening_hours", schema=None) as batch_op:
        batch_op.drop_index("ix_opening_hours_calendar_department_id")

    op.drop_table("opening_hours")
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_categories_parent_id"))

    op.drop_table("categories")
    op.drop_table("walls")
    with op.batch_alter_table("user_roles", schema=None) as batch_op:
        batch_op.drop_index("ix_user_roles_role")

    op.drop_table("user_roles")
    op.drop_table("policy_settings")
    op.drop_table("listed_days")
    op.drop_table("official_lists")
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_sessions_user_id"))

    op.drop_table("login_sessions")
    with op.batch_alter_table("duty_shifts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_shifts_starts_at"))
        batch_op.drop_index(batch_op.f("ix_duty_shifts_ends_at"))

    op.drop_table("duty_shifts")
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_drafts_saved_at"))

    op.drop_table("drafts")
    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_departments_parent_id"))

    op.drop_table("departments")
    op.drop_table("collectives")
    with op.batch_alter_table("caller_numbers", schema=None) as batch_op:
        batch_op.drop_index("ix_caller_numbers_number")
        batch_op.drop_index("ix_caller_numbers_last_four")

    op.drop_table("caller_numbers")
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhooks_received_at"))
        batch_op.drop_index("ix_webhooks_interpreted_at_received_at")
        batch_op.drop_index(batch_op.f("ix_webhooks_call_ref"))

    op.drop_table("webhooks")
    with op.batch_alter_table("reconciliations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reconciliations_asked_at"))

    op.drop_table("reconciliations")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index("ix_findings_found_at_id")

    op.drop_table("findings")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_department_id"))

    op.drop_table("users")
    op.drop_table("marks")
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempts_username"))
        batch_op.drop_index(batch_op.f("ix_login_attempts_at"))
        batch_op.drop_index(batch_op.f("ix_login_attempts_address"))

    op.drop_table("login_attempts")
    with op.batch_alter_table("live_updates", schema=None) as batch_op:
        batch_op.drop_index("ix_live_updates_audience_id")
        batch_op.drop_index(batch_op.f("ix_live_updates_at"))

    op.drop_table("live_updates")
    op.drop_table("counters")
    with op.batch_alter_table("callers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_callers_employer"))

    op.drop_table("callers")
