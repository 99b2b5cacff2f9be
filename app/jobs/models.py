"""The table of jobs: who does which, and how far it has come."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class JobRow(Base):
    """One job. `beat` grows with every sign of life of its owner: no times are compared between machines."""

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(64))
    """The process that does it; None: nobody, whoever comes first may take it."""
    beat: Mapped[int]
    cursor: Mapped[str] = mapped_column(Text)
    """What is done, in the job's own words."""
