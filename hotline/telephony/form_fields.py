"""Reading the fields of a signed form strictly: a value of the right shape, or a refusal. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar

Fields = Mapping[str, Sequence[str]]  # every value of every name
Word = TypeVar("Word", bound=StrEnum)
LONGEST_PARTY = 64  # as much as a call keeps
WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")


class Malformed(ValueError):
    """A signed form that does not say what its kind must say."""


def single(fields: Fields, name: str) -> str | None:
    """The one value of a field, or None."""
    values = fields.get(name, ())
    if len(values) > 1:
        raise Malformed(f"{name} is given twice")
    return values[0] if values else None


def required(fields: Fields, name: str, shape: re.Pattern[str]) -> str:
    """A value that must be there and have its shape."""
    value = optional(fields, name, shape)
    if value is None:
        raise Malformed(f"{name} is missing")
    return value


def optional(fields: Fields, name: str, shape: re.Pattern[str]) -> str | None:
    """A value that must have its shape if it is there; an empty one is not there."""
    value = single(fields, name)
    if not value:
        return None
    if not shape.fullmatch(value):
        raise Malformed(f"{name} has not the shape it must have")
    return value


def party(fields: Fields, name: str) -> str:
    """A number, an address or a word as the network says it, cut to what can be kept.

    Never refused: whoever rings hears something, whatever their telephone calls itself.
    """
    value = single(fields, name) or ""
    return "".join(sign for sign in value if sign.isprintable())[:LONGEST_PARTY]


def word(fields: Fields, name: str, words: type[Word]) -> Word | None:
    """A value that must be one of `words` if it is there."""
    value = single(fields, name)
    if not value:
        return None
    try:
        return words(value)
    except ValueError:
        raise Malformed(f"{name} is not a word we know") from None


def seconds(fields: Fields, name: str) -> timedelta | None:
    """A length of time given in whole seconds."""
    value = optional(fields, name, WHOLE_NUMBER)
    return None if value is None else timedelta(seconds=int(value))


def instant(fields: Fields, name: str) -> datetime | None:
    """A date as mail writes it, in UTC."""
    value = single(fields, name)
    if not value:
        return None
    try:
        instant = parsedate_to_datetime(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(f"{name} is no date") from None
