"""Teams: which members work for which brand, in which role."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.brands import Brand
from server.store.columns import id_column, reference


class Role(StrEnum):
    """What a member may do for a brand; ``server/web/caller.py`` has the map."""

    OWNER = "owner"
    MANAGER = "manager"
    REVIEWER = "reviewer"
    ANALYST = "analyst"


class TeamMember(SQLModel, table=True):
    """One member's role for one brand."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("brand_id", "member_id", name="one_role_per_member_and_brand"),
        CheckConstraint(
            "role IN ('owner', 'manager', 'reviewer', 'analyst')", name="role_is_known"
        ),
    )

    id: int | None = id_column()
    brand_id: int = reference("brand.id", name="team_of_a_brand")
    member_id: int = reference("member.id", name="team_member_is_a_member", index=True)
    role: str = Field(max_length=10)


def find_post(db: Session, *, slug: str, member_id: int) -> tuple[Brand, Role] | None:
    """Return the brand with this name in addresses and the member's role there, if any."""
    row = db.exec(
        select(Brand, TeamMember.role)
        .join(TeamMember, col(TeamMember.brand_id) == Brand.id)
        .where(Brand.slug == slug, TeamMember.member_id == member_id)
    ).first()
    return (row[0], Role(row[1])) if row else None


def role_of(db: Session, *, brand_id: int, member_id: int) -> Role | None:
    """Return the member's role for a brand, if any."""
    wanted = select(TeamMember.role).where(
        TeamMember.brand_id == brand_id, TeamMember.member_id == member_id
    )
    role = db.exec(wanted).first()
    return Role(role) if role else None


def of_member(db: Session, member_id: int) -> list[tuple[Brand, Role]]:
    """Return the brands that the member works for, by name."""
    rows = db.exec(
        select(Brand, TeamMember.role)
        .join(TeamMember, col(TeamMember.brand_id) == Brand.id)
        .where(TeamMember.member_id == member_id)
        .order_by(col(Brand.name))
    )
    return [(brand, Role(role)) for brand, role in rows]


def put(db: Session, *, brand_id: int, member_id: int, role: Role) -> None:
    """Give a member a role for a brand, in place of any other."""
    row = db.exec(
        select(TeamMember).where(TeamMember.brand_id == brand_id, TeamMember.member_id == member_id)
    ).first()
    if row is None:
        db.add(TeamMember(brand_id=brand_id, member_id=member_id, role=role))
    else:
        row.role = role
    db.flush()
