"""Departments that answer what operators cannot: our own, streets, enterprises, outside bodies."""

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, enum_column

if TYPE_CHECKING:
    from models.user import User


class DepartmentKind(StrEnum):
    UNION = "union"  # a federation: 市总工会, 区总工会
    HOTLINE = "hotline"  # the hotline itself
    OFFICE = "office"  # 科室
    STREET = "street"  # 街道、乡镇总工会
    ENTERPRISE = "enterprise"  # 企业工会
    EXTERNAL = "external"  # 人社, 12345, …: beside the tree


class Department(Base):
    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name_zh: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(128))
    kind: Mapped[DepartmentKind] = mapped_column(enum_column(DepartmentKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    # 代办人: accepts, chases and answers for a unit that has no users here.
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    phone_number: Mapped[str] = mapped_column(String(32), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped["Department | None"] = relationship(remote_side=[id])
    keeper: Mapped["User | None"] = relationship(foreign_keys=[keeper_id])
