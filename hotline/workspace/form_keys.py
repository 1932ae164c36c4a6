"""The key of one form of the log: made with the page, good for one ticket.

It carries the query code that the page says to the caller, signed for the person who was shown it:
a code that somebody thought up is no key, and a form sent twice is known by it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from itsdangerous import BadData, URLSafeSerializer

from hotline.drafts.service import KEPT
from hotline.tickets import numbering

SALT = "form of the log"


@dataclass(frozen=True)
class FormKey:
    signed: str  # as the form carries it
    mark: str  # as the ticket keeps it
    query_code: str


def new(secret: str, user_id: int, *, at: datetime) -> FormKey:
    """A key for `user_id`, with a query code that nobody chose."""
    mark, code = uuid4().hex, numbering.new_query_code()
    signed = URLSafeSerializer(secret, SALT).dumps([user_id, mark, code, int(at.timestamp())])
    return FormKey(str(signed), mark, code)


def read(secret: str, signed: str, user_id: int, *, at: datetime) -> FormKey | None:
    """The key we made for `user_id` not longer ago than drafts are kept; None for anything else."""
    try:
        owner, mark, code, made = URLSafeSerializer(secret, SALT).loads(signed)
    except BadData:
        return None
    is_old = at.timestamp() - made > KEPT.total_seconds()
    return None if owner != user_id or is_old else FormKey(signed, mark, code)
