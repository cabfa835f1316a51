"""The schema's metadata: one naming rule, so that migrations can name every constraint on both databases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

REVISION = "0007"
"""The revision that these tables are: revisions are numbered with four digits, so that a newer one compares greater."""


def row_number() -> Column[int]:
    """A growing number: the order in which rows were recorded. SQLite grows only a plain INTEGER key."""
    return Column("row", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def of_account(*, key: bool = False) -> Column[str]:
    """The account that a row belongs to: accounts never share a ledger."""
    return Column("account_id", Text, ForeignKey("accounts.account_id"), primary_key=key, nullable=False)
