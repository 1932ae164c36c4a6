"""Reading accounts: lists of colleagues for pages and choices."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from hotline.errors import NotFound
from hotline.permissions import PERMISSIONS, Permission
from models import LoginSession, Role, User, UserRole, db

PAGE = 50


def get(user_id: int) -> User:
    """The account with this id. Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def page_of_users(
    *, words: str = "", role: Role | None = None, is_active: bool | None = None, after: str = ""
) -> tuple[list[User], str]:
    """Up to a page of accounts by user name, and where the next page begins ("" at the end)."""
    found = select(User).where(User.username > after).order_by(User.username).limit(PAGE + 1)
    if words.strip():
        like = f"%{words.strip()}%"
        found = found.where(or_(User.username.ilike(like), User.display_name.ilike(like)))
    if role is not None:
        found = found.where(User.id.in_(select(UserRole.user_id).where(UserRole.role == role)))
    if is_active is not None:
        found = found.where(User.is_active == is_active)
    users = list(db.session.scalars(found.options(joinedload(User.department))))
    more = users[PAGE - 1].username if len(users) > PAGE else ""
    return users[:PAGE], more


def who_may(*permissions: Permission) -> list[User]:
    """Every active colleague with one of `permissions`, by name."""
    roles = [role for role, allowed in PERMISSIONS.items() if not allowed.isdisjoint(permissions)]
    found = (
        select(User)
        .where(User.is_active)
        .where(User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(roles))))
        .order_by(User.display_name, User.id)
    )
    return list(db.session.scalars(found))


def colleagues_who_came(user: User, *permissions: Permission) -> list[User]:
    """The same less `user`, and less who never signed in: a new account nobody has opened yet."""
    has_come = exists().where(LoginSession.user_id == User.id)
    found = select(User.id).where(or_(User.must_change_password.is_(False), has_come))
    came = set(db.session.scalars(found))
    return [one for one in who_may(*permissions) if one.id in came and one.id != user.id]


def everybody() -> list[tuple[int, str]]:
    """Id and name of all accounts, disabled ones too: whoever acted once can be asked for."""
    found = select(User.id, User.display_name).order_by(User.display_name, User.id)
    return list(db.session.execute(found).tuples())
