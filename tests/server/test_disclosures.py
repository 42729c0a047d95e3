"""Friends are told that the sharer gets a reward, first of all, and the proof stays."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlmodel import Session, select

from rewards.explain import Language
from server.services import consents, disclosures, shares
from server.services.channels import CHANNELS, Channel
from server.store import disclosure_proofs as proofs
from server.store.shares import Share
from server.web.extension.shares import ShareOut
from tests import make
from tests.server import town as towns
from tests.server.town import Town


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def shared(town: Town, language: str = "en", **changes: object) -> shares.ShareView:
    facts = {
        "member_id": town.member("Ada"),
        "event_id": f"e-{language}",
        "offer_public_id": town.offer.public_id,
        "channel": "copy",
        "shown_as": "Ada",
        "consent_hash": consents.text(consents.SHARE, language).hash,
        "language": language,
        "surface": "test",
        "now": town.now,
    }
    return shares.record(town.db, **(facts | changes))


@pytest.mark.parametrize("language", Language)
def test_a_share_keeps_the_proof_of_what_its_text_begins_with(town: Town, language: str):
    found = shared(town, language)

    assert found.disclosure == disclosures.TEXT[language]
    (proof,) = proofs.of_share(town.db, found.share_id)
    assert (proof.surface, proof.language, proof.words) == ("text", language, found.disclosure)
    assert proof.first_shown_at == proof.last_shown_at == town.now


def test_the_proof_bears_the_moment_of_the_share_not_of_its_arrival(town: Town):
    yesterday = town.now - timedelta(days=1)

    found = shared(town, created_at=yesterday)

    (proof,) = proofs.of_share(town.db, found.share_id)
    assert proof.first_shown_at == yesterday


def test_a_repeated_share_proves_nothing_twice(town: Town):
    first, again = shared(town), shared(town)

    assert again.disclosure == first.disclosure
    assert len(proofs.of_share(town.db, first.share_id)) == 1


@pytest.mark.parametrize("words", ["", "Boots!", "Ad: {not} a name & more"])
@pytest.mark.parametrize("language", Language)
def test_the_text_begins_with_it_whatever_the_brand_wrote(
    town: Town, app, language: str, words: str
):
    town.offer = make.offer(town.db, town.brand_id, now=town.now, share_text=words or "x")
    with app.app_context():
        text = ShareOut.of(shared(town, language)).text

    assert text.startswith(disclosures.TEXT[language])


@pytest.mark.parametrize("channel", [one for one in CHANNELS.values() if "{" in one.dialog])
def test_every_dialog_that_takes_text_takes_what_begins_with_the_disclosure(channel: Channel):
    """Nothing of ours stands before the text, and where there is none the person pastes it."""
    filled = unquote(channel.dialog.format(text="TEXT", link="LINK", host="HOST"))
    given = [part.split("=", 1)[1] for part in filled.partition("?")[2].split("&")]

    assert ("{text}" in channel.dialog) == any(one.startswith("TEXT") for one in given)
    assert filled.count("TEXT") <= 1


class TestTheCard:
    def test_says_who_or_that_somebody_does(self):
        assert disclosures.card("en", "Ada") == "Ad: Ada gets a reward if you buy."
        assert disclosures.card("de", "Ada") == "Anzeige: Für Käufe bekommt Ada eine Belohnung."
        assert disclosures.card("en", "") == disclosures.NAMELESS_CARD["en"]

    def test_a_name_is_said_as_it_was_written(self):
        assert disclosures.card("en", "{0} {name}").startswith("Ad: {0} {name} gets")

    def test_its_proof_names_nobody_and_moves_on(self, town: Town):
        share_id = shared(town).share_id
        times = [town.now, town.now + timedelta(hours=2), town.now + timedelta(hours=1)]
        for now in times:
            disclosures.note(
                town.db,
                share_id=share_id,
                surface="card",
                language="de",
                words=disclosures.card_words("de", "Ada"),
                now=now,
            )

        _, card = proofs.of_share(town.db, share_id)
        assert (card.surface, card.language) == ("card", "de")
        assert (card.first_shown_at, card.last_shown_at) == (times[0], times[1])
        assert "Ada" not in card.words
        assert town.db.exec(select(Share)).one().shown_as == "Ada"

    def test_nothing_but_our_words_can_be_proved(self, town: Town):
        share_id = shared(town).share_id

        for words in (disclosures.card("en", "Ada"), disclosures.TEXT["en"], "Buy!"):
            with pytest.raises(AssertionError):
                disclosures.note(
                    town.db,
                    share_id=share_id,
                    surface="card",
                    language="en",
                    words=words,
                    now=town.now,
                )
