"""Questions: what a brand may write, and what becomes of answers when it changes its mind."""

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from server.errors import FieldInvalid, NotFound, QuestionNotEditable
from server.services import question_topics, question_words, questions, sensitive_words, showcases
from server.services.question_words import QuestionDraft, Words
from server.services.questions import QuestionView
from server.store.answers import Answer
from server.store.audit import AuditEntry
from server.store.consents import Consent
from tests import make
from tests.server import asking
from tests.server.asking import SIZES, Asking


@pytest.fixture
def shop(db: Session) -> Asking:
    return asking.open_shop(db)


def written(**changes: object) -> QuestionDraft:
    """Return the question about sizes in English alone, with changes of its words."""
    english = replace(SIZES.words["en"], **changes)
    return replace(SIZES, words={"en": english})


def edit(shop: Asking, question: QuestionView, wanted: QuestionDraft) -> QuestionView:
    return questions.edit(
        shop.db,
        brand_id=shop.town.brand_id,
        public_id=question.public_id,
        actor="test",
        wanted=wanted,
        now=shop.now,
    )


def publish(shop: Asking, question: QuestionView) -> QuestionView:
    return questions.publish(
        shop.db,
        brand_id=shop.town.brand_id,
        public_id=question.public_id,
        actor="test",
        now=shop.now,
    )


class TestWords:
    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (replace(SIZES, kind="health"), "kind"),
            (replace(SIZES, field="Shoe size"), "field"),
            (replace(SIZES, field="s" * 41), "field"),
            (replace(SIZES, retention_days=366), "retention_days"),
            (replace(SIZES, retention_days=0), "retention_days"),
            (replace(SIZES, words={}), "title"),
            (replace(SIZES, words={"it": SIZES.words["en"]}), "title"),
            (written(title=" "), "title_en"),
            (written(title="t" * 121), "title_en"),
            (written(choices=("one",)), "choices_en"),
            (written(choices=tuple(map(str, range(13)))), "choices_en"),
            (written(choices=("a", "b", "b")), "choices_en"),
            (written(choices=("a", "b", " ")), "choices_en"),
            (written(purpose=""), "purpose_en"),
            (written(benefit=" "), "benefit_en"),
            (written(group_names=("small",)), "groups"),
            (replace(SIZES, groups=((0,), (2,))), "groups"),
            (replace(SIZES, groups=((0, 1, 2), ())), "groups"),
            (replace(written(group_names=("all",)), groups=((0, 1, 2),)), "groups"),
            (written(choices=("a", "b"), group_names=("x", "y")), "groups"),
            (
                replace(
                    SIZES,
                    words={
                        "en": SIZES.words["en"],
                        "de": replace(SIZES.words["de"], choices=("klein", "groß")),
                    },
                ),
                "choices",
            ),
        ],
    )
    def test_what_does_not_work_is_refused_by_field(self, wanted: QuestionDraft, field: str):
        if field == "groups" and wanted.groups == ((0, 1, 2), ()):
            wanted = replace(wanted, groups=((0, 1), ()))
        with pytest.raises(FieldInvalid) as refusal:
            question_words.check(wanted)
        assert refusal.value.field == field

    def test_what_works_is_kept_as_it_was_written(self):
        question_words.check(SIZES)
        kept = question_words.to_json(SIZES.words)
        assert question_words.from_json(kept) == SIZES.words


class TestSensitive:
    @pytest.mark.parametrize(
        ("words", "about"),
        [
            ("How is your health?", "health"),
            ("Haben Sie Allergien?", "health"),
            ("État de santé", "health"),
            ("blood_pressure", "health"),
            ("Are you pregnant?", "health"),
            ("Your religion", "religion or belief"),
            ("Konfession", "religion or belief"),
            ("Êtes-vous musulman ?", "religion or belief"),
            ("How did you vote?", "political opinions"),
            ("Politische Meinung", "political opinions"),
            ("Ethnic background", "racial or ethnic origin"),
            ("Hautfarbe", "racial or ethnic origin"),
            ("Sexuelle Orientierung", "sex life or sexual orientation"),
            ("Are you gay?", "sex life or sexual orientation"),
            ("Sind Sie in einer Gewerkschaft?", "trade union membership"),
            ("Membre d'un syndicat", "trade union membership"),
            ("Fingerabdruck", "biometric data"),
            ("genetic test", "genetic data"),
            ("Criminal record", "criminal convictions and offences"),
            ("Casier judiciaire", "criminal convictions and offences"),
            ("Do you have children?", "children"),
            ("Wie viele Kinder haben Sie?", "children"),
            ("Avez-vous des enfants ?", "children"),
        ],
    )
    def test_what_nobody_is_asked_is_recognised(self, words: str, about: str):
        assert sensitive_words.found_in(words).about == about

    @pytest.mark.parametrize(
        "words",
        [
            "What kind of shoes do you like?",
            "Welche Schuhgröße tragen Sie?",
            "Wir haben Ihre Auswahl genommen.",
            "Quelle pointure portez-vous ?",
            "Votre couleur préférée",
            "silence or music",
            "birthday_month",
            "the nearest shop",
        ],
    )
    def test_what_is_harmless_passes(self, words: str):
        assert sensitive_words.found_in(words) is None

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (replace(SIZES, field="health_status"), "field"),
            (written(title="Are you vegan or ill?"), "title_en"),
            (written(choices=("healthy", "b", "c")), "choices_en"),
            (written(group_names=("Muslim", "other")), "choices_en"),
            (written(purpose="to sell to children"), "purpose_en"),
            (written(benefit="so that union fees fall: trade unions"), "benefit_en"),
        ],
    )
    def test_it_is_refused_wherever_it_stands_with_the_laws_article(
        self, db: Session, wanted: QuestionDraft, field: str
    ):
        brand_id = make.brand(db)
        with pytest.raises(FieldInvalid, match=r"Article (8|9|10) GDPR") as refusal:
            questions.draft(db, brand_id=brand_id, actor="test", wanted=wanted, now=make.THEN)
        assert refusal.value.field == field
        assert questions.of_brand(db, brand_id=brand_id) == []

    def test_every_matter_names_its_article(self):
        for matter in sensitive_words.MATTERS:
            assert matter.article.endswith("GDPR")


class TestVersions:
    def test_a_draft_asks_nobody(self, shop: Asking):
        questions.draft(
            shop.db, brand_id=shop.town.brand_id, actor="test", wanted=SIZES, now=shop.now
        )
        assert shop.asked() is None

    def test_a_changed_question_is_a_new_version_that_asks_again(self, shop: Asking):
        first = shop.live()
        shop.tells(shop.asked())
        second = edit(shop, first, written(title="Which size fits you?", group_names=("s", "l")))
        assert (second.version, second.state) == (2, "draft")
        assert len(shop.given()) == 1, "a draft changes nothing"

        publish(shop, second)

        assert shop.given() == []
        assert shop.db.exec(select(Answer)).all() == []
        ended = [c for c in shop.db.exec(select(Consent)) if c.purpose.startswith("question:")]
        assert [c.withdrawn_at for c in ended] == [shop.now]
        shop.wait(days=14)
        card = shop.asked("later")
        assert (card.title, card.consent.version) == ("Which size fits you?", "2")
        states = [
            (v.version, v.state)
            for v in questions.versions(
                shop.db, brand_id=shop.town.brand_id, public_id=first.public_id
            )
        ]
        assert states == [(2, "live"), (1, "ended")]

    def test_never_holds_for_every_version(self, shop: Asking):
        first = shop.live()
        shop.declines(shop.asked(), is_for_good=True)
        publish(shop, edit(shop, first, written(title="And now?", group_names=("s", "l"))))
        shop.wait(days=400)
        assert shop.asked("later") is None
        with pytest.raises(FieldInvalid, match="keeps its field"):
            edit(shop, first, replace(SIZES, field="size_of_shoes"))

    def test_a_first_draft_may_still_change_everything(self, shop: Asking):
        made = questions.draft(
            shop.db, brand_id=shop.town.brand_id, actor="test", wanted=SIZES, now=shop.now
        )
        changed = edit(shop, made, replace(SIZES, field="boot_size"))
        assert (changed.version, changed.field) == (1, "boot_size")

    def test_ending_deletes_every_answer_and_asks_nobody(self, shop: Asking):
        question = shop.live()
        shop.tells(shop.asked())
        wanted = {"brand_id": shop.town.brand_id, "public_id": question.public_id}
        questions.end(shop.db, actor="test", now=shop.now, **wanted)
        assert shop.given() == []
        with pytest.raises(QuestionNotEditable):
            questions.end(shop.db, actor="test", now=shop.now, **wanted)
        with pytest.raises(QuestionNotEditable):
            publish(shop, question)

    def test_another_brand_reaches_none_of_it(self, shop: Asking):
        question = shop.live()
        tea = make.brand(shop.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        wanted = {"brand_id": tea, "public_id": question.public_id, "actor": "t", "now": shop.now}
        for call, more in (
            (questions.edit, {"wanted": SIZES}),
            (questions.publish, {}),
            (questions.end, {}),
            (question_topics.change, {"version": 1, "topics": []}),
        ):
            with pytest.raises(NotFound):
                call(shop.db, **wanted, **more)
        with pytest.raises(NotFound):
            questions.versions(shop.db, brand_id=tea, public_id=question.public_id)
        assert questions.of_brand(shop.db, brand_id=tea) == []

    def test_every_change_is_in_the_log_and_no_number_of_answers(self, shop: Asking):
        question = shop.live()
        shop.tells(shop.asked())
        publish(shop, edit(shop, question, written(group_names=("s", "l"))))
        actions = [
            row.action
            for row in shop.db.exec(select(AuditEntry).order_by(AuditEntry.id))
            if row.subject == f"question:{question.public_id}"
        ]
        assert actions == [
            "question.drafted",
            "question.topics_set",
            "question.published",
            "question.drafted",
            "question.published",
        ]


class TestTopics:
    def change(self, shop: Asking, question: QuestionView, topics: list, version: int = 1) -> None:
        question_topics.change(
            shop.db,
            brand_id=shop.town.brand_id,
            public_id=question.public_id,
            version=version,
            actor="test",
            topics=topics,
            now=shop.now,
        )

    def test_only_own_offers_and_own_choices(self, shop: Asking):
        question = shop.live()
        tea = make.brand(shop.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        theirs = make.offer(shop.db, tea, now=shop.now, page_url="https://tea.example/")
        with pytest.raises(NotFound):
            self.change(shop, question, [(theirs.public_id, 0)])
        with pytest.raises(FieldInvalid):
            self.change(shop, question, [(shop.offers[0].public_id, 3)])
        with pytest.raises(NotFound):
            self.change(shop, question, [], version=2)

    def test_a_new_version_keeps_them_for_what_is_called_the_same(self, shop: Asking):
        boots, sandals = (offer.public_id for offer in shop.offers)
        question = shop.live()
        renamed = written(choices=("41 or more", "36-37", "new"), group_names=("s", "l"))
        second = edit(shop, question, renamed)
        assert second.topics == {(sandals, 0), (boots, 1)}
        publish(shop, second)
        with pytest.raises(QuestionNotEditable):
            self.change(shop, question, [])

    def test_an_answer_decides_what_stands_first_and_says_so(self, shop: Asking):
        question = shop.live()
        ada = shop.town.member("Ada")

        def show(language: str = "en") -> showcases.Showcase:
            return showcases.of_member(shop.db, member_id=ada, language=language, now=shop.now)

        before = show()
        assert [o.title for o in before.offers] == ["Summer sandals", "Winter boots"]
        assert {o.because for o in before.offers} == {None}
        assert before.used == ()

        shop.tells(shop.asked(), choice=1)
        after = show("de")
        assert [o.title for o in after.offers] == ["Winter boots", "Summer sandals"]
        assert after.offers[0].because == showcases.Because("38-40", "de")
        assert len(after.used) == 1
        assert {replace(o, because=None) for o in after.offers} == set(before.offers)

        questions.end(
            shop.db,
            brand_id=shop.town.brand_id,
            public_id=question.public_id,
            actor="test",
            now=shop.now,
        )
        assert show() == before


def test_a_word_in_a_language_may_be_missing():
    only_german = {"de": Words("Welche?", ("a", "b"), "dafür", "damit")}
    assert question_words.best(only_german, "fr") == "de"
