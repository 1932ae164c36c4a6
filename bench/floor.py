"""The bare floor: the least that Flask and SQLAlchemy can do for one insert and for one list.

No rights, no language, no audit, no session: what every application of this kind pays, served as
the hotline is. Of ours it takes the settings of a connection alone.
"""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, render_template, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from config import Config
from hotline.database import PRAGMAS

ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
TABLE = "floor_calls"
LIST_ROWS = 50


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class FloorCall(Base):
    """What an insert needs to be one; a table of its own beside ours."""

    __tablename__ = TABLE

    id: Mapped[int] = mapped_column(primary_key=True)
    call_ref: Mapped[str] = mapped_column()
    number: Mapped[str] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()


class Row(Base):
    """A ticket as a list shows it."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    question: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    urgency: Mapped[str] = mapped_column()
    callback_number: Mapped[str] = mapped_column()
    department_id: Mapped[int | None] = mapped_column()
    opened_at: Mapped[datetime] = mapped_column()
    closed_at: Mapped[datetime | None] = mapped_column()


def create_app(config: Config) -> Flask:
    """The floor on the database of `config`, with as many connections as the hotline has."""
    app = Flask(__name__, template_folder="floor_pages")
    app.config["SQLALCHEMY_DATABASE_URI"] = config.SQLALCHEMY_DATABASE_URI
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": config.THREADS}
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", _as_durable_as_ours)
    app.add_url_rule("/insert", view_func=insert, methods=["POST"])
    app.add_url_rule("/list", view_func=tickets)
    app.add_url_rule("/row/<int:ticket_id>", view_func=ticket)
    app.add_url_rule("/healthz", view_func=lambda: "up\n")
    return app


def let_go(app: Flask, database: SQLAlchemy) -> None:
    """Close the connections of `app`, which nobody asks any more."""
    with app.app_context():
        database.engine.dispose()


def insert() -> Response:
    """One committed insert of what was posted."""
    form = request.form
    now = datetime.now(UTC).replace(tzinfo=None)
    db.session.add(FloorCall(call_ref=form["CallSid"], number=form["From"], received_at=now))
    db.session.commit()
    return Response(ANSWER, content_type="text/xml; charset=utf-8")


def tickets() -> str:
    """The newest tickets before one, as a table."""
    rows, before = request.args.get("rows", LIST_ROWS, int), request.args.get("before", type=int)
    found = select(Row).where(Row.id < before).order_by(Row.id.desc()).limit(rows)
    return render_template("list.html", rows=db.session.scalars(found).all())


def ticket(ticket_id: int) -> str:
    """One ticket."""
    row = db.session.get(Row, ticket_id) or abort(404)
    return render_template("row.html", row=row)


def _as_durable_as_ours(connection: Any, record: Any) -> None:
    if db.engine.dialect.name == "sqlite":
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute("SET synchronous_commit TO on")
    connection.autocommit = autocommit
