"""The SQL that both databases share, with ``?`` for values.

Arrivals are inserted only while the share is alive: the database decides at the moment of writing,
whatever the table in memory still believes.  Beacons name the token again as they write: a visit
that was forgotten since it was read has it no longer.
"""

ALIVE = """
    JOIN consent ON consent.id = share.consent_id
    JOIN offer ON offer.id = share.offer_id
    WHERE share.withdrawn_at IS NULL AND consent.withdrawn_at IS NULL
        AND offer.status = 'published'
"""
LINK = """
    SELECT share.id, offer.public_id, offer.page_url,
        share.withdrawn_at IS NOT NULL OR consent.withdrawn_at IS NOT NULL,
        offer.status = 'published', offer.title, brand.name, brand.id,
        offer.landing = 'card', share.member_id
    FROM share
    JOIN consent ON consent.id = share.consent_id
    JOIN offer ON offer.id = share.offer_id
    JOIN brand ON brand.id = offer.brand_id
    WHERE share.code = ?
"""
VISIT = """
    SELECT visit.id, visit.clicked_at, visit.nonce, visit.nonce_at,
        visit.verified_at IS NOT NULL, offer.brand_id, offer.landing = 'card'
    FROM visit JOIN offer ON offer.id = visit.offer_id
    WHERE visit.token = ?
"""
HOSTS = "SELECT host FROM brand_domain WHERE brand_id = ?"
HOST_OF_A_BRAND = "SELECT 1 FROM brand_domain WHERE host = ?"
NEW_SALT = "INSERT INTO visitor_salt (day, salt) VALUES (?, ?) ON CONFLICT DO NOTHING"
SALT = "SELECT salt FROM visitor_salt WHERE day = ?"
NEW_NETWORK_KEY = "INSERT INTO network_key (began, key) VALUES (?, ?) ON CONFLICT DO NOTHING"
NETWORK_KEY = "SELECT key FROM network_key WHERE began = ?"
OPENING = """
    UPDATE visit SET nonce = ?, nonce_at = ?
    WHERE id = ? AND token = ? AND verified_at IS NULL
"""
SIGHTING = """
    UPDATE visit SET verified_at = ?, engaged = ?, nonce = NULL
    WHERE id = ? AND token = ? AND nonce = ? AND verified_at IS NULL
"""
