"""What somebody was typing when the page was reloaded, the browser died or the session ended."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from hotline.errors import Invalid
from hotline.i18n import N_
from models import Draft, User, db

MOST_FIELDS = 80
LONGEST_KEY = 64
LONGEST_VALUE = 8000
MOST_OF_ONE = 100  # forms that one person has begun and not sent
KEPT = timedelta(days=7)


def save(user: User, key: str, fields: Mapping[str, object], *, at: datetime) -> None:
    """Keep `fields` (name → text) as what `user` is typing under `key`.

    Of the many of one person those typed last are kept. Raises Invalid for what no form of ours
    would send.
    """
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    if (
        len(texts) != len(fields)
        or len(texts) > MOST_FIELDS
        or not 0 < len(key) <= LONGEST_KEY
        or any(len(text) > LONGEST_VALUE for text in texts.values())
        or not _is_text([*texts, *texts.values()])
    ):
        raise Invalid(N_("This is too much to keep as a draft."))
    draft = db.session.get(Draft, (user.id, key))
    if draft is None:
        _make_room(user)
        draft = Draft(user_id=user.id, key=key)
        db.session.add(draft)
    draft.fields, draft.saved_at = texts, at


def _make_room(user: User) -> None:
    """Forget what `user` has not touched for longest, where there is much."""
    theirs = select(Draft).where(Draft.user_id == user.id)
    kept = theirs.order_by(Draft.saved_at.desc(), Draft.key).offset(MOST_OF_ONE - 1)
    for draft in db.session.scalars(kept):
        db.session.delete(draft)


def forget_old(at: datetime) -> int:
    """Delete what was last typed more than `KEPT` before `at`; return how many."""
    forgotten = db.session.execute(
        delete(Draft).where(Draft.saved_at < at - KEPT).returning(Draft.key)
    )
    return len(forgotten.all())


def _is_text(pieces: Iterable[str]) -> bool:
    """Whether `pieces` can be written to a page again: JSON can name halves of characters."""
    whole = "".join(pieces)
    try:
        whole.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in whole


def of(user: User, key: str) -> dict[str, str]:
    """What `user` was typing under `key`; empty when nothing was kept."""
    draft = db.session.get(Draft, (user.id, key))
    return dict(draft.fields) if draft else {}


def of_anybody(key: str) -> Sequence[Draft]:
    """What people were typing under `key`, the latest first."""
    found = select(Draft).where(Draft.key == key).order_by(Draft.saved_at.desc())
    return db.session.scalars(found).all()


def saved_at(user: User, key: str) -> datetime | None:
    """When `user` last typed under `key`; None when nothing was kept."""
    draft = db.session.get(Draft, (user.id, key))
    return draft.saved_at if draft else None


def discard(user: User, key: str) -> None:
    """Forget what was typed under `key`: it was sent."""
    draft = db.session.get(Draft, (user.id, key))
    if draft is not None:
        db.session.delete(draft)
