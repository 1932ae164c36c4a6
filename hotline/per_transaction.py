"""Settings are read once per transaction: often enough to be right, rarely enough to be cheap."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from models import db

T = TypeVar("T")


class PerTransaction(Generic[T]):
    """What `load` answers, kept until the session's transaction ends or `forget` is called.

    The next transaction reads anew, so an edit made by any process is seen by all of them.
    """

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load

    def __call__(self) -> T:
        session = db.session()
        kept = session.info.get(self)
        if kept is None or kept[0] is not session.get_transaction():
            value = self._load()  # begins the transaction when there was none
            kept = session.info[self] = (session.get_transaction(), value)
        return cast(T, kept[1])

    def forget(self) -> None:
        """Read again in this transaction: somebody has just written."""
        db.session().info.pop(self, None)
