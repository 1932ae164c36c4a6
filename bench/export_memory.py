"""How much memory an export takes: prints rows, size, time and peak RSS of each format.

    python -m bench.export_memory [--rows 100000] [--since 2026-09-25]

Each export runs in a process of its own, through the code of the web page, on a fresh SQLite file
with so many tickets; or on the database of DATABASE_URL, whatever tickets it holds (or those
opened since a day).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from flask import g
from flask_migrate import upgrade
from sqlalchemy import insert, select

from app import create_app
from config import Config
from hotline.exports import views
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Caller,
    CallerKind,
    CallerNumber,
    NumberKind,
    Role,
    Ticket,
    TicketStatus,
    User,
    UserRole,
    db,
)

FORMATS = ("csv", "xlsx")
LIMIT_MB = 150
BATCH = 5_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
QUESTION = "工地三个月没有发工资，班组长说要等甲方结算，一共十几个人，想问怎么才能要回来。"


def main() -> None:
    options = _options()
    if options.measure:
        sys.stdout.write(json.dumps(_measure(options.measure, options.since)))
        return
    with tempfile.TemporaryDirectory(prefix="export-bench-") as folder:
        settings = {"SECRET_KEY": uuid4().hex, "DATA_DIR": folder, "TICKER": "off", **os.environ}
        if "DATABASE_URL" not in os.environ:
            settings["DATABASE_URL"] = f"sqlite:///{folder}/tickets.sqlite"
            _make_tickets(settings, options.rows)
        for wanted in FORMATS:
            _say(wanted, _in_a_process(wanted, options.since, settings))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--since", default="", help="only tickets opened from this day on")
    parser.add_argument("--measure", choices=FORMATS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(wanted: str, since: str, settings: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.export_memory", "--measure", wanted, "--since", since]
    done = subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _say(wanted: str, found: dict[str, float]) -> None:
    verdict = "within" if found["peak_mb"] < LIMIT_MB else "ABOVE"
    sys.stdout.write(
        f"{wanted:4}  {found['rows']:>9,.0f} rows  {found['size_mb']:7.1f} MB  "
        f"first byte {found['first']:6.1f} s  whole {found['seconds']:6.1f} s  "
        f"processor {found['processor']:5.1f} s  "
        f"peak RSS {found['peak_mb']:6.1f} MB ({found['before_mb']:.1f} before), "
        f"{verdict} {LIMIT_MB} MB\n"
    )
    sys.stdout.flush()


def _measure(wanted: str, since: str) -> dict[str, float]:
    """One export from the form to the last byte."""
    app, form = create_app(Config.from_env(os.environ)), {"format": wanted, "since": since}
    with app.test_request_context("/tickets/export", method="POST", data=form):
        g.user = db.session.scalars(
            select(User).join(UserRole).where(UserRole.role == Role.SUPERVISOR).limit(1)
        ).one()
        before, begun, used = _peak_mb(), time.monotonic(), time.process_time()
        response = app.make_response(views.tickets())
        size, first, lines = 0, 0.0, -1
        for piece in response.iter_encoded():
            first = first or time.monotonic() - begun
            size += len(piece)
            lines += piece.count(b"\r\n")
        response.close()
        seconds, used = time.monotonic() - begun, time.process_time() - used
        rows = lines if wanted == "csv" else _noted_rows()
    return {
        "rows": rows,
        "size_mb": size / 1e6,
        "first": first,
        "seconds": seconds,
        "processor": used,
        "before_mb": before,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    """The most this process ever held; getrusage would count what its parent held before."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes.split()[1]) / 1024


def _noted_rows() -> int:
    newest = select(AuditEvent).where(AuditEvent.kind == "export").order_by(AuditEvent.id.desc())
    return int(db.session.scalars(newest.limit(1)).one().data["rows"])


def _make_tickets(settings: dict[str, str], rows: int) -> None:
    """A hotline with one supervisor, and `rows` open tickets of their own callers."""
    app = create_app(Config.from_env(settings))
    with app.app_context():
        upgrade(directory=str(Path(app.root_path) / "migrations"))
        with unit_of_work():
            db.session.add(_supervisor())
        for begin in range(0, rows, BATCH):
            _make_batch(range(begin, min(begin + BATCH, rows)))
        db.engine.dispose()


def _supervisor() -> User:
    user = User(username="sup", display_name="顾主管", password_hash="-", created_at=FIRST)  # noqa: S106 - nobody signs in
    user.role_rows = [UserRole(role=Role.SUPERVISOR)]
    return user


def _make_batch(numbers: range) -> None:
    with unit_of_work():
        callers = [
            {"id": n + 1, "name": f"来电人{n}", "kind": CallerKind.WORKER, "created_at": FIRST}
            for n in numbers
        ]
        telephones = [
            {"caller_id": n + 1, "number": f"+86138{n:08d}", "kind": NumberKind.MOBILE}
            for n in numbers
        ]
        db.session.execute(insert(Caller), callers)
        db.session.execute(insert(CallerNumber), telephones)
        db.session.execute(insert(Ticket), [_ticket(n) for n in numbers])


def _ticket(n: int) -> dict[str, object]:
    return {
        "number": f"{n:08d}-{n % 10_000:04d}",
        "query_code": f"{n % 10_000:04d}",
        "status": TicketStatus.OPEN,
        "caller_id": n + 1,
        "callback_number": f"+86138{n:08d}",
        "subject": QUESTION[:40],
        "question": QUESTION,
        "opened_at": FIRST + timedelta(minutes=n),
        "version": 1,
    }


if __name__ == "__main__":
    main()
