"""Telephone numbers as callers, carriers and colleagues write them.

Everything here is pure. What arrives is kept (`raw`), what can be compared and dialled is beside it
(`e164`), and `kind` says what may be done with it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from models.caller import NumberKind

HOME_REGION = "CN"
HOME_COUNTRY_CODE = 86


@dataclass(frozen=True)
class PhoneNumber:
    """A number in three forms: as given, as it can be compared and dialled, and what it is."""

    raw: str
    kind: NumberKind
    normalised: str | None = None
    extension: str = ""

    @property
    def can_be_called(self) -> bool:
        """Whether a person could dial this number to reach the one who rang."""
        return self.kind in CALLABLE


CALLABLE = frozenset(
    {
        NumberKind.MOBILE,
        NumberKind.LANDLINE,
        NumberKind.SERVICE,
        NumberKind.SHORT,
        NumberKind.FOREIGN,
    }
)

# Carriers spell the reason on the keypad. The last one looks like a number of Chengdu, so these
# are tested before anything is parsed.
WITHHELD_DIGITS = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
WITHHELD_WORDS = frozenset(
    {
        "anonymous",
        "restricted",
        "blocked",
        "unknown",
        "unavailable",
        "private",
        "withheld",
        "no caller id",
        "未知号码",
        "隐藏号码",
        "匿名",
    }
)

_KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.LANDLINE,
}
# 0571-87654321-8001, 0571-87654321转8001, 0571 87654321 ext. 8001
_EXTENSION = re.compile(
    r"(?P<number>.*\d)\s*(?:ext\.?|extension|转|分机|x|,|#)\s*(?P<extension>\d{1,6})"
    r"|(?P<number_>.*\d{7,8})-(?P<extension_>\d{1,6})",
    re.IGNORECASE,
)
# 010-12351 is the 12351 of Beijing.
_SHORT_CODE_OF_A_PLACE = re.compile(r"(?:\+86|0086)?0?\d{2,3}[\s-](?P<code>1\d{4}|9[56]\d{3})")


@lru_cache(maxsize=1024)  # within one call the number is asked for again and again
def normalise(given: str | None) -> PhoneNumber:
    """What `given` is, read as a telephone number dialled from the Chinese mainland.

    Nothing at all counts as withheld: the network told us nobody. Never raises.
    """
    raw = (given or "").strip()
    text = unicodedata.normalize("NFKC", raw).strip()
    if _is_withheld(text):
        return PhoneNumber(raw, NumberKind.WITHHELD)
    lower = text.lower()
    if lower.startswith(("sip:", "sips:")):
        return PhoneNumber(raw, NumberKind.SIP, lower)
    if lower.startswith("client:"):
        return PhoneNumber(raw, NumberKind.CLIENT, text)
    short = _as_short_code(text)
    if short is not None:
        return PhoneNumber(raw, NumberKind.SHORT, short)
    return _as_number(raw, text)


def mask(number: str | None) -> str:
    """`number` as a colleague without a reason may see it: 138****8000.

    At most the first three and the last four digits stay; of a short text only the last two.
    """
    text = (number or "").strip()
    if not text:
        return ""
    if text.lower().startswith(("sip:", "sips:", "client:")):
        scheme, _, name = text.partition(":")
        return f"{scheme}:{name[:1]}****"
    local = text.removeprefix("+86") if text.startswith("+86") else text
    if len(local) >= 11:
        return f"{local[:3]}****{local[-4:]}"
    if len(local) >= 7:
        return f"{local[:2]}****{local[-2:]}"
    # Short codes are public: everybody may know that 12345 rang.
    return local if _as_short_code(local) else f"****{local[-2:]}"


def for_display(number: str) -> str:
    """A whole number as people here write it: +8613800138000 → 138 0013 8000."""
    try:
        parsed = phonenumbers.parse(number, HOME_REGION)
    except NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed):
        return number
    at_home = parsed.country_code == HOME_COUNTRY_CODE
    shape = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else _INTERNATIONAL
    return phonenumbers.format_number(parsed, shape)


_INTERNATIONAL = phonenumbers.PhoneNumberFormat.INTERNATIONAL


def _is_withheld(text: str) -> bool:
    return (
        not text
        or text.lower() in WITHHELD_WORDS
        or (text.startswith("+") and text[1:] in WITHHELD_DIGITS)
        or text in WITHHELD_DIGITS - {"8656696"}  # bare, this one is a number of seven digits
    )


def _as_short_code(text: str) -> str | None:
    """`text` if it is a number with a meaning of its own, such as 12351 or 010-12351."""
    place = _SHORT_CODE_OF_A_PLACE.fullmatch(text)
    digits = place["code"] if place else re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{3,6}", digits):
        return None
    if re.fullmatch(r"123\d\d", digits):
        return digits  # hotlines of the government, some newer than the library's table
    number = phonenumbers.PhoneNumber(country_code=HOME_COUNTRY_CODE, national_number=int(digits))
    return digits if phonenumbers.is_valid_short_number(number) else None


def _as_number(raw: str, text: str) -> PhoneNumber:
    number, extension = _split_extension(text)
    if not re.search(r"\d", number) or re.search(r"[^\d\s()+./\-]", number):
        return PhoneNumber(raw, NumberKind.UNKNOWN)
    try:
        parsed = phonenumbers.parse(number.replace("/", ""), HOME_REGION)
    except NumberParseException:
        return PhoneNumber(raw, NumberKind.UNKNOWN)
    if not phonenumbers.is_valid_number(parsed):
        return PhoneNumber(raw, NumberKind.UNKNOWN)
    normalised = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(raw, _kind_of(parsed), normalised, extension)


def _split_extension(text: str) -> tuple[str, str]:
    match = _EXTENSION.fullmatch(text)
    if match is None:
        return text, ""
    return match["number"] or match["number_"], match["extension"] or match["extension_"]


def _kind_of(parsed: phonenumbers.PhoneNumber) -> NumberKind:
    if parsed.country_code != HOME_COUNTRY_CODE:
        return NumberKind.FOREIGN
    return _KINDS.get(phonenumbers.number_type(parsed), NumberKind.SERVICE)
