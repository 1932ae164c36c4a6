"""Numbers people can say: 20261120-0042, and a four-digit query code for the caller."""

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from hotline.calendars.chinese import ZONE
from models import Counter, db

CODE_LENGTH = 4


def next_number(at: datetime) -> str:
    """The next ticket number of the local day of `at`. Gapless per day, safe under writers."""
    day = f"{at.astimezone(ZONE):%Y%m%d}"
    name = f"tickets:{day}"
    is_sqlite = db.engine.dialect.name == "sqlite"
    insert = sqlite.insert(Counter) if is_sqlite else postgresql.insert(Counter)
    db.session.execute(insert.values(name=name, value=0).on_conflict_do_nothing())
    value = db.session.execute(
        update(Counter)
        .where(Counter.name == name)
        .values(value=Counter.value + 1)
        .returning(Counter.value)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return f"{day}-{value:04d}"


def new_query_code() -> str:
    """Four digits the caller is told. Not a secret: it is asked together with the number."""
    return f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}d}"
