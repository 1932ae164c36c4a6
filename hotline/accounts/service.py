"""Accounts of the people who work here: signing in, creating, changing, disabling."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, true

from hotline import turns
from hotline.accounts import passwords, sessions
from hotline.errors import HotlineError, Invalid
from hotline.i18n import N_
from hotline.permissions import HELD_ALONE, Permission, has
from hotline.refusals import Refusals, given
from models import Department, LoginAttempt, LoginSession, Role, User, UserRole, db

TURN = "accounts"
TRIES_WITHIN = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 30  # a whole office may share one
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
BELONGS_TO_DEPARTMENT = frozenset({Role.HANDLER, Role.HEAD})


class TooManyTries(HotlineError):
    """Passwords were guessed too often, for this account or from this address."""

    status = 429

    def __init__(self) -> None:
        super().__init__(N_("Too many tries. Wait a quarter of an hour, or ask an administrator."))


@dataclass(frozen=True, kw_only=True)
class Person:
    """What an administrator writes down about a colleague."""

    display_name: str
    roles: frozenset[Role]
    department: Department | None = None
    email: str = ""
    phone_number: str = ""  # normalised
    line: str = ""


def clean_username(typed: str) -> str:
    """The one spelling of a user name, as it is stored and compared."""
    return typed.strip().lower()[:64]


# -- signing in ------------------------------------------------------------------------------


def count_try(username: str, *, at: datetime, address: str) -> None:
    """Count one try before its password is looked at, so that many at once gain nothing.

    Raises TooManyTries; a refused try is not counted.
    """
    turns.take(f"tries of {username}")
    turns.take(f"tries from {address}")
    tries = select(func.count()).where(LoginAttempt.at > at - TRIES_WITHIN)
    of_account = db.session.scalar(tries.where(LoginAttempt.username == username)) or 0
    of_address = db.session.scalar(tries.where(LoginAttempt.address == address)) or 0
    if of_account >= TRIES_PER_ACCOUNT or of_address >= TRIES_PER_ADDRESS:
        raise TooManyTries
    db.session.add(LoginAttempt(username=username, address=address, at=at))


def who_is(username: str, password: str) -> int | None:
    """The id of the person with this name and password; unknown names take as long as known ones.

    Slow on purpose: call it outside any unit of work.
    """
    user = by_username(username)
    is_right = passwords.matches(password, user.password_hash if user else None)
    return user.id if user and is_right and user.is_active else None


def sign_in(user: User, *, at: datetime, address: str = "", user_agent: str = "") -> str:
    """Begin a session of `user`, forget the failed tries; returns the token for the cookie."""
    forgive_tries(user.username)
    return sessions.start(user, at=at, address=address, user_agent=user_agent)


def sign_out(session: LoginSession, *, at: datetime) -> None:
    """End one session."""
    sessions.end(session, at=at)


def forgive_tries(username: str) -> None:
    """Forget the tries under this name: one of them was right."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.username == username))


def forget_tries(at: datetime) -> int:
    """Delete the tries that no longer count; return how many."""
    done = db.session.execute(delete(LoginAttempt).where(LoginAttempt.at <= at - TRIES_WITHIN))
    return int(done.rowcount)  # type: ignore[attr-defined]


# -- accounts --------------------------------------------------------------------------------


def create_user(
    username: str, person: Person, *, password_hash: str, at: datetime, is_one_time: bool = True
) -> User:
    """A new account; with a one-time password, to be changed at the first login. Flushed.

    Raises Invalid, naming the field.
    """
    username = clean_username(username)
    turns.take(TURN)
    with Refusals() as wrong:
        wrong.read(_new_username, username)
        wrong.read(_check, person)
    user = User(
        username=username,
        password_hash=password_hash,
        must_change_password=is_one_time,
        locale="",
        created_at=at,
    )
    _write(user, person)
    db.session.add(user)
    db.session.flush()
    return user


def change_user(user: User, person: Person, *, actor: User, at: datetime) -> list[str]:
    """Write down what is new about `user`; other roles or department sign them out everywhere.

    Returns the names of the fields that changed. Raises Invalid, naming the field.
    """
    _check(person)
    turns.take(TURN)
    db.session.refresh(user)
    if user.id == actor.id and person.roles != user.roles:
        raise Invalid(N_("Nobody changes the own roles: ask another administrator."), field="roles")
    if Role.ADMINISTRATOR not in person.roles:
        _keep_an_administrator(user)
    before = _described(user)
    _write(user, person)
    db.session.flush()
    changed = [name for name, value in _described(user).items() if value != before[name]]
    if not {"roles", "department_id"}.isdisjoint(changed):
        sessions.end_all(user, at=at)
    return changed


def set_password(user: User, password_hash: str, *, at: datetime, is_one_time: bool) -> None:
    """Replace the password and sign `user` out everywhere."""
    user.password_hash = password_hash
    user.must_change_password = is_one_time
    sessions.end_all(user, at=at)


def disable(user: User, *, actor: User, at: datetime) -> None:
    """Close the account and sign it out everywhere. What was done by it stays."""
    if user.id == actor.id:
        raise Invalid(N_("Nobody disables the own account."))
    turns.take(TURN)
    db.session.refresh(user)
    _keep_an_administrator(user)
    user.is_active = False
    sessions.end_all(user, at=at)


def enable(user: User) -> None:
    """Open a disabled account again."""
    user.is_active = True


def by_username(username: str) -> User | None:
    """The person with this user name, disabled or not."""
    return db.session.scalar(select(User).where(User.username == clean_username(username)))


def has_administrator(besides: User | None = None) -> bool:
    """Whether an active administrator exists, other than `besides`."""
    found = (
        select(User.id)
        .join(UserRole)
        .where(UserRole.role == Role.ADMINISTRATOR, User.is_active)
        .where(User.id != besides.id if besides else true())
    )
    return db.session.scalar(found.limit(1)) is not None


def takes_calls(user: User) -> bool:
    """Whether `user` is one of those who may be on duty at the hotline."""
    return has(user, Permission.HANDLE_CALLS)


def _check(person: Person) -> None:
    """Raise Invalid, or Several, unless there can be such a colleague."""
    with Refusals() as wrong:
        name = person.display_name.strip()
        wrong.read(given, name, N_("Write the name that colleagues see."), "display_name")
        wrong.read(given, person.roles, N_("Choose at least one role."), "roles")
        if not HELD_ALONE.isdisjoint(person.roles) and len(person.roles) > 1:
            sentence = N_("Administrator and auditor are held with no other role.")
            wrong.refuse(sentence, field="roles")
        if not BELONGS_TO_DEPARTMENT.isdisjoint(person.roles) and person.department is None:
            wrong.refuse(N_("Handlers and heads belong to a department."), field="department")


def _new_username(username: str) -> None:
    """Raise Invalid unless a new account can be called so."""
    if not USERNAME.fullmatch(username):
        sentence = N_("Two to 32 small letters, digits, dots or dashes, please.")
        raise Invalid(sentence, field="username")
    if by_username(username):
        raise Invalid(N_("Somebody has this user name already."), field="username")


def _keep_an_administrator(user: User) -> None:
    if Role.ADMINISTRATOR in user.roles and not has_administrator(besides=user):
        raise Invalid(N_("This is the last administrator: name another one first."), field="roles")


def _write(user: User, person: Person) -> None:
    user.display_name = person.display_name.strip()
    user.department_id = person.department.id if person.department else None
    user.email, user.phone_number, user.line = person.email, person.phone_number, person.line
    kept = [row for row in user.role_rows if row.role in person.roles]
    added = sorted(person.roles - {row.role for row in kept})
    user.role_rows = kept + [UserRole(role=role) for role in added]


def _described(user: User) -> dict[str, object]:
    names = ("display_name", "department_id", "email", "phone_number", "line", "roles")
    return {name: getattr(user, name) for name in names}
