"""What people type about themselves and about their colleagues, read into typed values."""

import re
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from hotline.accounts.service import Person
from hotline.errors import Invalid
from hotline.fields import active_or_none, short
from hotline.i18n import N_
from hotline.languages import LOCALES
from hotline.phone_numbers import normalise
from hotline.refusals import Refusals
from models import Department, NumberKind, Role

Typed = MultiDict[str, str]

THEMES = {"light": "light", "dark": "dark", "system": ""}
# What every mail server can be told: no other signs, no second address.
EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(\.[a-z\d-]+)+", re.ASCII | re.IGNORECASE)
EMAIL_LENGTH = 254
NAME_LENGTH = 64
# Where a colleague may be rung: no charge numbers, no foreign ones.
LINES = frozenset({NumberKind.MOBILE, NumberKind.LANDLINE, NumberKind.SIP, NumberKind.SHORT})


@dataclass(frozen=True)
class Contact:
    """How a colleague is reached: reminders by mail and SMS, and the telephone that rings."""

    email: str
    phone_number: str
    line: str


def contact(typed: Typed) -> Contact:
    """Raises Invalid, or Several, naming every wrong field."""
    with Refusals() as wrong:
        return Contact(
            email=wrong.read(_email, typed),
            phone_number=wrong.read(_number, typed, "phone_number"),
            line=wrong.read(_number, typed, "line"),
        )


def person(typed: Typed) -> Person:
    """A colleague as the administrator's form says. Raises Invalid, or Several."""
    with Refusals() as wrong:
        how = wrong.read(contact, typed)
        name = wrong.read(short, typed, "display_name", NAME_LENGTH)
        roles = wrong.read(_roles, typed)
        department = wrong.read(active_or_none, Department, typed, "department")
    return Person(
        display_name=name,
        roles=roles,
        department=department,
        email=how.email,
        phone_number=how.phone_number,
        line=how.line,
    )


def locale(typed: Typed) -> str:
    """The chosen language. Raises Invalid."""
    chosen = typed.get("locale", "")
    if chosen not in LOCALES:
        raise Invalid(N_("Choose one of the two languages."), field="locale")
    return chosen


def theme(typed: Typed) -> str:
    """The chosen look; empty: as the system. Raises Invalid."""
    chosen = typed.get("theme", "")
    if chosen not in THEMES:
        raise Invalid(N_("Choose light, dark, or as the system."), field="theme")
    return THEMES[chosen]


def new_password(typed: Typed) -> str:
    """The new password, typed twice alike. Raises Invalid."""
    password = typed.get("new_password", "")
    if password != typed.get("again", ""):
        raise Invalid(N_("The two are not alike."), field="again")
    return password


def _email(typed: Typed) -> str:
    email = typed.get("email", "").strip()
    if email and (len(email) > EMAIL_LENGTH or not EMAIL.fullmatch(email)):
        raise Invalid(N_("This does not look like an e-mail address."), field="email")
    return email


def _number(typed: Typed, field: str) -> str:
    text = typed.get(field, "").strip()
    if not text:
        return ""
    number = normalise(text)
    if number.kind not in LINES or not number.normalised or len(number.normalised) > 32:
        raise Invalid(N_("This is not a telephone number that can be rung."), field=field)
    return number.normalised


def _roles(typed: Typed) -> frozenset[Role]:
    try:
        return frozenset(Role(word) for word in typed.getlist("roles"))
    except ValueError as error:
        raise Invalid(N_("Choose at least one role."), field="roles") from error
