"""Whether the process lives, and whether it is ready to take calls."""

from datetime import timedelta

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock
from hotline.guards import public
from hotline.telephony import adapter, spool
from models import Callback, Mark, db

bp = Blueprint("health", __name__)
bp.before_request(public)

TICK_MAY_BE = timedelta(minutes=2)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers. Touches nothing else."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database, migration head, last tick, unreadable webhooks, oldest reminder that is due."""
    try:
        facts = _facts()
    except SQLAlchemyError:
        return jsonify(status="unavailable", database=False), 503
    ready = facts["database"] and facts["migrated"]
    return jsonify(status="ok" if ready else "unavailable", **facts), 200 if ready else 503


def _facts() -> dict[str, object]:
    now = clock.now()
    db.session.execute(text("SELECT 1"))
    ticked = db.session.scalar(select(Mark.at).where(Mark.name == "tick"))
    oldest = db.session.scalar(
        select(func.min(Callback.due_at)).where(
            Callback.ended_at.is_(None),
            Callback.due_at <= now,
            Callback.overdue_reminded_at.is_(None),
        )
    )
    folder = f"{current_app.root_path}/migrations"
    heads = set(ScriptDirectory(folder).get_heads())
    at = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    return {
        "database": True,
        "migrated": heads == at,
        "seconds_since_tick": (now - ticked).total_seconds() if ticked else None,
        "ticking": ticked is not None and now - ticked < TICK_MAY_BE,
        "webhooks_put_aside": spool.count_put_aside(adapter.spool_folder()),
        "seconds_oldest_due_reminder": (now - oldest).total_seconds() if oldest else 0,
    }
