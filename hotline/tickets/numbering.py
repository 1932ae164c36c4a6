"""Numbers people can say: 20261120-0042, and a four-digit query code for the caller."""

import secrets
from datetime import datetime

from sqlalchemy import text

from hotline.calendars.chinese import ZONE
from models import db

CODE_LENGTH = 4


# The first of a name, or one more. Written out: SQLAlchemy makes an ON CONFLICT anew each time.
COUNT = text(
    "INSERT INTO counters (name, value) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)


def next_number(at: datetime) -> str:
    """The next ticket number of the local day of `at`. Gapless per day, safe under writers."""
    day = f"{at.astimezone(ZONE):%Y%m%d}"
    value = db.session.execute(COUNT, {"name": f"tickets:{day}"}).scalar_one()
    return f"{day}-{value:04d}"


def new_query_code() -> str:
    """Four digits the caller is told. Not a secret: it is asked together with the number."""
    return f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}d}"
