"""A demo to click through: people to sign in as, a shop to buy in, and a brand with an offer.

It uses the product as anybody would, over HTTP and through services; the product knows nothing of
it but one setting that allows a movable clock.
"""
