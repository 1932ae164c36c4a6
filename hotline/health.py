"""Whether the process lives, and whether it is ready to take calls."""

from datetime import timedelta
from functools import cache

from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock
from hotline.errors import OutOfTime
from hotline.findings import service as findings
from hotline.guards import public
from hotline.operations import lateness, vital_signs
from hotline.patience import Patience
from hotline.telephony import adapter, spool
from models import db

bp = Blueprint("health", __name__)
bp.before_request(public)

PATIENCE = timedelta(seconds=3)  # whoever asks gives up, and takes us for dead


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers. Touches nothing else."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Database, migration head, last tick, unreadable webhooks, oldest reminder that is due.

    503 when no call could be taken, and when something is late: somebody has to look.
    """
    try:
        facts = _facts()
    except (SQLAlchemyError, OutOfTime):
        return jsonify(status="unavailable", database=False), 503
    if not facts["migrated"]:
        return jsonify(status="unavailable", **facts), 503
    status = "late" if facts["late"] else "ok"
    return jsonify(status=status, **facts), 503 if facts["late"] else 200


@cache
def known_heads(folder: str) -> frozenset[str]:
    """The newest migrations of this release."""
    return frozenset(ScriptDirectory(folder).get_heads())


def _facts() -> dict[str, object]:
    now = clock.now()
    db.session.rollback()
    db.session.connection(execution_options={"patience": Patience(PATIENCE)})
    newest = known_heads(f"{current_app.root_path}/migrations")
    if vital_signs.heads() != newest:  # what else is asked may not be there yet
        return {"database": True, "migrated": False}
    ticked = vital_signs.since_mark("tick", now)
    return {
        "database": True,
        "migrated": True,
        "seconds_since_tick": _seconds(ticked),
        "ticking": ticked is not None and ticked <= lateness.LATE_AFTER,
        "webhooks_put_aside": spool.count_put_aside(adapter.spool_folder()),
        # Told, and no reason to send callers elsewhere: calls come in all the same.
        "seconds_since_provider_answered": _seconds(vital_signs.since_provider_answered(now)),
        "provider_silent": findings.silent_since(adapter.provider().name, now) is not None,
        "late": lateness.late(now),
        "seconds_oldest_due_reminder": lateness.oldest_due(now).total_seconds(),
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
