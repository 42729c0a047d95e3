"""Records of what a member was asked, what they answered, and the points that asking cost."""

from sqlalchemy import select as rows_of

from server.store.answers import Answer
from server.store.asks import Ask, AskAccount
from server.store.consents import Consent
from server.store.own_records.kinds import BRAND, ME, Kind, table_of
from server.store.questions import Question

_ANSWER, _ASK, _ACCOUNT = table_of(Answer), table_of(Ask), table_of(AskAccount)
_QUESTION, _CONSENT = table_of(Question), table_of(Consent)

ANSWERS = Kind(
    "answers",
    ("answer",),
    rows_of(
        BRAND.c.name.label("brand"),
        _QUESTION.c.words,
        _CONSENT.c.language,
        _ANSWER.c.is_coarse,
        _ANSWER.c.choice,
        _ANSWER.c.answered_at,
        _ANSWER.c.used_at,
        _ANSWER.c.expires_at,
        _CONSENT.c.public_id.label("consent_id"),
    )
    .select_from(_ANSWER)
    .join(_QUESTION, _QUESTION.c.id == _ANSWER.c.question_id)
    .join(BRAND, BRAND.c.id == _QUESTION.c.brand_id)
    .join(_CONSENT, _CONSENT.c.id == _ANSWER.c.consent_id)
    .where(_ANSWER.c.member_id == ME)
    .order_by(_ANSWER.c.id),
)
ASKS = Kind(
    "questions_asked",
    ("ask",),
    rows_of(
        BRAND.c.name.label("brand"),
        _QUESTION.c.words,
        _ASK.c.field,
        _ASK.c.is_coarse,
        _ASK.c.cost_parts,
        _ASK.c.asked_at,
        _ASK.c.reply,
        _ASK.c.replied_at,
    )
    .select_from(_ASK)
    .join(_QUESTION, _QUESTION.c.id == _ASK.c.question_id)
    .join(BRAND, BRAND.c.id == _QUESTION.c.brand_id)
    .where(_ASK.c.member_id == ME)
    .order_by(_ASK.c.id),
)
ASK_BUDGETS = Kind(
    "ask_budgets",
    ("ask_account",),
    rows_of(
        BRAND.c.name.label("brand"),
        _ACCOUNT.c.began_at,
        _ACCOUNT.c.at.label("changed_at"),
        _ACCOUNT.c.time_parts,
        _ACCOUNT.c.value_parts,
        _ACCOUNT.c.delivered_parts,
        _ACCOUNT.c.counted_minor,
        _ACCOUNT.c.counted_items,
    )
    .join(BRAND, BRAND.c.id == _ACCOUNT.c.brand_id)
    .where(_ACCOUNT.c.member_id == ME)
    .order_by(_ACCOUNT.c.id),
)
