"""The operations that partners rely on, as the deployment's own document should name them."""

import re

BASE = "/api/partner/v1"

VALIDATE = f"POST {BASE}/codes/{{code}}/validation"
RESERVE = f"POST {BASE}/reservations"
RELEASE = f"DELETE {BASE}/reservations/{{reservation_id}}"
REDEEM = f"POST {BASE}/redemptions"
REDEMPTIONS = f"GET {BASE}/redemptions"
REDEMPTION = f"GET {BASE}/redemptions/{{redemption_id}}"
ROLL_BACK = f"POST {BASE}/redemptions/{{redemption_id}}/rollback"
REPORT = f"POST {BASE}/conversions"
REVERSE = f"POST {BASE}/conversions/{{conversion_id}}/reversals"
OFFERS = f"GET {BASE}/offers"
ENDPOINTS = f"GET {BASE}/webhook-endpoints"
ENDPOINT_ADD = f"POST {BASE}/webhook-endpoints"
ENDPOINT = f"GET {BASE}/webhook-endpoints/{{endpoint_id}}"
ENDPOINT_REMOVE = f"DELETE {BASE}/webhook-endpoints/{{endpoint_id}}"
ENDPOINT_ROTATE = f"POST {BASE}/webhook-endpoints/{{endpoint_id}}/secret-rotation"
ENDPOINT_TEST = f"POST {BASE}/webhook-endpoints/{{endpoint_id}}/test"
DELIVERIES = f"GET {BASE}/webhook-endpoints/{{endpoint_id}}/deliveries"

CORE = (VALIDATE, RESERVE, RELEASE, REDEEM, REDEMPTION, ROLL_BACK, REPORT, REVERSE)
"""What every deployment must have; the document that leaves one out is wrong."""

_PARAMETER = re.compile(r"\{[^}]*\}")


def same(operation: str) -> str:
    """Return an operation without the names of its parameters, for comparing two."""
    return _PARAMETER.sub("{}", operation)


def address(operation: str, *names: str) -> tuple[str, str]:
    """Return the method and the path of an operation on the things with these names."""
    method, _, path = operation.partition(" ")
    left = iter(names)
    return method, _PARAMETER.sub(lambda _: next(left), path)
