"""The shapes that APIs share: strict, frozen, and without unknown members."""

from functools import cache
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from rewards.explain import Language
from rewards.money import LARGEST_MINOR


def _written(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write the moment as text, such as 2030-01-31T12:00:00Z")  # noqa: TRY004 - pydantic wants it
    return value


def _whole(value: object) -> object:
    """Read 60.0 as 60, as JSON Schema does; nothing that is not whole passes."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A moment with its time zone, in ISO 8601."""
Minor = Annotated[int, Field(strict=True, gt=0, le=LARGEST_MINOR), BeforeValidator(_whole)]
"""An amount above zero in minor units."""
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
Line = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
"""One line of text without control characters."""
Hash = Annotated[str, StringConstraints(strict=True, pattern=r"^(?:[0-9a-f]{64}|[0-9A-F]{64})$")]
"""A hash of 256 bits: 64 hexadecimal characters, all small or all capital."""
EventId = Annotated[
    str,
    StringConstraints(
        strict=True, pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    ),
]
"""A UUID in small letters, made on the device."""
PublicId = Annotated[str, StringConstraints(pattern=r"^[1-9A-HJ-NP-Za-km-z]{8,16}$")]


class In(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Described(BaseModel):
    """A shape whose JSON schema is made once: flask-openapi3 asks for it with every request."""

    @classmethod
    @cache
    def model_json_schema(cls, **options: Any) -> dict[str, Any]:  # type: ignore[override]  # noqa: ANN401 - handed on
        """Return the JSON schema, which nobody may change."""
        return super().model_json_schema(**options)


class Header(_Described):
    """What stands in the headers of a request."""


class Query(_Described):
    """What stands behind the question mark of an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LanguageQuery(Query):
    """In which language an answer speaks; without a name, the header Accept-Language decides."""

    language: Annotated[
        Language | None, Field(description="The language that the answer's sentences speak.")
    ] = None


class Out(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class WrongOut(Out):
    """One member of a request that is not valid, by its JSON pointer."""

    pointer: str
    detail: str


class ProblemOut(Out):
    """A problem by RFC 9457; ``key`` is stable where a refusal has one.

    ``texts`` says why a code was refused in English, German and French, for tills and checkouts.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    key: str | None = None
    texts: dict[str, str] | None = None
    field: str | None = None
    errors: list[WrongOut] | None = None
    violated_policies: list[str] | None = Field(None, alias="violated-policies")
