"""How we talk to SQLite and PostgreSQL: transactions that begin as they should, durable commits."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.orm import Session

from config import NO_ANSWER
from hotline import patient_connection
from hotline.errors import OutOfTime, Stale
from hotline.patience import Patience

BUSY_MILLISECONDS = 5000
TOLD = "statement_timeout"  # in the info of a connection: whose patience the server knows of
TELL_AGAIN = 200  # milliseconds later: each telling is a way there and back, as long as a statement
# What PostgreSQL calls a statement that outlasted its limit, and one that somebody else was faster
# than: it could not be put in order with theirs, or each waited for the other.
GIVEN_UP = "57014"
OVERTAKEN = frozenset({"40001", "40P01"})
READ_ONLY = "25006"  # it led once, and another server leads now
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph"}
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an acknowledged write survives a power cut
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-512",  # KiB of each connection; the system keeps the file's pages anyway
)


def install(engine: Engine) -> None:
    """Make `engine` begin, commit and check as the promises say. Once per engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "do_connect", patient_connection.connect)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "handle_error", _leave_out_the_row)
        event.listen(engine, "handle_error", _say_that_time_was_up)
        event.listen(engine, "handle_error", _say_that_somebody_was_faster)
        event.listen(engine, "handle_error", _part_from_who_only_reads)
    event.listen(engine, "before_cursor_execute", _keep_to_the_time)


def connection_arguments(engine: Engine) -> dict[str, Any]:
    """What psycopg is told to reach the database of `engine`: for connections beside its pool."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    return {
        **arguments,
        **NO_ANSWER,
        "application_name": patient_connection.name_of_process(),
    }


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write, after the reads).
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience: Patience | None = options.get("patience")
    begin = "BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN"
    if patience is None:
        connection.exec_driver_sql(begin)
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={patience.milliseconds()}")
    try:
        connection.exec_driver_sql(begin)
    finally:  # the next one to get this connection waits as usual
        connection.connection.cursor().execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def _keep_to_the_time(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
    """Begin no statement when the time of a unit of work is over, nor let one outlast it by much.

    On SQLite nothing waits once the transaction has begun. The way back is always free.
    """
    patience: Patience | None = connection.get_execution_options().get("patience")
    if patience is None:
        return
    if statement.startswith("ROLLBACK"):  # to a savepoint, with the limit that stood before it
        connection.info.pop(TOLD, None)
        return
    left = patience.milliseconds()
    if connection.dialect.name == "postgresql":
        told, limit = connection.info.get(TOLD, (None, 0))
        if told is not patience or limit - left > TELL_AGAIN:
            cursor.execute(f"SET LOCAL statement_timeout = {left}")
            connection.info[TOLD] = (patience, left)


def _say_that_time_was_up(context: ExceptionContext) -> OutOfTime | None:
    """What PostgreSQL gave up because of `_keep_to_the_time`, by its name."""
    state = getattr(context.original_exception, "sqlstate", "")
    return OutOfTime() if state == GIVEN_UP else None


def _say_that_somebody_was_faster(context: ExceptionContext) -> Stale | None:
    """A deadlock, or what cannot be put in order with what others did: nothing was written."""
    state = getattr(context.original_exception, "sqlstate", "")
    return Stale() if state in OVERTAKEN else None


def _part_from_who_only_reads(context: ExceptionContext) -> None:
    """No connection to a server that does not lead any more stays in the pool."""
    if getattr(context.original_exception, "sqlstate", "") == READ_ONLY:
        context.is_disconnect = True


def _prepare_postgresql(connection: Any, record: Any) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute("SET synchronous_commit TO on")
    connection.execute("SET timezone TO 'UTC'")
    # The planner's default is a spinning disk: for one month it would read every ticket there is.
    connection.execute("SET random_page_cost TO 1.1")
    connection.execute("SET jit TO off")  # compiling takes longer than our queries
    # Whose machine lost its power says no goodbye: what it held is free again after ten seconds,
    # rows and the lead of the tickers among them. The system's default is two hours.
    connection.execute("SET tcp_keepalives_idle TO 5")
    connection.execute("SET tcp_keepalives_interval TO 2")
    connection.execute("SET tcp_keepalives_count TO 3")
    connection.autocommit = autocommit


def _leave_out_the_row(context: ExceptionContext) -> None:
    """Errors are logged; PostgreSQL's detail quotes the row, with names and numbers of callers."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


def refuse_writes_outside(session: Session, *_: Any) -> None:
    """Guard of the session: nothing is flushed unless a unit of work is open."""
    if session.info.get("writing"):
        return
    if session.new or session.deleted or any(session.is_modified(o) for o in session.dirty):
        raise RuntimeError("a write outside a unit of work")


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that holds `path`, by the text of /proc/mounts; "" if unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, file_system, *_rest = line.split(" ")
        if (path.is_relative_to(point)) and len(point) >= len(best):
            best, kind = point, file_system
    return kind


def refuse_network_file_system(path: Path) -> None:
    """Raise RuntimeError when the SQLite file lies where locks do not hold across machines."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    kind = file_system_of(path.resolve(), mounts.read_text(encoding="utf-8"))
    if kind in NETWORK_FILE_SYSTEMS:
        raise RuntimeError(
            f"SQLite loses data on a network file system ({kind}): {path}. "
            "Use a local folder, or PostgreSQL by DATABASE_URL."
        )


def prepare_folder(uri: str) -> None:
    """Make the folder of the SQLite file of `uri`, on a disk where locks hold."""
    folder = Path(uri.removeprefix("sqlite:///")).parent
    folder.mkdir(parents=True, exist_ok=True)
    refuse_network_file_system(folder)


def guard_sessions() -> None:
    """Refuse every write of every session outside a unit of work. Safe to repeat."""
    if not event.contains(Session, "before_flush", refuse_writes_outside):
        event.listen(Session, "before_flush", refuse_writes_outside)
