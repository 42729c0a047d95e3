"""What members and parameters mean, in one sentence each, for programs' editors and for people.

A test asks for the words of everything that can be sent; answers have words where a name alone
would leave a question.
"""

MEANINGS: dict[str, str] = {
    "amount_minor": "How much of it, in minor units; without it, all that is left.",
    "attribution_days": "How many days after a visit an order still counts for its link.",
    "average_order_minor": "The average order that the terms were made for.",
    "budget_minor": "The most that the offer can ever cost.",
    "buyer_ref": "Your number for the buyer, always the same for the same person. Kept as a keyed"
    " hash only.",
    "channel": "Where the person shares: one of the offer's `channels`.",
    "code": "The code as the buyer wrote it; small letters, spaces, O for 0 and I or L for 1"
    " are read.",
    "code_days": "How many days a code can be used after it was given.",
    "code_state": "Where that left the code.",
    "consent_hash": "The `hash` of exactly the words that the person agreed to.",
    "conversion_id": "Our id of the order.",
    "created_at": "When it happened on the device.",
    "credited_after_minor": "What the order counts for after this refund.",
    "credited_before_minor": "What the order counted for before this refund.",
    "credited_minor": "What the order counts for.",
    "currency": "ISO 4217, in capital letters; the brand's own.",
    "cursor": "Where to go on: `next_cursor` of the page before. Without it, the newest.",
    "discount_minor": "By how much the code lowers this order.",
    "ended_at": "When it ended; null while it lasts.",
    "event_id": "A UUID made on the device; the same event is recorded once.",
    "expires_at": "Until when this holds.",
    "is_new_customer": "Whether this is the buyer's first order with you; a returning one counts"
    " half.",
    "key": "Why, for programs; it never changes its meaning.",
    "language": "The language of the words that were shown, such as `en`.",
    "limit": "How many at most: 1 to 100.",
    "min_order_minor": "The smallest order for which the code can be used.",
    "net_minor": "The order's value without tax, shipping and the discount itself, in minor units.",
    "next_cursor": "Leads to the next page; null on the last one.",
    "offer_id": "Our id of the offer.",
    "order_ref": "Your reference of the order, unique for the brand.",
    "order_total_minor": "What the buyer pays without the code, in minor units.",
    "ordered_at": "When the order was placed; by default now.",
    "published_at": "When it was published and its terms froze.",
    "rate_basis_points": "The percentage that the code takes off, in hundredths of a percent.",
    "reason": "Why the order counts for less than its value; null when it counts in full.",
    "redeemed_at": "When the code was used up.",
    "redemption_id": "Our id of the use of the code.",
    "refunded_minor": "What was refunded of the order so far.",
    "remaining_minor": "What is left of the budget.",
    "reservation_id": "Our id of the held code.",
    "reversal_ref": "Your reference of the refund, unique for the order.",
    "rollback_ref": "Your reference of the rollback, unique for the redemption.",
    "rolled_back_at": "When it was undone.",
    "rolled_back_minor": "How much of the discount was undone so far.",
    "shown_as": "The name that friends are shown, or nothing.",
    "status": "Where it is in its life.",
    "texts": "Why a code was refused, in words for the buyer, by language.",
    "value_minor": "What the code is worth.",
    "vested_at": "When the order vested; null while the return window is open.",
    "vests_at": "When the return window ends and the order vests.",
    "visit_token": "What `fanfare.visit()` gave to the checkout, or the visit that a friend came"
    " by.",
    "why": "The same in a sentence.",
}
