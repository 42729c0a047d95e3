"""The database of the running app, for views."""

from contextlib import AbstractContextManager
from typing import cast

from flask import Flask, current_app
from sqlmodel import Session

from server.settings import Settings
from server.store.connection import Database

_KEY = "fanfare"


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    """Give the app its settings and its database."""
    app.extensions[_KEY] = (settings, database)


def settings() -> Settings:
    """Return the settings of the running app."""
    return cast("Settings", current_app.extensions[_KEY][0])


def database() -> Database:
    """Return the database of the running app."""
    return cast("Database", current_app.extensions[_KEY][1])


def transaction() -> AbstractContextManager[Session]:
    """Begin a transaction that commits when the block ends well."""
    return database().transaction()


def glance() -> AbstractContextManager[Session]:
    """Begin to ask the database one thing that changes nothing."""
    return database().glance()


def reading() -> AbstractContextManager[Session]:
    """Begin a view of the database that cannot change it."""
    return database().reading()
