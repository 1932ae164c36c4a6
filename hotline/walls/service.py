"""Screens on the walls of the house: each has a token of its own, may look, and is nobody.

A token is shown once and stored as its hash. It opens the board of the walls and nothing else; who
revokes it ends every screen that came in with it, at once.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from hotline import permissions
from hotline.accounts import service as accounts
from hotline.accounts.sessions import fingerprint
from hotline.audit import service as audit
from hotline.errors import Invalid, NotFound
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission
from models import User, Wall, db

# Nothing that looks like something else: it may be typed with a remote control.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20  # 98 bits
GROUP = 4
NAME_LENGTH = 64
SEEN_EVERY = timedelta(minutes=1)
SHOWN_AFTER_END = timedelta(days=30)


def create(name: str, *, locale: str, actor: User, at: datetime) -> tuple[Wall, str]:
    """A new wall and its token, which nobody can be told again. Raises Invalid without a name."""
    permissions.require(actor, Permission.SUPERVISE, Permission.ADMINISTER)
    name = name.strip()
    if not name:
        raise Invalid(N_("Say where the screen hangs."), field="name")
    token = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    wall = Wall(
        name=name[:NAME_LENGTH],
        locale=locale,
        token_hash=fingerprint(token),
        created_at=at,
        created_by_id=actor.id,
    )
    db.session.add(wall)
    db.session.flush()
    audit.record("create_wall", actor=actor, at=at, subject=wall.name, wall=wall.id)
    return wall, token


def revoke(wall: Wall, *, actor: User, at: datetime) -> None:
    """Let `wall` show nothing from now on; an end that stands already stays."""
    permissions.require(actor, Permission.SUPERVISE, Permission.ADMINISTER)
    if wall.ended_at is not None:
        return
    wall.ended_at, wall.ended_by_id = at, actor.id
    audit.record("revoke_wall", actor=actor, at=at, subject=wall.name, wall=wall.id)
    live_updates.post(audience_of(wall.id), "over", at)  # wakes its streams: each looks, and ends


def enter(typed: str, *, at: datetime, address: str) -> Wall | None:
    """The wall whose token was typed into a browser, which shows it from now on; None if wrong.

    The try is counted before (`count_try`); both ends are written down.
    """
    wall = by_token(spelled(typed))
    if wall is None:
        audit.record("refuse_wall", actor=None, at=at, address=address)
        return None
    accounts.forgive_tries(_tries_from(address))
    audit.record("open_wall", actor=None, at=at, subject=wall.name, address=address, wall=wall.id)
    return wall


def count_try(*, at: datetime, address: str) -> None:
    """Count a try to open a wall like one to sign in. Raises TooManyTries."""
    accounts.count_try(_tries_from(address), at=at, address=address)


def _tries_from(address: str) -> str:
    """Under which name the tries of an address are counted; no user can be called so."""
    return f"a wall at {address}"[:64]


def by_token(token: str) -> Wall | None:
    """The wall of a token that still counts."""
    found = select(Wall).where(Wall.token_hash == fingerprint(token), Wall.ended_at.is_(None))
    return db.session.scalar(found)


def on_among(wall_ids: Collection[int]) -> set[int]:
    """Those of `wall_ids` that still show something."""
    found = select(Wall.id).where(Wall.id.in_(wall_ids), Wall.ended_at.is_(None))
    return set(db.session.scalars(found))


def spelled(typed: str) -> str:
    """A token as it is stored, however its groups were typed."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def in_groups(token: str) -> str:
    """A token as it is shown: K7QP-3MXF-…"""
    return "-".join(token[start : start + GROUP] for start in range(0, len(token), GROUP))


def audience_of(wall_id: int) -> str:
    """Whose live updates are for this wall alone."""
    return f"wall:{wall_id}"


def audiences_of(wall_id: int) -> list[str]:
    """What a wall hears of: that something moved at the hotline, never what."""
    return ["hotline", "supervisors", audience_of(wall_id)]


def is_worth_noting(wall: Wall, at: datetime) -> bool:
    """Whether the wall was last seen more than a minute ago."""
    return wall.seen_at is None or at - wall.seen_at >= SEEN_EVERY


def note_seen(wall_id: int, at: datetime) -> None:
    """Note that a screen asked for this wall just now."""
    seen = update(Wall).where(Wall.id == wall_id).values(seen_at=at)
    db.session.execute(seen.execution_options(synchronize_session=False))


def get(wall_id: int) -> Wall:
    """The wall with this id. Raises NotFound."""
    wall = db.session.get(Wall, wall_id)
    if wall is None:
        raise NotFound
    return wall


def walls(at: datetime) -> Sequence[Wall]:
    """The walls that are on, and those revoked of late; the newest first."""
    lately = Wall.ended_at > at - SHOWN_AFTER_END
    found = (
        select(Wall)
        .where(Wall.ended_at.is_(None) | lately)
        .options(
            joinedload(Wall.created_by).lazyload(User.role_rows),
            joinedload(Wall.ended_by).lazyload(User.role_rows),
        )
        .order_by(Wall.ended_at.is_not(None), Wall.id.desc())
    )
    return db.session.scalars(found).all()
