"""The departments every installation starts with: the tree of a district union, and its neighbours.

青澜区 is a fictitious district; an administrator renames, adds and retires what differs elsewhere.
"""

from dataclasses import dataclass

from models import DepartmentKind

UNION = DepartmentKind.UNION
HOTLINE = DepartmentKind.HOTLINE
OFFICE = DepartmentKind.OFFICE
STREET = DepartmentKind.STREET
ENTERPRISE = DepartmentKind.ENTERPRISE
EXTERNAL = DepartmentKind.EXTERNAL


@dataclass(frozen=True)
class DepartmentSeed:
    """One unit. A unit without users names in `keeper` the department whose head acts for it."""

    code: str
    name_zh: str
    name_en: str
    kind: DepartmentKind
    parent: str | None = None
    keeper: str | None = None


# fmt: off
DEPARTMENTS = (
    DepartmentSeed("city", "市总工会", "City Federation of Trade Unions", UNION, None, "office"),
    DepartmentSeed("district", "青澜区总工会", "Qinglan District Union", UNION, "city", "office"),
    DepartmentSeed("hotline", "12351热线", "12351 hotline", HOTLINE, "district"),
    DepartmentSeed("org", "组工部", "Organisation", OFFICE, "district"),
    DepartmentSeed("rights", "权益保障部", "Rights protection", OFFICE, "district"),
    DepartmentSeed("finance", "财务部", "Finance", OFFICE, "district"),
    DepartmentSeed("funds_audit", "经审办", "Funds audit", OFFICE, "district"),
    DepartmentSeed("women", "女职工部", "Women workers", OFFICE, "district"),
    DepartmentSeed("service", "职工服务中心", "Workers' service centre", OFFICE, "district"),
    DepartmentSeed("economy", "经济工作部", "Economic work", OFFICE, "district"),
    DepartmentSeed("publicity", "宣教部", "Publicity and education", OFFICE, "district"),
    DepartmentSeed("office", "办公室", "General office", OFFICE, "district"),
    DepartmentSeed("yunjin", "云锦街道总工会", "Yunjin Street Union", STREET, "district", "org"),
    DepartmentSeed("cuiping", "翠屏街道总工会", "Cuiping Street Union", STREET, "district", "org"),
    DepartmentSeed("hewan", "河湾街道总工会", "Hewan Street Union", STREET, "district", "org"),
    DepartmentSeed("songling", "松岭镇总工会", "Songling Town Union", STREET, "district", "org"),
    DepartmentSeed("hengyue", "恒岳电子工会", "Hengyue Electronics union", ENTERPRISE, "yunjin", "org"),
    DepartmentSeed("ruiqiao", "瑞乔物流工会", "Ruiqiao Logistics union", ENTERPRISE, "hewan", "org"),
    DepartmentSeed("labour", "区人社局（12333）", "Labour bureau (12333)", EXTERNAL, None, "rights"),
    DepartmentSeed("line_12345", "12345热线", "12345 government hotline", EXTERNAL, None, "hotline"),
    DepartmentSeed("line_12348", "区法律援助中心（12348）", "Legal aid (12348)", EXTERNAL, None, "rights"),
)
# fmt: on
