"""Where the databases of a bench lie: made empty, and copied when they are full."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine

from tests import postgres


class Place(Protocol):
    """One kind of database; names become addresses."""

    def empty(self, name: str) -> str: ...
    def copy(self, name: str, new: str) -> str: ...


class Files:
    """SQLite files of one folder."""

    def __init__(self, folder: Path) -> None:
        """Use this folder."""
        self._folder = folder

    def empty(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"

    def copy(self, name: str, new: str) -> str:
        shutil.copy(self._path(name), self._path(new))
        return self.empty(new)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"


class Databases:
    """Databases of one PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Use this server."""
        self._url = url

    def empty(self, name: str) -> str:
        return self._create(name, "template1")

    def copy(self, name: str, new: str) -> str:
        return self._create(new, name)

    def _create(self, name: str, template: str) -> str:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        engine.dispose()
        return self._url.rpartition("/")[0] + f"/{name}"


@contextmanager
def durable(dialect: str, folder: Path) -> Iterator[Place]:
    """Give a place where a commit is on the disk before it is answered."""
    if dialect == "sqlite":
        yield Files(folder)
        return
    with postgres.server(postgres.DURABLE) as url:
        yield Databases(url)
