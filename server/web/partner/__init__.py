"""The partner API: codes, reservations, redemptions, conversions and their reversals."""

PREFIX = "/api/partner/v1"
