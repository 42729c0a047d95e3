"""Codes given face to face: made without a connection, taken once, confirmed by both."""

import base64
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from server.errors import (
    AlreadyReferred,
    ClaimRefused,
    Conflict,
    ConsentMissing,
    Invalid,
    NotFound,
    NotSignedIn,
)
from server.services import (
    consents,
    device_keys,
    erasures,
    meetings,
    offers,
    shares,
    signed_codes,
)
from server.store.consents import Consent
from server.store.device_keys import DeviceKey
from server.store.meetings import Meeting, SpokenCode
from server.store.participants import Participant
from server.store.referrals import Referral
from server.store.visits import Visit
from tests import make
from tests.server import town as towns
from tests.server.devices import Signer
from tests.server.town import NOON, Town

MINUTE = timedelta(minutes=1)
WHAT_DEVICES_LEAVE = (DeviceKey, SpokenCode, Meeting)


class Stand:
    """Ada stands in front of her friends, with a phone that has no connection."""

    def __init__(self, town: Town, name: str = "Ada", channel: str = "qr") -> None:
        self.town, self.name, self.phone = town, name, Signer()
        self.share = make.share(
            town.db, town.member(name), town.offer, now=town.now, channel=channel, shown_as=name
        ).code
        self.registered = device_keys.register(
            town.db, member_id=town.member(name), x=self.phone.x, y=self.phone.y, now=town.now
        )

    def code(self, **cheating: object) -> str:
        return self.phone.code(self.share, self.town.now, **cheating)

    def waiting(self) -> list[meetings.MeetingView]:
        town = self.town
        return meetings.waiting(town.db, member_id=town.member(self.name), now=town.now)

    def says(self, meeting: meetings.MeetingView, *, yes: bool = True) -> meetings.MeetingView:
        town = self.town
        return meetings.decide(
            town.db,
            member_id=town.member(self.name),
            public_id=meeting.public_id,
            is_confirmed=yes,
            now=town.now,
        )

    def announce(self, code: str, name: str | None = None) -> meetings.Spoken:
        town = self.town
        member_id = town.member(name or self.name)
        return meetings.announce(town.db, member_id=member_id, token=code, now=town.now)


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


@pytest.fixture
def ada(town: Town) -> Stand:
    return Stand(town)


def take(town: Town, name: str, said: str) -> meetings.MeetingView:
    return meetings.take(
        town.db,
        member_id=town.member(name),
        said=said,
        consent_hash=consents.text(consents.REFERRAL).hash,
        language="en",
        surface="site",
        now=town.now,
    )


def refused(town: Town, name: str, said: str) -> str:
    """Return why a code cannot be taken; what was written until then is undone."""
    town.member(name)
    with pytest.raises(ClaimRefused) as refusal, town.db.begin_nested():
        take(town, name, said)
    return refusal.value.reason


def referrals_of(town: Town) -> list[Referral]:
    return list(town.db.exec(select(Referral)).all())


class TestTakingAndConfirming:
    def test_makes_a_referral_through_the_share_with_a_visit(self, town: Town, ada: Stand):
        code = ada.code()
        town.now += 10 * MINUTE
        seen = meetings.look(town.db, said=code, now=town.now)
        assert (seen.shown_as, seen.offer_title, seen.friend_id) == ("Ada", "Winter boots", None)
        assert town.db.exec(select(Meeting)).all() == []

        taken = take(town, "Bela", code)
        assert (taken.outcome, referrals_of(town)) == (None, [])
        [waiting] = ada.waiting()
        assert waiting.taken_at == town.now

        town.now += timedelta(days=2)
        assert ada.says(waiting).outcome == "confirmed"
        [referral] = referrals_of(town)
        share = town.db.get_one(Visit, referral.visit_id)
        assert referral.friend_id == town.member("Bela")
        assert (share.share_id, share.friend_id) == (referral.share_id, town.member("Bela"))
        assert ada.waiting() == []

    def test_counts_like_any_referral(self, town: Town, ada: Stand):
        ada.says(take(town, "Bela", ada.code()))
        town.links["Ada"] = ada.share
        town.shares("Bela")
        ada_there, bela = town.db.exec(select(Participant).order_by(Participant.id)).all()
        assert (bela.parent_id, bela.depth) == (ada_there.id, 1)
        assert town.wrong() == []

    def test_gives_nothing_when_the_sharer_says_no(self, town: Town, ada: Stand):
        taken = take(town, "Bela", ada.code())
        assert ada.says(taken, yes=False).outcome == "declined"
        assert referrals_of(town) == []
        assert ada.waiting() == []
        with pytest.raises(ClaimRefused) as refusal:
            ada.says(taken)
        assert refusal.value.reason == "decided"

    def test_again_changes_nothing(self, town: Town, ada: Stand):
        code = ada.code()
        first = take(town, "Bela", code)
        town.now += timedelta(hours=5)
        assert take(town, "Bela", code) == first
        assert len(town.db.exec(select(Consent).where(Consent.purpose == "referral")).all()) == 1
        ada.says(first)
        assert ada.says(first).outcome == "confirmed"
        assert len(referrals_of(town)) == 1
        assert take(town, "Bela", code).outcome == "confirmed"

    def test_works_for_one_friend_alone(self, town: Town, ada: Stand):
        code = ada.code()
        take(town, "Bela", code)
        assert refused(town, "Cleo", code) == "taken"
        assert [one.friend_id for one in ada.waiting()] == [town.member("Bela")]

    def test_ends_after_a_week_without_a_word(self, town: Town, ada: Stand):
        taken = take(town, "Bela", ada.code())
        town.now += timedelta(days=7, seconds=1)
        assert ada.waiting() == []
        with pytest.raises(ClaimRefused) as refusal:
            ada.says(taken)
        assert refusal.value.reason == "too_late"

    def test_ends_when_the_friend_takes_the_consent_back(self, town: Town, ada: Stand):
        taken = take(town, "Bela", ada.code())
        [consent] = town.db.exec(select(Consent).where(Consent.purpose == "referral")).all()
        town.takes_back("Bela", consent.id)
        with pytest.raises(ConsentMissing), town.db.begin_nested():
            ada.says(taken)
        assert referrals_of(town) == []

    def test_needs_the_friends_consent_to_these_words(self, town: Town, ada: Stand):
        with pytest.raises(ConsentMissing):
            meetings.take(
                town.db,
                member_id=town.member("Bela"),
                said=ada.code(),
                consent_hash="other",
                language="en",
                surface="site",
                now=town.now,
            )

    def test_nobody_else_hears_of_it_or_decides(self, town: Town, ada: Stand):
        taken = take(town, "Bela", ada.code())
        for name in ("Bela", "Dora"):
            member_id = town.member(name)
            assert meetings.waiting(town.db, member_id=member_id, now=town.now) == []
            with pytest.raises(NotFound):
                meetings.decide(
                    town.db,
                    member_id=member_id,
                    public_id=taken.public_id,
                    is_confirmed=True,
                    now=town.now,
                )


class TestRefusals:
    def test_by_the_rules_of_every_referral(self, town: Town, ada: Stand):
        assert refused(town, "Ada", ada.code()) == "own_link"
        town.shares("Cleo")
        assert refused(town, "Cleo", ada.code()) == "already_sharing"
        make.claim(
            town.db,
            town.member("Bela"),
            make.visit(town.db, town.links["Cleo"], now=town.now),
            now=town.now,
        )
        with pytest.raises(AlreadyReferred):
            take(town, "Bela", ada.code())

    def test_of_a_referral_that_came_first_meanwhile(self, town: Town, ada: Stand):
        taken = take(town, "Bela", ada.code())
        town.shares("Cleo")
        visit = make.visit(town.db, town.links["Cleo"], now=town.now)
        make.claim(town.db, town.member("Bela"), visit, now=town.now)
        with pytest.raises(AlreadyReferred), town.db.begin_nested():
            ada.says(taken)
        assert len(referrals_of(town)) == 1

    @pytest.mark.parametrize(
        ("later", "reason"),
        [
            (timedelta(minutes=17), None),
            (timedelta(minutes=17, seconds=1), "expired"),
            (timedelta(days=400), "expired"),
            (-timedelta(minutes=2), None),
            (-timedelta(minutes=2, seconds=1), "not_yet"),
        ],
    )
    def test_of_codes_out_of_their_time(self, town: Town, ada: Stand, later, reason):
        code = ada.code()
        town.now += later
        if reason is None:
            take(town, "Bela", code)
        else:
            assert refused(town, "Bela", code) == reason

    def test_of_a_code_that_lives_too_long(self, town: Town, ada: Stand):
        assert refused(town, "Bela", ada.code(life=timedelta(minutes=15, seconds=1))) == "too_long"

    def test_of_an_unknown_device(self, town: Town, ada: Stand):
        assert refused(town, "Bela", Signer().code(ada.share, town.now)) == "unknown_key"

    def test_of_a_device_that_takes_anothers_name(self, town: Town, ada: Stand):
        code = Signer().code(ada.share, town.now, kid=ada.phone.kid)
        assert refused(town, "Bela", code) == "forged"

    def test_of_a_device_of_somebody_else(self, town: Town, ada: Stand):
        dora = Stand(town, "Dora")
        assert refused(town, "Bela", dora.phone.code(ada.share, town.now)) == "other_device"

    def test_of_a_revoked_device(self, town: Town, ada: Stand):
        code = ada.code()
        device_keys.revoke(
            town.db, member_id=town.member("Ada"), kid=ada.registered.kid, now=town.now
        )
        assert refused(town, "Bela", code) == "revoked_key"

    def test_of_a_withdrawn_share_and_an_unknown_one(self, town: Town, ada: Stand):
        assert refused(town, "Bela", ada.phone.code("1" * 10, town.now)) == "unknown_share"
        code = ada.code()
        shares.withdraw(town.db, member_id=town.member("Ada"), code=ada.share, now=town.now)
        assert refused(town, "Bela", code) == "withdrawn"

    def test_of_an_offer_that_ended(self, town: Town, ada: Stand):
        offers.end(
            town.db, brand_id=town.brand_id, public_id=town.offer.public_id, actor="t", now=town.now
        )
        assert refused(town, "Bela", ada.code()) == "offer_ended"

    def test_of_a_link_for_elsewhere(self, town: Town):
        assert refused(town, "Bela", Stand(town, channel="copy").code()) == "not_in_person"

    def test_of_the_same_nonce_for_two_links(self, town: Town, ada: Stand):
        other = make.share(town.db, town.member("Ada"), town.offer, now=town.now, channel="qr").code
        nonce = b"12345678"
        take(town, "Bela", ada.code(nonce=nonce))
        assert refused(town, "Cleo", ada.phone.code(other, town.now, nonce=nonce)) == "taken"

    def test_of_a_second_signature_over_the_same_code(self, town: Town, ada: Stand):
        """ECDSA signs differently each time, and each signature has a twin: the nonce counts."""
        nonce = b"12345678"
        take(town, "Bela", ada.code(nonce=nonce))
        assert refused(town, "Cleo", ada.code(nonce=nonce)) == "taken"
        content = base64.urlsafe_b64decode(ada.code(nonce=nonce))
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        twin = content[:73] + (order - int.from_bytes(content[73:])).to_bytes(32)
        assert refused(town, "Cleo", base64.urlsafe_b64encode(twin).decode()) == "taken"


@given(place=st.integers(0, 104), change=st.integers(1, 255))
def test_a_code_with_any_other_byte_is_not_the_devices(place: int, change: int):
    phone = Signer()
    key = signed_codes.key_of(phone.x, phone.y)
    assert key is not None
    written = phone.code("4vKqTn8ZpL", NOON)
    content = bytearray(base64.urlsafe_b64decode(written))
    first = signed_codes.read(written)
    assert first is not None
    assert first.kid == key[0]
    assert signed_codes.holds(first, key[1])

    content[place] ^= change
    changed = signed_codes.read(base64.urlsafe_b64encode(content).decode())
    assert changed is None or not signed_codes.holds(changed, key[1])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200) | st.from_regex(r"\A[A-Za-z0-9_-]{140}\Z"))
def test_whatever_is_no_code_is_read_as_none_or_does_not_hold(said: str):
    phone = Signer()
    key = signed_codes.key_of(phone.x, phone.y)
    assert key is not None
    read = signed_codes.read(said)
    assert read is None or not signed_codes.holds(read, key[1])


class TestSpoken:
    def test_code_is_taken_however_it_is_typed(self, town: Town, ada: Stand):
        said = ada.announce(ada.code())
        assert len(said.spoken) == 9
        typed = said.spoken.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert take(town, "Bela", typed).friend_id == town.member("Bela")
        assert refused(town, "Cleo", said.spoken) == "taken"

    def test_code_is_nothing_before_its_device_told_us(self, town: Town, ada: Stand):
        code = ada.code()
        read = signed_codes.read(code)
        assert read is not None
        assert refused(town, "Bela", read.spoken) == "unheard"
        ada.announce(code)
        take(town, "Bela", read.spoken)

    def test_code_and_picture_are_one(self, town: Town, ada: Stand):
        code = ada.code()
        said = ada.announce(code)
        assert ada.announce(code) == said
        take(town, "Bela", code)
        assert refused(town, "Cleo", said.spoken) == "taken"

    def test_code_runs_out_as_the_picture_does(self, town: Town, ada: Stand):
        said = ada.announce(ada.code())
        town.now += 18 * MINUTE
        assert refused(town, "Bela", said.spoken) == "expired"

    def test_code_ends_with_its_device_and_its_share(self, town: Town, ada: Stand):
        said = ada.announce(ada.code())
        member_id, _bela = town.member("Ada"), town.member("Bela")
        with town.db.begin_nested() as undo:
            device_keys.revoke(town.db, member_id=member_id, kid=ada.registered.kid, now=town.now)
            assert refused(town, "Bela", said.spoken) == "revoked_key"
            undo.rollback()
        town.db.expire_all()
        shares.withdraw(town.db, member_id=member_id, code=ada.share, now=town.now)
        assert refused(town, "Bela", said.spoken) == "withdrawn"

    def test_code_is_told_by_its_own_person(self, town: Town, ada: Stand):
        with pytest.raises(ClaimRefused) as refusal:
            ada.announce(ada.code(), name="Dora")
        assert refusal.value.reason == "other_device"


class TestDevices:
    def test_are_registered_once(self, town: Town, ada: Stand):
        again = device_keys.register(
            town.db, member_id=town.member("Ada"), x=ada.phone.x, y=ada.phone.y, now=town.now
        )
        assert (again.kid, again.is_new) == (ada.registered.kid, False)
        assert len(device_keys.of_member(town.db, member_id=town.member("Ada"))) == 1

    def test_belong_to_one_person(self, town: Town, ada: Stand):
        with pytest.raises(Conflict):
            device_keys.register(
                town.db, member_id=town.member("Dora"), x=ada.phone.x, y=ada.phone.y, now=town.now
            )
        with pytest.raises(NotFound):
            device_keys.revoke(
                town.db, member_id=town.member("Dora"), kid=ada.registered.kid, now=town.now
            )

    def test_do_not_come_back_once_they_were_ended(self, town: Town, ada: Stand):
        member_id = town.member("Ada")
        for _twice in range(2):
            device_keys.revoke(town.db, member_id=member_id, kid=ada.registered.kid, now=town.now)
        assert device_keys.of_member(town.db, member_id=member_id) == []
        with pytest.raises(Conflict):
            device_keys.register(
                town.db, member_id=member_id, x=ada.phone.x, y=ada.phone.y, now=town.now
            )

    @pytest.mark.parametrize("x", ["", "A" * 43, "/" * 43, "A" * 44, "\u00e9" * 43])
    def test_need_a_key_on_the_curve(self, town: Town, x: str):
        with pytest.raises(Invalid):
            device_keys.register(
                town.db, member_id=town.member("Ada"), x=x, y=Signer().y, now=town.now
            )

    def test_are_twenty_at_most(self, town: Town):
        for _number in range(device_keys.LIVE_AT_MOST):
            phone = Signer()
            device_keys.register(
                town.db, member_id=town.member("Ada"), x=phone.x, y=phone.y, now=town.now
            )
        one_more = Signer()
        with pytest.raises(Conflict):
            device_keys.register(
                town.db, member_id=town.member("Ada"), x=one_more.x, y=one_more.y, now=town.now
            )


class TestErasing:
    @pytest.mark.parametrize("gone", ["Ada", "Bela"])
    def test_leaves_no_device_no_code_and_no_meeting(self, town: Town, ada: Stand, gone: str):
        code = ada.code()
        ada.announce(code)
        take(town, "Bela", code)
        erasures.erase(town.db, member_id=town.member(gone), now=town.now)
        left = {table: len(town.db.exec(select(table)).all()) for table in WHAT_DEVICES_LEAVE}
        of_ada = 0 if gone == "Ada" else 1
        assert left == {DeviceKey: of_ada, SpokenCode: of_ada, Meeting: 0}

    def test_lets_no_device_in_afterwards(self, town: Town, ada: Stand):
        code = ada.code()
        erasures.erase(town.db, member_id=town.member("Ada"), now=town.now)
        phone = Signer()
        with pytest.raises(NotSignedIn):
            device_keys.register(
                town.db, member_id=town.member("Ada"), x=phone.x, y=phone.y, now=town.now
            )
        with pytest.raises(NotSignedIn):
            ada.announce(code)
        with pytest.raises(ClaimRefused):
            take(town, "Bela", code)
