"""An account as Stripe shows it: a Standard account, ready to take payments."""

from typing import Any

Thing = dict[str, Any]

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def nothing(*names: str) -> Thing:
    """Return members that are all null."""
    return dict.fromkeys(names)


def account(id_: str, created: int, *, name: str, country: str, currency: str) -> Thing:
    """Return a new account."""
    return {
        "id": id_,
        "object": "account",
        "business_profile": _business(name),
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": country,
        "created": created,
        "default_currency": currency,
        "details_submitted": True,
        "email": f"owner@{id_.lower().replace('_', '-')}.example",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{id_}/external_accounts",
        },
        "future_requirements": _requirements(),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": _requirements(),
        "settings": _settings(name),
        "tos_acceptance": nothing("date", "ip", "user_agent"),
        "type": "standard",
    }


def _business(name: str) -> Thing:
    return {
        **nothing("mcc", "estimated_worker_count", "minority_owned_business_designation"),
        **nothing("product_description", "support_email", "support_phone", "support_url", "url"),
        "annual_revenue": nothing("amount", "currency", "fiscal_year_end"),
        "name": name,
        "support_address": nothing(*ADDRESS),
    }


def _requirements() -> Thing:
    lists = ("alternatives", "currently_due", "errors", "eventually_due", "past_due")
    return {
        **nothing("current_deadline", "disabled_reason"),
        **{name: [] for name in (*lists, "pending_verification")},
    }


def _settings(name: str) -> Thing:
    suffixes = ("kana", "kanji")
    return {
        "bacs_debit_payments": nothing("display_name", "service_user_number"),
        "branding": nothing("icon", "logo", "primary_color", "secondary_color"),
        "card_issuing": {"tos_acceptance": nothing("date", "ip")},
        "card_payments": {
            "decline_on": {"avs_failure": True, "cvc_failure": True},
            "statement_descriptor_prefix": None,
            **{f"statement_descriptor_prefix_{suffix}": None for suffix in suffixes},
        },
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "invoices": nothing("default_account_tax_ids", "hosted_payment_method_save"),
        "payments": {
            "statement_descriptor": None,
            **{f"statement_descriptor_{suffix}": None for suffix in suffixes},
            **{f"statement_descriptor_prefix_{suffix}": None for suffix in suffixes},
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }
