"""Whoever uses a code in the demo's shop is asked one question in the wallet."""

from pathlib import Path

from rewards.money import Money
from server import clock
from server.demo import codes as demo_codes
from server.demo import questions as demo_questions
from server.demo import run as demo
from server.services import asks, brands, redemptions, sign_ins
from server.services.validations import Use
from server.settings import Settings
from server.store.connection import Database
from tests import make


def test_a_code_is_used_and_one_question_follows(database: Database, tmp_path: Path):
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(fanfare_data=tmp_path, database_url=url, demo=True)
    now = clock.now()
    boots = demo.seed(settings, budget=demo.BUDGET, now=now)
    for _ in range(2):
        demo_questions.add(settings, now=now)
    assert demo.seed(settings, budget=demo.BUDGET, now=now) == boots
    (code,) = demo_codes.give(settings, count=1, now=now)

    with database.transaction() as db:
        brand_id = brands.find(db, slug=demo.SLUG).id
        client = make.client_row(db, demo.credentials(settings).client_id)
        person = sign_ins.sign_in(
            db, issuer=demo.PROVIDER_URL, subject=demo_codes.SUBJECT, now=now
        ).member_id

        def asked(language: str) -> asks.Card | None:
            return asks.ask_next(db, member_id=person, session="s", language=language, now=now)

        assert asked("en") is None
        redemptions.redeem(
            db,
            client_id=client,
            code=code,
            order_ref="1",
            use=Use(brand_id, Money(100_00, "EUR")),
            now=now,
        )
        assert asked("en").choices == ("Winter", "Summer")
        assert asked("fr").choices == ("Hiver", "Été")
