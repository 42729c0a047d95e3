"""A brand's offers: written, previewed, published, watched, ended."""

import re

import pytest

from server import clock
from server.services import audits, offers
from tests.server import pages_world

TYPED = {
    "title": "Boots that last",
    "page_url": "http://127.0.0.1:8003/boots",
    "share_text": "Third winter, and they still look new.",
    "average_order": "60.00",
    "ceiling": "10",
    "budget": "1 000",
    "min_grant": "5,00",
    "return_days": "14",
}
HOME = "/brands/bertas-boots/offers"


@pytest.fixture
def brand_id(database):
    with database.transaction() as db:
        return pages_world.berta(db)


@pytest.fixture
def carl(client, sign_in, brand_id):
    assert brand_id, "Carl owns it, so it comes before him"
    sign_in(client, "carl")
    return client


@pytest.fixture
def send(carl, csrf_token):
    def post(path, **fields):
        return carl.post(path, data={"csrf_token": csrf_token(carl), **fields})

    return post


@pytest.fixture
def all_offers(database, brand_id):
    def now():
        with database.reading() as db:
            return offers.of_brand(db, brand_id=brand_id)

    return now


@pytest.fixture
def draft(database, brand_id):
    with database.transaction() as db:
        return pages_world.draft(db, brand_id)


@pytest.fixture
def live(database, brand_id):
    with database.transaction() as db:
        return pages_world.published(db, brand_id, clock.now())


class TestList:
    def test_teaches_how_to_begin(self, carl):
        assert "Write the first offer" in carl.get(HOME).text

    @pytest.mark.usefixtures("brand_id")
    def test_shows_an_analyst_no_button_that_would_be_refused(self, client, sign_in):
        sign_in(client, "otto")
        page = client.get(HOME).text
        assert "Write the first offer" not in page
        assert "/partners" not in page

    def test_shows_offers_with_their_rates_and_what_is_left(self, carl, live):
        page = carl.get(HOME).text
        assert live.title in page
        assert "4\u00a0% to 10\u00a0%" in page
        assert "1000.00\u00a0EUR" in page

    def test_of_a_brand_is_where_its_name_leads(self, carl):
        assert carl.get("/brands/bertas-boots").location == HOME
        assert HOME in carl.get("/brands").text
        assert "toms-tea" not in carl.get("/brands").text

    def test_of_brands_is_empty_for_customers(self, client, sign_in):
        sign_in(client, "ada")
        assert "You do not work for a brand here" in client.get("/brands").text


class TestDraft:
    def test_is_saved_with_what_was_typed(self, send, all_offers):
        answer = send(HOME, **TYPED)
        (offer,) = all_offers()
        assert answer.status_code == 303
        assert answer.location == f"{HOME}/{offer.public_id}"
        assert offer.status == "draft"
        assert offer.terms.rates_basis_points == (400, 600, 800, 1000)
        assert offer.terms.average_order_minor == 6000
        assert offer.budget_minor == 100_000
        assert offer.terms.min_grant_minor == 500

    def test_says_what_codes_give(self, send, all_offers, carl):
        send(HOME, **TYPED, code_rate="20", code_min_order="30.00")
        (offer,) = all_offers()
        assert (offer.code_rate_basis_points, offer.code_min_order_minor) == (2_000, 30_00)
        page = carl.get(f"{HOME}/{offer.public_id}").text
        assert "For orders of at least 30.00\u00a0EUR a code gives 20\u00a0% off" in page
        form = carl.get(f"{HOME}/{offer.public_id}/edit").text
        assert re.search(r'name="code_rate"[^>]*value="20"', form)
        assert re.search(r'name="code_min_order"[^>]*value="30.00"', form)

    def test_says_where_its_links_lead_first(self, send, all_offers, carl):
        assert re.search(r'value="page" checked', carl.get(f"{HOME}/new").text)
        send(HOME, **TYPED, landing="card")
        (offer,) = all_offers()
        assert offer.landing == "card"
        assert "Links lead to the card first" in carl.get(f"{HOME}/{offer.public_id}").text
        assert re.search(r'value="card" checked', carl.get(f"{HOME}/{offer.public_id}/edit").text)
        send(f"{HOME}/{offer.public_id}/edit", **TYPED, landing="page")
        (offer,) = all_offers()
        assert offer.landing == "page"
        assert "Links lead straight to this page" in carl.get(f"{HOME}/{offer.public_id}").text

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("landing", "elsewhere", "Choose where links lead first."),
            ("title", " ", "Give the offer a title."),
            ("title", "x" * 81, "Use at most 80 characters"),
            ("page_url", "boots", "beginning with https://"),
            ("page_url", "https://tea.example/x", "must lie on a domain of the brand"),
            ("page_url", "javascript:alert(1)", "beginning with https://"),
            ("page_url", "http://[", "address"),
            ("page_url", "https://x:y@127.0.0.1:8003/", "beginning with https://"),
            ("page_url", "https://127.0.0.1:8003/" + "x" * 500, "Use at most 500 characters"),
            ("share_text", "x" * 281, "Use at most 280 characters"),
            ("average_order", "sixty", "is not an amount"),
            ("average_order", "0", "Type at least 0.01 EUR"),
            ("average_order", "99999999999", "all bounds"),
            ("budget", "", "Type an amount"),
            ("budget", "1,000", "is not an amount"),
            ("budget", "NaN", "is not an amount"),
            ("min_grant", "5.001", "too many decimals"),
            ("ceiling", "100", "Type a percentage"),
            ("ceiling", "60", "between 1 % and 50 %"),
            ("ceiling", "7.555", "Type a percentage"),
            ("code_rate", "95", "between 1 % and 90 %"),
            ("code_rate", "a lot", "Type a percentage"),
            ("code_min_order", "-5", "Type at least 0.01 EUR"),
            ("return_days", "two weeks", "whole number of days"),
            ("return_days", "366", "between 0 and 365"),
            ("return_days", "-1", "whole number of days"),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_loses_nothing(
        self, send, all_offers, field, typed, sentence
    ):
        answer = send(HOME, **{**TYPED, field: typed})
        assert answer.status_code == 422
        near = answer.text.split(f'id="{field}-error">')[1].split("</p>")[0]
        assert sentence in near
        for name, value in TYPED.items():
            if name not in {field, "share_text"}:
                assert re.search(rf'name="{name}"[^>]*value="{re.escape(value)}"', answer.text)
        assert TYPED["share_text"] in answer.text or field == "share_text"
        assert all_offers() == []

    def test_names_every_field_that_is_wrong_at_once(self, send):
        wrong = {"title": "", "page_url": "", "budget": "a lot", "ceiling": "y"}
        page = send(HOME, **{**TYPED, **wrong}).text
        assert "4\u00a0fields need a change" in page
        assert page.count('aria-invalid="true"') == 4
        assert "&#39;a lot&#39; is not an amount" in page

    @pytest.mark.parametrize("missing", TYPED)
    def test_with_a_field_missing_is_a_mistake_and_no_bug(self, send, missing):
        fields = {name: value for name, value in TYPED.items() if name != missing}
        assert send(HOME, **fields).status_code == (303 if missing == "share_text" else 422)

    def test_refuses_a_null_character(self, send):
        assert send(HOME, **{**TYPED, "title": "a\0b"}).status_code == 400

    def test_is_previewed_without_being_saved(self, send, all_offers):
        answer = send(HOME, **TYPED, preview="1")
        assert answer.status_code == 200
        assert "4\u00a0% to 10\u00a0%" in answer.text
        assert "the first 60.00\u00a0EUR" in answer.text
        assert "above 960.00\u00a0EUR" in answer.text
        # 5 orders of 60.00: 4 % of 60 + 6 % of 180 + 8 % of 60
        assert "18.00\u00a0EUR" in answer.text
        assert "reach for at least 10\u202f000.00\u00a0EUR" in answer.text
        assert all_offers() == []

    def test_previews_nothing_that_cannot_be(self, send):
        answer = send(HOME, **{**TYPED, "ceiling": "0"}, preview="1")
        assert answer.status_code == 422

    def test_is_edited(self, send, carl, draft, all_offers):
        page = carl.get(f"{HOME}/{draft.public_id}/edit").text
        assert 'value="Boots that last"' in page
        assert 'value="1000.00"' in page
        send(f"{HOME}/{draft.public_id}/edit", **{**TYPED, "title": "Better boots"})
        assert all_offers()[0].title == "Better boots"

    def test_keeps_what_was_typed_when_an_edit_fails(self, send, draft, all_offers):
        answer = send(f"{HOME}/{draft.public_id}/edit", **{**TYPED, "title": "New", "budget": "x"})
        assert answer.status_code == 422
        assert 'value="New"' in answer.text
        assert all_offers()[0].title == "Boots that last"

    def test_escapes_what_was_typed(self, send, carl, all_offers):
        nasty = {**TYPED, "title": '"><script>alert(1)</script>', "share_text": "</textarea><b>"}
        assert "<script>alert" not in send(HOME, **nasty, preview="1").text
        send(HOME, **nasty)
        offer = all_offers()[0]
        for path in (HOME, f"{HOME}/{offer.public_id}", f"{HOME}/{offer.public_id}/edit"):
            page = carl.get(path).text
            assert "<script>alert" not in page
            assert "</textarea><b>" not in page
            assert "&lt;script&gt;alert(1)" in page


class TestPublish:
    def test_says_first_what_becomes_frozen(self, carl, draft):
        page = carl.get(f"{HOME}/{draft.public_id}/publication").text
        assert "Frozen from then on" in page
        assert "4\u00a0% to 10\u00a0%" in page

    def test_publishes_once(self, send, carl, draft, all_offers):
        path = f"{HOME}/{draft.public_id}/publication"
        assert send(path).status_code == 303
        assert all_offers()[0].status == "published"
        assert send(path).status_code == 409
        assert carl.get(path).status_code == 409

    def test_freezes(self, send, carl, live):
        path = f"{HOME}/{live.public_id}/edit"
        assert carl.get(path).status_code == 409
        answer = send(path, **TYPED)
        assert answer.status_code == 409
        assert "publish a successor" in answer.text


class TestOffer:
    def test_shows_figures(self, client, sign_in, database):
        with database.transaction() as db:
            world = pages_world.story(db)
        sign_in(client, "otto")
        page = client.get(f"{HOME}/{world.offer.public_id}").text
        assert "510.00\u00a0EUR" in page
        assert "Change the budget" not in page
        assert "End this offer" not in page

    def test_raises_the_budget(self, send, live, all_offers):
        assert send(f"{HOME}/{live.public_id}/budget", budget="2000").status_code == 303
        assert all_offers()[0].budget_minor == 200_000

    @pytest.mark.parametrize("typed", ["", "x", "0", "-3", "1e9", "99999999999999999999"])
    def test_says_what_is_wrong_with_a_budget(self, send, live, all_offers, typed):
        answer = send(f"{HOME}/{live.public_id}/budget", budget=typed)
        assert answer.status_code == 422
        assert 'id="budget-error"' in answer.text
        assert all_offers()[0].budget_minor == 100_000

    def test_keeps_its_promises_when_the_budget_shrinks(
        self, client, sign_in, csrf_token, database
    ):
        with database.transaction() as db:
            world = pages_world.story(db)
        sign_in(client, "carl")
        answer = client.post(
            f"{HOME}/{world.offer.public_id}/budget",
            data={"csrf_token": csrf_token(client), "budget": "1.00"},
        )
        assert answer.status_code == 422
        assert "already promised" in answer.text
        assert 'value="1.00"' in answer.text

    def test_ends_after_saying_what_stays(self, send, carl, live, all_offers):
        path = f"{HOME}/{live.public_id}/ending"
        assert "What was earned until now stays" in carl.get(path).text
        assert send(path).status_code == 303
        assert all_offers()[0].status == "ended"
        assert carl.get(path).status_code == 409
        assert send(path).status_code == 409
        assert "Ended on" in carl.get(f"{HOME}/{live.public_id}").text

    @pytest.mark.parametrize("public_id", ["nothing", "x" * 300, "%27", "..%2f"])
    def test_that_does_not_exist_is_not_found(self, carl, public_id):
        assert carl.get(f"{HOME}/{public_id}").status_code == 404


def test_every_change_is_in_the_log(send, carl, database, brand_id, all_offers):
    send(HOME, **TYPED)
    public_id = all_offers()[0].public_id
    send(f"{HOME}/{public_id}/edit", **{**TYPED, "title": "Better <b>boots</b>"})
    send(f"{HOME}/{public_id}/publication")
    send(f"{HOME}/{public_id}/budget", budget="1500")
    send(f"{HOME}/{public_id}/ending")
    with database.reading() as db:
        noted = [line.action for line in audits.of_brand(db, brand_id=brand_id)]
    assert noted == [
        "offer.ended",
        "offer.budget_set",
        "offer.published",
        "offer.edited",
        "offer.drafted",
    ]
    page = carl.get("/brands/bertas-boots/log").text
    assert "changed the draft of an offer" in page
    assert "<ins>Better &lt;b&gt;boots&lt;/b&gt;</ins>" in page
    assert "<del>1000.00\u00a0EUR</del> <ins>1500.00\u00a0EUR</ins>" in page
