"""Passwords: argon2id, a length that resists guessing, one-time ones that can be read out."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hotline.errors import Invalid
from hotline.i18n import N_

SHORTEST = 10
LONGEST = 128
# Without letters and digits that look alike on paper or sound alike on the telephone.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()
# Every hash takes 64 MB for a fifth of a second: a burst of logins must not take the memory.
_room = threading.BoundedSemaphore(4)


def hashed(password: str) -> str:
    """What is stored of `password`. Slow on purpose: call it outside any unit of work."""
    with _room:
        return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one behind the hash; as slow for None as for a wrong one."""
    against = password_hash or _nobodys_hash()
    if len(password) > LONGEST:
        return False
    try:
        with _room:
            _hasher.verify(against, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def one_time() -> str:
    """A password to be handed over once and changed at the first login: kx7m-pq4t-w9hz."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3))


def check(password: str, username: str) -> None:
    """Raise Invalid unless `password` is long, mixed and not the user name."""
    if len(password) < SHORTEST:
        raise Invalid(
            N_("At least %(least)d characters, please."), field="new_password", least=SHORTEST
        )
    if len(password) > LONGEST:
        raise Invalid(
            N_("At most %(most)d characters, please."), field="new_password", most=LONGEST
        )
    if password.isalpha() or password.isdigit():
        raise Invalid(N_("Mix letters with digits, spaces or signs."), field="new_password")
    if len(set(password)) < 5 or username.casefold() in password.casefold():
        raise Invalid(N_("This password is too easy to guess."), field="new_password")
