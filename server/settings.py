"""Every setting, its type and what it is for; the only reader of the environment."""

import contextlib
import json
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

CHECKOUT = Path(__file__).parents[1]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class IdentityProvider(BaseModel):
    """One OpenID Connect provider that people can sign in with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$", description="Short name in addresses.")
    title: str = Field(description='What the button says after "Sign in with".')
    issuer: str = Field(description="The issuer; its discovery document must lie below it.")
    client_id: str = Field(description="Our client id at the provider.")
    client_secret: str = Field(description="Our client secret at the provider.")


class Settings(BaseSettings):
    """The settings of one process, read once from environment variables of the same names."""

    model_config = SettingsConfigDict(frozen=True, env_file=None, extra="ignore")

    fanfare_data: Path = Field(
        CHECKOUT / "var", description="Folder for the SQLite file and for keys made at first start."
    )
    database_url: str = Field(
        "", description="`postgresql://...` or `sqlite:///...`; empty: SQLite in FANFARE_DATA."
    )
    site_url: str = Field(
        "http://127.0.0.1:8000", description="Public address of the site and the APIs."
    )
    link_url: str = Field(
        "http://127.0.0.1:8001", description="Public address of share links and beacons."
    )
    jurisdiction: str = Field(
        "EU",
        pattern=r"^[A-Z]{2}$",
        description="Whose law protects people here and where data is stored: ISO 3166 or EU.",
    )
    site_bind: str = Field("127.0.0.1:8000", description="Address and port the site listens on.")
    link_bind: str = Field("127.0.0.1:8001", description="Address and port the links listen on.")
    identity_providers: Annotated[list[IdentityProvider], NoDecode] = Field(
        [],
        description="JSON list of OpenID Connect providers "
        "(name, title, issuer, client_id, client_secret).",
    )
    extension_redirect_uris: Annotated[list[str], NoDecode] = Field(
        [
            "https://nhkejdlliocfijdgkkkheopjhoelildm.chromiumapp.org/",
            "https://b2b15c8e447beaa22660cf860711402e627eb997.extensions.allizom.org/",
        ],
        description="JSON list of the exact addresses to which the extension's sign-in may return.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies of yours stand in front (0: none)."
    )
    datacentre_networks: Path | None = Field(
        None,
        description="File of datacentres' networks, a CIDR a line; their clicks are no visits.",
    )
    redis_url: str = Field(
        "",
        description="`redis://...`: where all processes count requests together; "
        "empty: each process counts alone.",
    )
    requests_per_minute: int = Field(
        1_200,
        ge=1,
        description="How many API requests one partner's client or one person may send.",
    )
    anonymous_requests_per_minute: int = Field(
        120, ge=1, description="How many API requests one address may send without a good token."
    )
    code_guesses_per_minute: int = Field(
        60, ge=1, description="How many codes that do not exist one partner's client may try."
    )
    upload_bytes_max: int = Field(
        100_000_000, ge=1, description="How large a file of exclusive content may be, in bytes."
    )
    stripe_client_id: str = Field(
        "", description="Our Connect platform at Stripe (`ca_...`); empty: brands enter keys."
    )
    stripe_secret_key: str = Field(
        "", repr=False, description="The platform's secret key (`sk_...` or `rk_...`)."
    )
    stripe_webhook_secret: str = Field(
        "", repr=False, description="What signs the platform's Connect webhook (`whsec_...`)."
    )
    stripe_api_url: str = Field(
        "", description="Where Stripe's API is asked instead of api.stripe.com, for tests."
    )
    stripe_connect_url: str = Field(
        "", description="Where accounts connect instead of connect.stripe.com, for tests."
    )
    jobs_every_seconds: int = Field(
        60, ge=1, description="How often the worker looks for what is due."
    )
    demo: bool = Field(
        default=False,
        description="Demo people, demo shop and a movable clock; never in production.",
    )

    @field_validator("identity_providers", "extension_redirect_uris", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        return json.loads(value or "[]") if isinstance(value, str) else value

    @field_validator("datacentre_networks", mode="before")
    @classmethod
    def _or_none(cls, value: object) -> object:
        return value or None

    @field_validator("site_url", "link_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("give an origin such as https://example.com, without a path")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("use https; plain http is for addresses of this machine only")
        return value.rstrip("/")

    @field_validator("stripe_api_url", "stripe_connect_url")
    @classmethod
    def _is_stripe(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("use https; plain http is for addresses of this machine only")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, value: str) -> str:
        return value.replace("postgresql://", "postgresql+psycopg://", 1)

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"redis", "rediss", "redis+unix"}:
            raise ValueError("give an address such as redis://127.0.0.1:6379/0")
        return value

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Settings":
        names = [provider.name for provider in self.identity_providers]
        if len(names) != len(set(names)):
            raise ValueError("two identity providers share a name")
        return self

    @property
    def database(self) -> str:
        """The database address with its driver."""
        return self.database_url or f"sqlite:///{self.fanfare_data / 'fanfare.sqlite3'}"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the site by https, so that cookies must be Secure."""
        return self.site_url.startswith("https://")

    @property
    def uploads(self) -> Path:
        """Where files of exclusive content lie, outside of everything that is served by path."""
        return self.fanfare_data / "uploads"

    @property
    def clock_file(self) -> Path | None:
        """Where a demo's clock keeps its offset; None in production."""
        return self.fanfare_data / "clock-offset-seconds" if self.demo else None

    @cached_property
    def secret_key(self) -> str:
        """The key that signs cookies, forms and keyed hashes; made at first start."""
        return self._key("secret-key")

    @cached_property
    def sealing_key(self) -> str:
        """The key that seals secrets in the database; made at first start."""
        return self._key("sealing-key")

    def _key(self, name: str) -> str:
        path = self.fanfare_data / "keys" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(f".{os.getpid()}")
            with open(draft, "w", opener=_private) as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft, path)
            draft.unlink()
        return path.read_text()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
