"""Who may open what: every page of every team, walked by everybody."""

from uuid import uuid4

import pytest
from flask import Flask

from server import clock
from server.services import privacy_requests, questions
from server.store import brands
from tests import make
from tests.server import pages_world, shelf, talks
from tests.server.asking import SIZES
from tests.server.post_office import PostOffice

ALL, TALKERS, WRITERS, OWNER = (
    {"carl", "mia", "nele", "otto"},
    {"carl", "mia", "nele"},
    {"carl", "mia"},
    {"carl"},
)
WALK = {
    "brands.enter": ALL,
    "offers.show_all": ALL,
    "offers.show": ALL,
    "offers.new": WRITERS,
    "offers.create": WRITERS,
    "offers.edit": WRITERS,
    "offers.save": WRITERS,
    "offers.before_publishing": WRITERS,
    "offers.publish": WRITERS,
    "offers.set_budget": WRITERS,
    "offers.before_ending": WRITERS,
    "offers.end": WRITERS,
    "content.show_all": WRITERS,
    "content.create": WRITERS,
    "content.publish": WRITERS,
    "content.lower": WRITERS,
    "content.withdraw": WRITERS,
    "questions.show_all": ALL,
    "questions.show": ALL,
    "questions.new": WRITERS,
    "questions.create": WRITERS,
    "questions.edit": WRITERS,
    "questions.save": WRITERS,
    "questions.set_topics": WRITERS,
    "questions.before_publishing": WRITERS,
    "questions.publish": WRITERS,
    "questions.before_ending": WRITERS,
    "questions.end": WRITERS,
    "codes.show": WRITERS,
    "codes.revoke": WRITERS,
    "partners.show": WRITERS,
    "partners.create": WRITERS,
    "partners.before_revoking": WRITERS,
    "partners.revoke": WRITERS,
    "webhooks.new": WRITERS,
    "webhooks.create": WRITERS,
    "webhooks.show": WRITERS,
    "webhooks.show_delivery": WRITERS,
    "webhooks.replay": WRITERS,
    "webhooks.replay_since": WRITERS,
    "webhooks.test": WRITERS,
    "webhooks.enable": WRITERS,
    "webhooks.rotate": WRITERS,
    "webhooks.before_removing": WRITERS,
    "webhooks.remove": WRITERS,
    "talks.show_all": TALKERS,
    "talks.show": TALKERS,
    "talks.answer": TALKERS,
    "talks.solve": TALKERS,
    "talks.reopen": TALKERS,
    "privacy.show": WRITERS,
    "privacy.answer": WRITERS,
    "privacy.extend": WRITERS,
    "stripe.show": OWNER,
    "stripe.connect_by_key": OWNER,
    "stripe.depart": OWNER,
    "stripe.keep_secret": OWNER,
    "stripe.reconcile": OWNER,
    "stripe.before_disconnecting": OWNER,
    "stripe.disconnect": OWNER,
    "log.show": OWNER,
}
"""Every page of a team, and who of the team may open it."""

PEOPLE = {"carl", "mia", "nele", "otto", "tom", "dora"}


def team_routes(app: Flask):
    return {
        rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/brands/")
    }


def test_every_page_of_a_team_is_walked(app):
    assert set(team_routes(app)) == set(WALK)


@pytest.fixture
def ask(browser, sign_in, csrf_token):
    """Open a path as somebody, with a good form where one is sent, and return the status."""

    def as_person(person, method, path):
        client = browser()
        sign_in(client, person)
        data = {"csrf_token": csrf_token(client), "budget": "2000"} if method == "POST" else None
        return client.open(path, method=method, data=data).status_code

    return as_person


def ask_of(db, brand_id):
    """Let Ada, who shares the brand's offer, ask what is held about her."""
    ada = make.member(db, "ada")
    make.share(db, ada, make.offer(db, brand_id))
    return privacy_requests.file(
        db,
        member_id=ada,
        event_id=str(uuid4()),
        kind="access",
        brand_slug="bertas-boots",
        words="",
        now=clock.now(),
    )


def things_of_berta(database):
    """Make one of everything that has pages of its own; return what their addresses call them."""
    with database.transaction() as db:
        brand_id = brands.find_by_slug(db, "bertas-boots").id
        offer = pages_world.draft(db, brand_id)
        client_id = make.partner(db, brand_id).client_id
        wish = ask_of(db, brand_id)
        talk = talks.begin(db, make.member(db, "ada"), now=clock.now())
        given = shelf.item(db, brand_id, offer, now=clock.now(), is_published=False)
        question = questions.draft(
            db, brand_id=brand_id, actor="test", wanted=SIZES, now=clock.now()
        )
    office = PostOffice(database, brand_id, clock.now())
    endpoint = office.add("http://127.0.0.1:9/hook")
    office.happens()
    return {
        "slug": "bertas-boots",
        "public_id": offer.public_id,
        "content_id": given,
        "client_id": client_id,
        "question_id": question.public_id,
        "request_id": wish.public_id,
        "conversation_id": talk,
        "endpoint_id": endpoint.public_id,
        "delivery_id": office.log(endpoint)[0].public_id,
    }


def filled(path, values):
    for name, value in values.items():
        path = path.replace(f"<{name}>", value)
    return path


@pytest.mark.parametrize("endpoint", WALK)
def test_a_page_of_a_team_opens_for_those_alone_who_may(app, database, ask, endpoint):
    with database.transaction() as db:
        pages_world.berta(db)
    rule = team_routes(app)[endpoint]
    path = filled(rule.rule, things_of_berta(database))
    method = "POST" if "POST" in rule.methods else "GET"

    refused = {person: ask(person, method, path) for person in sorted(PEOPLE - WALK[endpoint])}
    expected = {person: 404 if person in {"tom", "dora"} else 403 for person in refused}
    assert refused == expected

    allowed = {
        person: ask(person, method, filled(rule.rule, things_of_berta(database)))
        for person in sorted(WALK[endpoint])
    }
    # Whether there is anything to do at the page is its own matter; here only the door is tested.
    assert not set(allowed.values()) & {401, 403, 404, 500}

    stranger = app.test_client().open(path, method=method)
    assert stranger.status_code == (400 if method == "POST" else 303)


def test_another_brands_offer_is_not_found_under_ones_own_name(app, database, ask):
    """Tom may everything at Tom's Tea; Berta's offer does not exist there, whatever he asks."""
    with database.transaction() as db:
        pages_world.berta(db)
    values = things_of_berta(database) | {"slug": "toms-tea"}
    asked = 0
    for rule in team_routes(app).values():
        if not rule.arguments - {"slug"}:
            continue
        path = filled(rule.rule, values)
        for method in rule.methods & {"GET", "POST"}:
            assert ask("tom", method, path) == 404, path
            asked += 1
    assert asked == 36


@pytest.mark.parametrize("slug", ["nobody", "%00", "x" * 300, "BERTAS-BOOTS", "'--"])
def test_a_brand_that_does_not_exist_looks_like_one_that_is_not_yours(
    database, client, sign_in, slug
):
    with database.transaction() as db:
        pages_world.berta(db)
    sign_in(client, "dora")
    status = client.get(f"/brands/{slug}/offers").status_code
    assert status == (400 if slug == "%00" else 404)
