"""The people of the demo: invented names, employers and places, and numbers of nobody.

All numbers begin with 1349000. 1349 belonged to a satellite network that was switched off; no
carrier has it now (libphonenumber knows none), yet it is valid as a number of a mobile.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from hotline.demo.places import EMPLOYERS, SITES, STREETS, TRADES
from models import CallerKind, WorkerGroup

ZONE = ZoneInfo("Asia/Shanghai")
NUMBER_OF_NOBODY = "+861349000{:04d}"
NUMBERS = 10_000

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
# fmt: off
MALE = (
    "建国", "志强", "文斌", "海涛", "国平", "晓东", "永刚", "俊杰", "立新", "伟民",
    "明辉", "春生", "大勇", "德胜", "家旺", "玉峰", "振华", "学军", "红兵", "福来",
    "子豪", "浩然", "宇轩", "天佑", "润生", "金龙", "长河", "小军", "少华", "庆丰",
    "亮", "磊", "鹏", "飞", "凯", "超", "斌", "勇", "峰", "涛",
)
FEMALE = (
    "秀英", "桂兰", "玉梅", "丽华", "晓燕", "春梅", "红霞", "雪琴", "淑珍", "海燕",
    "美玲", "慧敏", "佳怡", "雨桐", "思远", "梦洁", "翠萍", "银花", "凤英", "月娥",
    "婷婷", "欣怡", "诗涵", "小芳", "巧云", "彩霞", "静", "敏", "霞", "燕",
    "娟", "莉", "颖", "倩", "丹", "洁", "芳", "萍", "雯", "琳",
)
# fmt: on

# Who stands behind a trade, where that decides how somebody joins.
GROUPS = {
    "快递员": WorkerGroup.COURIER,
    "骑手": WorkerGroup.FOOD_RIDER,
    "货车司机": WorkerGroup.TRUCK_DRIVER,
    "护工": WorkerGroup.CARE_WORKER,
    "保安": WorkerGroup.SECURITY_GUARD,
    "导购": WorkerGroup.MALL_PROMOTER,
}


@dataclass(frozen=True)
class Person:
    """Somebody who rings: what the card shows, and the employer that texts name."""

    name: str
    number: str  # empty: withheld
    kind: CallerKind
    sector: str
    employer: str
    trade: str
    street: str
    is_member: bool | None

    @property
    def group(self) -> WorkerGroup:
        if self.kind is not CallerKind.WORKER:
            return WorkerGroup.NONE
        return GROUPS.get(self.trade, WorkerGroup.NONE)


class Crowd:
    """Makes people, each with a number that nobody else has."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._free = rng.sample(range(NUMBERS), NUMBERS)

    def person(
        self,
        kind: CallerKind,
        sector: str = "any",
        *,
        has_number: bool = True,
        site: str = "",
        is_woman: bool = False,
    ) -> Person:
        """A new person of `kind` from an employer of `sector`."""
        rng = self._rng
        if sector == "any":
            sector = rng.choice(("factory", "factory", "shop", "office", "rider"))
        number = NUMBER_OF_NOBODY.format(self._free.pop()) if has_number else ""
        return Person(
            name=a_name(rng, (FEMALE,) if is_woman else (MALE, FEMALE)),
            number=number,
            kind=kind,
            sector=sector,
            employer=site or rng.choice(EMPLOYERS[sector]),
            trade=rng.choice(TRADES[sector]),
            street=rng.choice(STREETS),
            is_member=rng.choice((True, True, False, None)),
        )

    def courier(self) -> Person:
        """A worker of the eight groups."""
        person = self.person(CallerKind.WORKER, "rider")
        return replace(person, trade="快递员", employer="蓝豚快递翠屏网点", is_member=False)


def a_name(rng: Random, given: tuple[tuple[str, ...], ...]) -> str:
    """A name as common as they come."""
    return rng.choice(SURNAMES) + rng.choice(rng.choice(given))


def slots(person: Person, at: datetime, rng: Random) -> dict[str, str]:
    """What the braces of the texts of one ticket stand for; `when` comes with the report."""
    local = at.astimezone(ZONE)
    last, before = (local.month - 2) % 12 + 1, (local.month - 3) % 12 + 1
    return {
        "employer": person.employer,
        "street": person.street,
        "site": person.employer if person.sector == "site" else rng.choice(SITES),
        "trade": person.trade,
        "month": f"{last}月",
        "months": f"{before}月、{last}月",
        "amount": str(rng.choice((18, 26, 32, 45, 48, 56, 63, 72, 85, 96, 124, 158, 217)) * 100),
        "wage": str(rng.randrange(38, 92) * 100),
        "years": str(rng.randrange(2, 16)),
        "days": str(rng.randrange(3, 26)),
        "people": str(rng.randrange(6, 46)),
        "age": str(rng.randrange(24, 57)),
        "when": "",
    }


def half_day(at: datetime) -> str:
    """A day as reports write it: 11月12日上午."""
    local = at.astimezone(ZONE)
    return f"{local.month}月{local.day}日{'上午' if local.hour < 12 else '下午'}"
