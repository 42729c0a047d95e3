"""Erasing a person: what goes, what stays as numbers, and that nobody else is touched."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from server import tokens
from server.errors import ClaimRefused, Conflict, NotSignedIn
from server.services import (
    authorizations,
    checks,
    clients,
    codes,
    erasures,
    privacy_requests,
    shares,
    sign_ins,
    teams,
    wallets,
)
from server.store import members, oauth_clients, outbox
from server.store.codes import DiscountCode
from server.store.consents import Consent
from server.store.conversions import Conversion
from server.store.identities import OrderIdentity, OwnIdentity
from server.store.members import Member
from server.store.oauth_tokens import OAuthToken
from server.store.privacy_requests import PrivacyRequest
from server.store.referrals import Referral
from server.store.sessions import BrowserSession
from server.store.shares import Share
from server.store.teams import Role, TeamMember
from server.store.visits import Visit
from tests import make
from tests.server import town as towns
from tests.server.town import AFTER_THE_WINDOW, NOON, Town


@pytest.fixture
def town(db) -> Town:
    """Ada brought Bela, Bela brought Cleo, and each sold something that nobody returned."""
    town = towns.found(db)
    town.shares("Ada")
    town.shares("Bela", after="Ada")
    town.shares("Cleo", after="Bela")
    for name in ("Ada", "Bela", "Cleo"):
        town.orders("120.00", through=name)
    town.time_passes()
    return town


@pytest.fixture
def erase(town):
    def by_name(name: str) -> None:
        erasures.erase(town.db, member_id=town.member(name), now=town.now)

    return by_name


def code(town: Town, name: str, value_minor: int | None = 500, **more: object) -> codes.CodeView:
    return codes.take(
        town.db,
        member_id=town.member(name),
        offer_public_id=town.offer.public_id,
        event_id=str(uuid4()),
        value_minor=value_minor,
        now=town.now,
        **more,
    )


def wallet(town: Town, name: str) -> wallets.Place:
    town.db.expire_all()
    return town.place(name)


class TestThePerson:
    def test_is_a_husk_that_nobody_signs_in_as(self, town, erase):
        before = town.member("Bela")
        erase("Bela")
        husk = members.find(town.db, before)
        assert (husk.issuer, husk.erased_at) == ("erased", town.now)
        assert husk.subject != "bela"
        again = sign_ins.sign_in(town.db, issuer=make.ISSUER, subject="bela", now=town.now)
        assert again.is_new
        assert again.member_id != before
        assert wallets.of_member(town.db, member_id=again.member_id) == wallets.Wallet((), ())

    def test_is_gone_for_everything_that_is_done_in_their_name(self, town, erase):
        bela = town.member("Bela")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        erase("Bela")
        with pytest.raises(NotSignedIn):
            make.share(town.db, bela, town.offer, now=town.now)
        with pytest.raises(NotSignedIn):
            make.claim(town.db, bela, token, now=town.now)
        with pytest.raises(NotSignedIn):
            code(town, "Bela")
        with pytest.raises(NotSignedIn):
            shares.withdraw(town.db, member_id=bela, code=town.links["Bela"], now=town.now)
        with pytest.raises(NotSignedIn):
            erase("Bela")

    def test_is_signed_out_everywhere_and_no_app_acts_for_them(self, town, erase):
        bela, cleo = town.member("Bela"), town.member("Cleo")
        clients.ensure_extension(town.db, redirect_uris=["https://x.example/"], now=town.now)
        client_id = oauth_clients.find(town.db, clients.EXTENSION).id
        secrets = {}
        for person in (bela, cleo):
            town.db.add(
                BrowserSession(
                    token_hash=tokens.kept(f"cookie {person}"),
                    member_id=person,
                    content={"_user_id": str(person)},
                    created_at=town.now,
                    expires_at=town.now + timedelta(days=1),
                )
            )
            secrets[person] = (tokens.secret(), tokens.secret())
            authorizations.keep_token(
                town.db,
                client_id=client_id,
                member_id=person,
                scope="wallet:read",
                access_token=secrets[person][0],
                refresh_token=secrets[person][1],
                now=town.now,
            )
        allowed = authorizations.issue_code(
            town.db,
            client_id=client_id,
            member_id=bela,
            redirect_uri="https://x.example/",
            scope="wallet:read",
            code_challenge="c" * 43,
            now=town.now,
        )

        erase("Bela")

        assert [row.member_id for row in town.db.exec(select(BrowserSession))] == [cleo]
        assert [row.member_id for row in town.db.exec(select(OAuthToken))] == [cleo]
        access, refresh = secrets[bela]
        now = town.now
        assert authorizations.access(town.db, token=access, now=now) is None
        for read, name in (
            (authorizations.read_refresh_token, {"token": refresh}),
            (authorizations.read_code, {"code": allowed}),
        ):
            assert read(town.db, client_id=client_id, now=now, **name) is None
        assert authorizations.access(town.db, token=secrets[cleo][0], now=now) is not None


class TestWhatTheyShared:
    def test_ends_and_its_link_is_known_to_nobody(self, town, erase):
        link = town.links["Bela"]
        erase("Bela")
        (row,) = town.db.exec(select(Share).where(Share.member_id == town.member("Bela")))
        assert row.code != link
        assert row.shown_as == ""
        assert row.withdrawn_at == town.now
        assert town.db.exec(select(Share).where(Share.code == link)).first() is None

    def test_keeps_the_friends_own_visit_but_they_can_claim_no_more(self, town, erase):
        token = make.visit(town.db, town.links["Bela"], now=town.now)
        erase("Bela")
        with pytest.raises(ClaimRefused, match="withdrawn"):
            make.claim(town.db, town.member("Dan"), token, now=town.now)

    def test_withdraws_every_consent_and_keeps_those_that_a_share_stands_on(self, town, erase):
        bela = town.member("Bela")
        town.db.add(
            Consent(
                public_id=str(uuid4()),
                member_id=bela,
                purpose="question:boots",
                text_hash="h",
                text_version="1",
                language="en",
                surface="site",
                given_at=town.now,
            )
        )
        town.db.flush()
        known = {row.public_id for row in town.db.exec(select(Consent))}
        erase("Bela")
        left = town.db.exec(select(Consent).where(Consent.member_id == bela)).all()
        assert {row.purpose for row in left} == {"share", "referral"}
        assert all(row.withdrawn_at == town.now and not row.surface for row in left)
        assert not {row.public_id for row in left} & known


class TestWhatTheyBought:
    def test_is_no_longer_known_as_theirs(self, town, erase):
        bela = town.member("Bela")
        (referral,) = town.db.exec(select(Referral).where(Referral.friend_id == bela))
        token = town.db.get(Visit, referral.visit_id).token
        make.order(
            town.db,
            town.brand_id,
            "80.00",
            now=town.now,
            visit_token=token,
            buyer_ref="b-1",
            order_ref="B-1",
        )
        erase("Bela")
        order = town.db.exec(select(Conversion).where(Conversion.order_ref == "B-1")).one()
        assert order.buyer_id is None
        assert town.db.exec(select(OrderIdentity)).all() == []
        assert town.db.exec(select(OwnIdentity)).all() == []
        assert town.db.exec(select(Visit).where(Visit.token == token)).first() is None
        assert town.db.exec(select(Visit).where(Visit.friend_id == bela)).first() is None
        assert town.wrong() == []

    def test_an_order_with_their_code_names_no_buyer_afterwards(self, town, erase):
        taken = code(town, "Bela")
        erase("Bela")
        make.order(
            town.db,
            town.brand_id,
            "80.00",
            now=town.now,
            code=taken.code,
            buyer_ref="b-1",
            order_ref="B-2",
        )
        order = town.db.exec(select(Conversion).where(Conversion.order_ref == "B-2")).one()
        assert order.buyer_id is None
        assert town.db.exec(select(OrderIdentity)).all() == []
        assert town.db.exec(select(OwnIdentity)).all() == []


class TestMoney:
    def test_of_others_stays_as_it_is(self, town, erase):
        code(town, "Bela")
        before = [wallet(town, name) for name in ("Ada", "Cleo")]
        erase("Bela")
        assert [wallet(town, name) for name in ("Ada", "Cleo")] == before
        assert town.wrong() == []

    def test_that_they_did_not_take_stays_in_the_books_and_is_given_up(self, town, erase):
        before = wallet(town, "Bela")
        assert before.takeable_minor > 0
        erase("Bela")
        after = wallet(town, "Bela")
        assert (after.earned_minor, after.payable_minor) == (
            before.earned_minor,
            before.payable_minor,
        )
        with pytest.raises(NotSignedIn):
            code(town, "Bela")

    def test_an_open_code_stays_good_for_whoever_has_it(self, town, erase):
        taken = code(town, "Bela", holder_hash="h" * 64)
        erase("Bela")
        row = town.db.exec(select(DiscountCode).where(DiscountCode.code == taken.code)).one()
        assert (row.state, row.left_minor) == ("issued", 500)
        assert (row.holder_hash, row.why) == (None, "")
        town.time_passes(timedelta(days=400))
        town.db.refresh(row)
        assert row.state == "expired"
        assert town.wrong() == []

    def test_what_is_set_in_motion_later_still_counts_for_those_above(self, town, erase):
        erase("Bela")
        before = wallet(town, "Ada").why.numbers["branch_credit_minor"]
        town.orders("200.00", through="Cleo")
        town.time_passes()
        after = wallet(town, "Ada").why.numbers["branch_credit_minor"]
        assert after - before == 200_00
        assert town.wrong() == []


class TestATeam:
    def test_loses_who_is_erased(self, town, erase):
        for name, role in (("Carl", Role.OWNER), ("Bela", Role.MANAGER)):
            make.team(town.db, town.brand_id, town.member(name), role)
        erase("Bela")
        left = [row.member_id for row in town.db.exec(select(TeamMember))]
        assert left == [town.member("Carl")]

    def test_keeps_its_only_owner_until_there_is_another(self, town, erase):
        make.team(town.db, town.brand_id, town.member("Bela"), Role.OWNER)
        make.team(town.db, town.brand_id, town.member("Mia"), Role.MANAGER)
        with pytest.raises(Conflict, match="only owner of Berta's Boots"):
            erase("Bela")
        assert teams.posts(town.db, member_id=town.member("Bela")) != []
        assert town.db.get(Member, town.member("Bela")).erased_at is None
        make.team(town.db, town.brand_id, town.member("Carl"), Role.OWNER)
        erase("Bela")


class TestRequests:
    def test_lose_their_words_and_one_says_that_the_erasure_was_done(self, town, erase):
        bela = town.member("Bela")
        privacy_requests.file(
            town.db,
            member_id=bela,
            event_id=str(uuid4()),
            kind="access",
            brand_slug="bertas-boots",
            words="My name is Bela Bartok.",
            now=town.now,
        )
        erase("Bela")
        rows = town.db.exec(select(PrivacyRequest).order_by(PrivacyRequest.id)).all()
        assert [(row.kind, row.state, row.words) for row in rows] == [
            ("access", "answered", ""),
            ("erasure", "answered", ""),
        ]


class TestThePreview:
    def test_counts_what_goes_and_what_stays(self, town):
        code(town, "Bela")
        found = erasures.preview(town.db, member_id=town.member("Bela"), now=town.now)
        assert found.goes._asdict() == {
            "sign_ins": 0,
            "apps": 0,
            "shares": 1,
            "names": 1,
            "consents": 2,
            "referrals": 1,
            "orders": 0,
            "answers": 0,
            "requests": 0,
        }
        (place,) = found.places
        assert (place.given_codes, place.given_minor) == (1, 500)
        assert place.payable_minor == wallet(town, "Bela").payable_minor
        assert (found.leaves, found.owns_alone) == ((), ())

    def test_changes_nothing(self, town):
        before = wallet(town, "Bela")
        erasures.preview(town.db, member_id=town.member("Bela"), now=town.now)
        assert wallet(town, "Bela") == before
        assert town.db.get(Member, town.member("Bela")).erased_at is None


def test_the_outbox_goes_on_after_an_erasure(town, erase):
    """What was noted before, such as an order that vests, is done for the husk as for anybody."""
    order = town.orders("300.00", through="Bela")
    erase("Bela")
    assert outbox.waiting(town.db, now=town.now + AFTER_THE_WINDOW, limit=10)
    town.time_passes()
    row = town.db.exec(select(Conversion).where(Conversion.public_id == order.public_id)).one()
    assert row.vested_at == town.now
    assert checks.everything(town.db) == []
    assert town.now > NOON
