"""What a ticket is about, and which department usually leads it."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, enum_column
from models.department import Department


class DemandKind(StrEnum):
    CONSULTATION = "consultation"  # 问题咨询
    SERVICE = "service"  # 服务帮扶
    COMPLAINT = "complaint"  # 信访投诉
    LEGAL_AID = "legal_aid"  # 法律援助
    SUGGESTION = "suggestion"  # 意见建议


class Level(StrEnum):
    """How hard a matter is; it decides the limit to handle it."""

    CONSULTATION = "consultation"  # 咨询
    ORDINARY = "ordinary"  # 一般
    DIFFICULT = "difficult"  # 难点
    COMPLEX = "complex"  # 特别复杂


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(48), unique=True)
    name_zh: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(128))
    initials: Mapped[str] = mapped_column(String(32), default="")  # pinyin: tqgz for 拖欠工资
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    lead_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    demand_kind: Mapped[DemandKind] = mapped_column(enum_column(DemandKind))
    level: Mapped[Level] = mapped_column(enum_column(Level))
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    # Its tickets begin confidential: who writes one down may say otherwise.
    is_confidential_by_default: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    parent: Mapped["Category | None"] = relationship(remote_side=[id])
    lead_department: Mapped[Department | None] = relationship()
