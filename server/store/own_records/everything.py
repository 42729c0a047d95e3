"""Every kind of record, in the order in which a person reads them."""

from server.store.own_records import account, buying, sharing

KINDS = (
    account.ACCOUNT,
    account.BROWSERS,
    account.CONSENTS,
    sharing.SHARES,
    sharing.VISITS,
    sharing.CLICKS,
    sharing.ORDERS,
    sharing.REFUNDS,
    sharing.FRIENDS,
    buying.REFERRALS,
    buying.ARRIVALS,
    buying.PURCHASES,
    buying.PURCHASE_REFUNDS,
    sharing.PLACES,
    sharing.BOOKINGS,
    buying.CODES,
    buying.HOLDS,
    buying.REDEMPTIONS,
    buying.ROLLBACKS,
    buying.CODES_AT_STRIPE,
    account.APPS,
    sharing.CASES,
    account.TEAMS,
    account.TEAM_ACTIONS,
    account.EXPORTS,
)
