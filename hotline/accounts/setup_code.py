"""The one-time code with which the first administrator is made; no default password anywhere."""

import hashlib
import secrets
from datetime import datetime, timedelta

from hotline.accounts import passwords, service
from hotline.accounts.service import Person
from hotline.errors import Invalid
from hotline.i18n import N_
from models import PolicySetting, Role, User, db

# Beside the policies, because it is one short value of the installation.
KEY = "setup_code"
LASTS = timedelta(days=1)


def issue(*, at: datetime) -> str:
    """A new code, good for a day; an older one is void from now on. Only its hash is stored."""
    code = passwords.one_time()
    db.session.merge(PolicySetting(key=KEY, value=_hashed(code), set_at=at, set_by_id=None))
    return code


def is_issued() -> bool:
    """Whether a code waits to be used: the installation is somebody's who has not signed in yet."""
    return db.session.get(PolicySetting, KEY) is not None


def check(code: str, *, at: datetime) -> None:
    """Raise Invalid unless `code` is the present one."""
    row = db.session.get(PolicySetting, KEY)
    is_right = row is not None and secrets.compare_digest(row.value, _hashed(code))
    if row is None or not is_right or at - row.set_at >= LASTS:
        sentence = N_("This is not the code, or it is older than a day. Start again for a new one.")
        raise Invalid(sentence, field="code")


def use(code: str, *, at: datetime) -> None:
    """Spend the code. Raises Invalid like `check`, and when an administrator exists already."""
    db.session.get(PolicySetting, KEY, with_for_update=True)  # of two at once one waits, and loses
    check(code, at=at)
    if service.has_administrator():
        raise Invalid(N_("There is an administrator already."), field="code")
    db.session.delete(db.session.get_one(PolicySetting, KEY))


def make_administrator(
    username: str, display_name: str, *, password_hash: str, at: datetime, is_one_time: bool = False
) -> User:
    """An account that administers and does nothing else. Raises Invalid, naming the field."""
    person = Person(
        display_name=display_name.strip() or username, roles=frozenset({Role.ADMINISTRATOR})
    )
    return service.create_user(
        username, person, password_hash=password_hash, at=at, is_one_time=is_one_time
    )


def _hashed(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
