"""A small server that behaves as Stripe does, for the objects that Fanfare uses.

Real HTTP on a free port: the ``stripe`` package talks to it through ``base_addresses``.

    with StripeServer() as stripe:
        boots = stripe.account("Berta's Boots")           # "acct_..."
        client = StripeClient(stripe.key(boots), base_addresses=stripe.base_addresses)
        coupon = client.v1.coupons.create({"amount_off": 500, "currency": "eur"})
        client.v1.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "ADA5"})

        session = stripe.checkout(boots, 120_00, "eur", client_reference_id="v-1")
        stripe.complete(session, code="ADA5")             # or payment="unpaid", then settle()
        stripe.refund(session, 20_00)
        dispute = stripe.dispute(session)
        stripe.close_dispute(dispute["id"], "won")
        stripe.send_webhooks(url, "whsec_...", order="reversed")

Who: ``platform`` with ``connect_client_id`` and ``connect_secret``; ``account()`` opens a
merchant's, ``key()`` and ``restricted_key(account, "coupon_write")`` give its keys.  Connect
OAuth: put the site's address into ``connect.redirect_uris``, the merchant who is signed in at
Stripe into ``connect.visitor``, their answer into ``connect.agrees``; ``GET /oauth/authorize``
then redirects back with a code or an error.  ``deauthorize(account)`` is the merchant's own
disconnecting.

Time: ``now = datetime`` stops the clock there, ``advance(timedelta)`` moves it; codes and
sessions expire.  Failures: ``fail(times, status, path, after_effect=)``, ``cut``, ``slow``,
``with holding(path) as hold``.  After the effect means that the work was done: a status is then
what the idempotency key is answered with for a day, while a cut only hides an answer that a
repetition will get.  Before the effect nothing is remembered.  ``requests`` is what came,
``events`` what happened, ``things(account, kind)`` what there is.

Webhooks are sent when a test says so, to any address or (without one) to the endpoints that were
registered through the API; an event counts as delivered once the receiver answered 2xx.

What Stripe would refuse is refused: every parameter is checked against the package's own types,
keys by what they may do.  A parameter that Stripe knows and this server would ignore is answered
with 501.  Wrong moves of a test's people (a code that is used up) raise ``Refused``.
"""

from tests.stripe_server.refusals import Refused
from tests.stripe_server.server import StripeServer

__all__ = ["Refused", "StripeServer"]
