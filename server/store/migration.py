"""Bringing a database to the tables of this version, and telling whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.store.connection import Database

FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, *, to: str = "head") -> None:
    """Bring the database to the tables of this version, or an earlier one; all or nothing."""
    with database.engine.begin() as connection:
        command.upgrade(_config(connection), to)


def downgrade(database: Database) -> None:
    """Take every table back, with everything in it; for tests."""
    with database.engine.begin() as connection:
        command.downgrade(_config(connection), "base")


def write(database: Database, message: str) -> None:
    """Write the migration that leads from the database's tables to the ones in the code."""
    with database.engine.begin() as connection:
        number = len(list((FOLDER / "versions").glob("*.py"))) + 1
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04}")


def is_current(connection: Connection) -> bool:
    """Tell whether the database has the tables of this version."""
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
