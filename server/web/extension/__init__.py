"""The extension's API: offers, shares, referral claims, wallet."""

PREFIX = "/api/extension/v1"
