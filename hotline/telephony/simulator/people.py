"""Who may ring from the page "dial the hotline": invented people with numbers of nobody.

Numbers that begin with 1349 belong to no carrier any more, yet have the shape of a mobile.
"""

from dataclasses import dataclass

from hotline.i18n import N_


@dataclass(frozen=True)
class Person:
    number: str
    name: str  # data, as the callers of the demo are
    about: str  # a marked sentence: what this person wants


PEOPLE = (
    Person("+8613490010001", "赵小川", N_("courier, asks how to join the union")),
    Person("+8613490010002", "钱慧", N_("HR manager, wants to found a union")),
    Person("+8613490010003", "孙国栋", N_("chair of a grassroots union, asks about the election")),
    Person("+8613490010004", "李铁柱", N_("builder, three months without wages")),
    Person("+8613490010005", "周阿姨", N_("care worker, hurt at work")),
)
WITHHELD = "+266696687"
