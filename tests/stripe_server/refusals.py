"""What Stripe says when it refuses: the error, its code, its parameter and its status."""

from typing import Any


class Refused(Exception):
    """An answer in Stripe's error shape."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ):
        super().__init__(message)
        self.status = status
        error = {"type": kind, "message": message, "code": code, "param": param}
        self.error = {name: value for name, value in error.items() if value is not None}
        if code is not None:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the answer's body."""
        log = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**self.error, "request_log_url": log}}


class OAuthRefused(Exception):
    """An answer in the error shape of RFC 6749, as connect.stripe.com gives it."""

    def __init__(self, error: str, description: str, *, status: int = 400):
        super().__init__(description)
        self.status = status
        self.error = error

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the answer's body."""
        return {"error": self.error, "error_description": str(self)}


def unknown(names: list[str]) -> Refused:
    many = "s" if len(names) > 1 else ""
    return Refused(
        f"Received unknown parameter{many}: {', '.join(names)}",
        code="parameter_unknown",
        param=names[0],
    )


def missing(name: str) -> Refused:
    return Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)


def empty(name: str) -> Refused:
    return Refused(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset "
        f"a field; however '{name}' cannot be unset. You should remove '{name}' from your request "
        "or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def not_found(kind: str, id_: str, param: str, *, status: int = 404) -> Refused:
    """Return the refusal of an id that names nothing: 404 in a path, 400 in a parameter."""
    return Refused(f"No such {kind}: '{id_}'", status=status, code="resource_missing", param=param)


def too_small(param: str) -> Refused:
    return Refused(
        "This value must be greater than or equal to 1.",
        code="parameter_invalid_integer",
        param=param,
    )


def in_the_past(param: str, value: int) -> Refused:
    return Refused(
        f"The parameter `{param}` expects a unix timestamp representing a date and time in the "
        f"future. You specified the value `{value}` which is in the past.",
        param=param,
    )


def too_far(param: str) -> Refused:
    return Refused("Invalid timestamp: can be no more than five years in the future.", param=param)
