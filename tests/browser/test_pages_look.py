"""Every page in real Chromium: small and large, light and dark, for eyes and for screen readers.

Pictures are left in ``test-artefacts/pages/``.  The pages come over HTTP from the real app, so the
security policy holds; a page that breaks it, or is wider than a phone, fails.
"""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlmodel import Session
from werkzeug.serving import make_server

from server import clock, tokens
from server.app import create_app
from server.gateways.uploads import Uploads
from server.services import (
    authorizations,
    clients,
    codes,
    data_exports,
    events,
    mutes,
    privacy_answers,
    privacy_requests,
)
from server.services.mutes import Wish
from server.settings import IdentityProvider, Settings
from server.store import oauth_clients
from server.store.connection import Database
from server.web import uploads
from tests import machine, make
from tests.server import (
    content_pages,
    held_cases,
    my_data_world,
    pages_world,
    question_pages,
    stripe_pages,
    talks,
)
from tests.server.post_office import PostOffice, redemption
from tests.server.receivers import receiving, says

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-artefacts" / "pages"
PHONE, DESK = {"width": 380, "height": 800}, {"width": 1280, "height": 900}
BRAND = "/brands/bertas-boots"


@dataclass
class Site:
    """The app, served on this machine, with a story in it."""

    app: Flask
    address: str
    store: Database
    world: pages_world.World
    visit: str
    draft: str
    client_id: str
    code: str
    hook: tuple[str, str]
    card: str
    content: dict[str, str]
    asked: question_pages.Asked
    met: tuple[str, str]
    talks: tuple[str, str, str, str]
    cases: tuple[str, str]


def nothing(_page: Page) -> None:
    """Leave the page as it opens."""


def open_everything(page: Page) -> None:
    shut = page.locator("main details:not([open]) > summary")
    while shut.count():
        shut.first.click()


def open_the_menu(page: Page) -> None:
    page.locator(".menu > summary").click()


def open_an_operation(page: Page) -> None:
    """Open one operation and one event: with all of them open the page is a book."""
    for summary in page.locator("#redemptions_create summary").all():
        summary.click()
    page.locator("#events summary").first.click()


def refuse_a_code(page: Page) -> None:
    page.locator("input[name=amount]").fill("900")
    page.locator("button.brass").click()


def preview(page: Page) -> None:
    page.get_by_label("Title").fill("Boots that last")
    page.get_by_label("Page to share").fill("http://127.0.0.1:8003/boots")
    page.get_by_label("Average order").fill("60.00")
    page.get_by_label("Budget").fill("1000")
    page.get_by_role("button", name="Preview what it means").click()


def save_nonsense(page: Page) -> None:
    page.get_by_label("Budget").fill("a lot")
    page.get_by_role("button", name="Save the draft").click()


def add_a_partner(page: Page) -> None:
    page.get_by_label("Name").fill("Till in Graz")
    page.get_by_role("button", name="Add the partner").click()


def refuse_a_budget(page: Page) -> None:
    page.get_by_text("Change the budget").click()
    page.get_by_label("New budget in all").fill("1")
    page.get_by_role("button", name="Set the budget").click()


def add_no_endpoint(page: Page) -> None:
    page.get_by_label("Address").fill("http://shop.example/hook")
    page.get_by_role("button", name="Add the endpoint").click()


def add_no_content(page: Page) -> None:
    page.get_by_label("Title").fill("How boots are made")
    page.get_by_role("radio", name="A file").check()
    page.get_by_role("button", name="Add the draft").click()


def ask_for_a_new_secret(page: Page) -> None:
    page.get_by_role("button", name="New secret").click()


def connect_nonsense(page: Page) -> None:
    page.get_by_label("Restricted key").fill("sk_live_everything")
    page.get_by_role("button", name="Connect", exact=True).click()


def forget(page: Page) -> None:
    page.locator("main form button").first.click()


def ask_for_nothing(page: Page) -> None:
    page.get_by_role("main").locator("form button[type=submit]").click()


def choose_an_answer(page: Page) -> None:
    page.get_by_role("radio").first.check()


def ask_about_health(page: Page) -> None:
    page.get_by_role("radio", name="A size").check()
    page.get_by_label("Name of the field").fill("shoe_size")
    page.get_by_label("Keep answers for").fill("365")
    page.get_by_label("Question (English)").fill("How is your health?")
    page.get_by_label("Choices (English)").fill("good\nbad")
    page.get_by_label("Purpose (English)").fill("To know.")
    page.get_by_label("Benefit (English)").fill("So that we know.")
    page.get_by_role("button", name="Save the draft").click()


AUTHORIZE = (
    f"/oauth/authorize?response_type=code&client_id={clients.EXTENSION}&state=x"
    "&redirect_uri=https%3A%2F%2Fx.chromiumapp.org%2F&scope=wallet%3Aread%20offers%3Aread"
    f"&code_challenge={'c' * 43}&code_challenge_method=S256"
)


def write_nothing(page: Page) -> None:
    page.locator("#subject").fill("Boots")
    page.get_by_role("main").locator("form button[type=submit]").click()
    page.get_by_role("alert").wait_for()


def appeal_nothing(page: Page) -> None:
    page.get_by_role("main").locator("form button[type=submit]").click()
    page.get_by_role("alert").wait_for()


def answer_nothing(page: Page) -> None:
    page.get_by_role("button", name="Send the answer").click()
    page.locator("#words-error").wait_for()


VIEWS = {
    "start": ("", "/", nothing),
    "sign-in": ("", "/sign-in", nothing),
    "not-found": ("", "/nothing-here", nothing),
    "problem": ("", "/problems/claim-refused", nothing),
    "problems": ("", "/problems", nothing),
    "docs": ("", "/docs", open_an_operation),
    "wallet": ("ada", "/wallet", nothing),
    "wallet-open": ("ada", "/wallet", open_everything),
    "wallet-refused": ("ada", "/wallet", refuse_a_code),
    "wallet-empty": ("dora", "/wallet", nothing),
    "content": ("ada", "/content/{content[text]}", nothing),
    "content-new": ("ada", "/content/{content[new]}", nothing),
    "content-file": ("ada", "/content/{content[file]}", open_everything),
    "content-link": ("ada", "/content/{content[link]}", nothing),
    "content-locked": ("ada", "/content/{content[locked]}", nothing),
    "shares": ("ada", "/shares", open_everything),
    "share": ("ada", "/shares/{link}", open_everything),
    "share-small": ("ida", "/shares/{card}", nothing),
    "settings": ("ada", "/settings", nothing),
    "menu": ("ada", "/shares", open_the_menu),
    "shares-empty": ("dora", "/shares", nothing),
    "claim": ("dora", "/claim?ff={visit}", nothing),
    "claim-refused": ("ada", "/claim?ff={visit}", nothing),
    "friend": ("", "/f/{friend}", nothing),
    "friend-without-visit": ("", "/f/share/{card}", nothing),
    "friend-forgotten": ("", "/f/{friend}", forget),
    "friend-muted": ("", "/f/muted/{muted}", nothing),
    "friend-unknown": ("", "/f/nobody-knows-this", nothing),
    "connected-apps": ("ada", "/connected-apps", nothing),
    "requests": ("ada", "/my-data/requests", nothing),
    "requests-empty": ("dora", "/my-data/requests", nothing),
    "requests-refused": ("ada", "/my-data/requests", ask_for_nothing),
    "erase": ("ada", "/my-data/erase", nothing),
    "erase-owner": ("carl", "/my-data/erase", nothing),
    "erased": ("", "/my-data/erased", nothing),
    "brand-requests": ("mia", f"{BRAND}/requests", open_everything),
    "my-data": ("ada", "/my-data", nothing),
    "my-data-open": ("ada", "/my-data", open_everything),
    "my-data-empty": ("dora", "/my-data", nothing),
    "attribution-log": ("ada", "/my-data/attribution", nothing),
    "attribution-log-friend": ("bela", "/my-data/attribution", nothing),
    "export": ("ada", "/my-data/export", open_everything),
    "export-running": ("bela", "/my-data/export", nothing),
    "export-empty": ("dora", "/my-data/export", nothing),
    "code-enter": ("", "/p", nothing),
    "meeting": ("", "/p/{met[0]}", nothing),
    "meeting-agree": ("dora", "/p/{met[0]}", nothing),
    "meeting-waiting": ("bela", "/p/{met[1]}", nothing),
    "meeting-refused": ("", "/p/nonsense-that-is-no-code-at-all", nothing),
    "meetings": ("ada", "/meetings", nothing),
    "meetings-empty": ("dora", "/meetings", nothing),
    "conversations": ("ada", "/conversations", nothing),
    "conversations-empty": ("dora", "/conversations", nothing),
    "conversation": ("ada", "/conversations/{talks[0]}", open_everything),
    "conversation-solved": ("ada", "/conversations/{talks[2]}", nothing),
    "conversation-ended": ("ada", "/conversations/{talks[3]}", nothing),
    "conversation-new": ("dora", "/conversations/new", nothing),
    "conversation-about": ("ada", "/conversations/new?share={link}", nothing),
    "conversation-refused": ("dora", "/conversations/new", write_nothing),
    "case": ("ada", "/cases/{cases[0]}", nothing),
    "case-denied": ("bela", "/cases/{cases[1]}", nothing),
    "case-refused": ("bela", "/cases/{cases[1]}", appeal_nothing),
    "brand-conversations": ("nele", f"{BRAND}/conversations", nothing),
    "brand-conversations-empty": ("tom", "/brands/toms-tea/conversations", nothing),
    "brand-conversation": ("nele", f"{BRAND}/conversations/{{talks[1]}}", nothing),
    "brand-conversation-answered": ("mia", f"{BRAND}/conversations/{{talks[0]}}", answer_nothing),
    "allow-the-extension": ("dora", AUTHORIZE, nothing),
    "question": ("emil-{language}", "/wallet", choose_an_answer),
    "my-questions": ("frida", "/my-data/questions", open_everything),
    "my-questions-never": ("gerd", "/my-data/questions", nothing),
    "my-questions-empty": ("dora", "/my-data/questions", nothing),
    "offers-to-share": ("frida", "/offers", nothing),
    "brands": ("carl", "/brands", nothing),
    "brands-empty": ("dora", "/brands", nothing),
    "offers": ("carl", f"{BRAND}/offers", nothing),
    "offers-empty": ("tom", "/brands/toms-tea/offers", nothing),
    "offer-new": ("carl", f"{BRAND}/offers/new", nothing),
    "offer-preview": ("carl", f"{BRAND}/offers/new", preview),
    "offer-errors": ("carl", f"{BRAND}/offers/new", save_nonsense),
    "offer-draft": ("carl", f"{BRAND}/offers/{{draft}}", nothing),
    "offer-publish": ("carl", f"{BRAND}/offers/{{draft}}/publication", nothing),
    "offer": ("carl", f"{BRAND}/offers/{{live}}", nothing),
    "offer-budget-refused": ("carl", f"{BRAND}/offers/{{live}}", refuse_a_budget),
    "offer-end": ("carl", f"{BRAND}/offers/{{live}}/ending", nothing),
    "code": ("mia", f"{BRAND}/codes?code={{code}}", nothing),
    "brand-content": ("carl", f"{BRAND}/content", open_everything),
    "brand-content-empty": ("tom", "/brands/toms-tea/content", nothing),
    "brand-content-refused": ("mia", f"{BRAND}/content", add_no_content),
    "questions": ("carl", f"{BRAND}/questions", nothing),
    "questions-empty": ("tom", "/brands/toms-tea/questions", nothing),
    "question-new": ("mia", f"{BRAND}/questions/new", nothing),
    "question-refused": ("mia", f"{BRAND}/questions/new", ask_about_health),
    "question-live": ("otto", f"{BRAND}/questions/{{asked.live}}", nothing),
    "question-draft": ("mia", f"{BRAND}/questions/{{asked.draft}}", nothing),
    "question-publish": ("mia", f"{BRAND}/questions/{{asked.draft}}/publication", nothing),
    "question-end": ("mia", f"{BRAND}/questions/{{asked.live}}/ending", nothing),
    "partners": ("carl", f"{BRAND}/partners", nothing),
    "partner-new": ("carl", f"{BRAND}/partners", add_a_partner),
    "partner-revoke": ("carl", f"{BRAND}/partners/{{client_id}}/revocation", nothing),
    "webhook-new": ("mia", f"{BRAND}/partners/webhooks/new", nothing),
    "webhook-refused": ("mia", f"{BRAND}/partners/webhooks/new", add_no_endpoint),
    "webhook": ("mia", f"{BRAND}/partners/webhooks/{{hook[0]}}", nothing),
    "webhook-secret": ("mia", f"{BRAND}/partners/webhooks/{{hook[0]}}", ask_for_a_new_secret),
    "webhook-delivery": (
        "mia",
        f"{BRAND}/partners/webhooks/{{hook[0]}}/deliveries/{{hook[1]}}",
        open_everything,
    ),
    "webhook-remove": ("mia", f"{BRAND}/partners/webhooks/{{hook[0]}}/removal", nothing),
    "stripe": ("carl", f"{BRAND}/stripe", nothing),
    "stripe-disconnect": ("carl", f"{BRAND}/stripe/disconnection", nothing),
    "stripe-empty": ("tom", "/brands/toms-tea/stripe", nothing),
    "stripe-refused": ("tom", "/brands/toms-tea/stripe", connect_nonsense),
    "stripe-ended": ("mia", "/brands/dinas-dresses/stripe", nothing),
    "log": ("carl", f"{BRAND}/log", open_everything),
    "not-allowed": ("otto", f"{BRAND}/log", nothing),
}
FOR_EVERYBODY = ("start", "sign-in", "not-found", "problem")
FOR_CUSTOMERS = (
    *("friend", "friend-without-visit", "friend-forgotten", "friend-muted", "friend-unknown"),
    *("wallet", "wallet-open", "wallet-refused", "wallet-empty", "shares", "shares-empty"),
    *("content", "content-new", "content-file", "content-link", "content-locked"),
    *("share", "share-small", "settings", "menu"),
    *("claim", "claim-refused", "connected-apps", "allow-the-extension"),
    *("requests", "requests-empty", "requests-refused", "erase", "erase-owner", "erased"),
    *("my-data", "my-data-open", "my-data-empty", "attribution-log", "attribution-log-friend"),
    *("export", "export-running", "export-empty"),
    *("question", "my-questions", "my-questions-never", "my-questions-empty", "offers-to-share"),
    *("code-enter", "meeting", "meeting-agree", "meeting-waiting", "meeting-refused"),
    *("meetings", "meetings-empty"),
    *("conversations", "conversations-empty", "conversation", "conversation-solved"),
    *("conversation-ended", "conversation-new", "conversation-about", "conversation-refused"),
    *("case", "case-denied", "case-refused"),
)
SPOKEN = [
    *((name, "en") for name in VIEWS),
    *((name, code) for name in (*FOR_EVERYBODY, *FOR_CUSTOMERS) for code in ("de", "fr")),
]
"""Which page is looked at in which language."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=machine.chromium(), args=list(machine.CHROMIUM_FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(empty_sqlite, folder / "fanfare.sqlite3")
    provider = IdentityProvider(
        name="demo",
        title="Continue with the demo people",
        issuer="http://127.0.0.1:8002",
        client_id="fanfare",
        client_secret="x",
    )
    settings = Settings(fanfare_data=folder, identity_providers=[provider])
    store = Database(settings.database)
    app = create_app(settings, store)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield told(app, f"http://127.0.0.1:{server.port}", store)
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


def told(app: Flask, address: str, store: Database) -> Site:
    """Tell the story of Berta's Boots, with a code taken, a draft, a partner and an app."""
    now = clock.now()
    with store.transaction() as db:
        world = pages_world.story(db)
        visit = pages_world.visit(db, world.link, now)
        pages_world.share(db, world.ada, world.offer, now - timedelta(days=2), name="", by="qr")
        pages_world.spread(db, world, people=13, below=7)
        draft = pages_world.draft(db, world.brand_id, title="A warm coat", budget_minor=12_345_600)
        made = make.partner(db, world.brand_id)
        code = codes.take(
            db,
            member_id=world.ada,
            offer_public_id=world.offer.public_id,
            event_id="5bb9d8f4-0000-4000-8000-000000000001",
            value_minor=500,
            now=now,
        )
        clients.ensure_extension(db, redirect_uris=["https://x.chromiumapp.org/"], now=now)
        extension = oauth_clients.find(db, clients.EXTENSION)
        assert extension is not None
        assert extension.id is not None
        authorizations.keep_token(
            db,
            client_id=extension.id,
            member_id=world.ada,
            scope=" ".join(clients.APP_SCOPES),
            access_token=tokens.secret(),
            refresh_token=tokens.secret(),
            now=now,
        )
        card = pages_world.published(db, world.brand_id, now, title="Felt slippers", landing="card")
        link_to_card = pages_world.share(db, make.member(db, "ida"), card, now, name="Ida")
        stripe_pages.all_states(db, world.brand_id)
        requests_of(db, world, now)
        met = pages_world.met(db, world, now)
        talked = talks.all_states(db, world, now)
        asked = question_pages.all_states(db, world.brand_id)
        content = content_pages.all_states(db, world, web_uploads(app))
        nele = make.member(db, "nele")
        held = held_cases.all_states(db, world, now, reviewer_id=nele)
    takes_data_along(store, world)
    hook = told_to_systems(store, world.brand_id)
    return Site(
        app=app,
        address=address,
        store=store,
        world=world,
        visit=visit,
        draft=draft.public_id,
        client_id=made.client_id,
        code=code.code,
        hook=hook,
        card=link_to_card,
        content=content,
        asked=asked,
        met=met,
        talks=talked,
        cases=held,
    )


def web_uploads(app: Flask) -> Uploads:
    """Return the folder of uploads of the app."""
    with app.app_context():
        return uploads.uploads()


def takes_data_along(store: Database, world: pages_world.World) -> None:
    """Let Ada have her file, and Bela wait for hers."""
    now = clock.now()
    with store.transaction() as db:
        data_exports.ask(db, member_id=world.ada, language="en", now=now)
    my_data_world.work(store, now)
    with store.transaction() as db:
        data_exports.ask(db, member_id=world.bela, language="en", now=now)


def requests_of(db: Session, world: pages_world.World, now: datetime) -> None:
    """Let Ada ask for three things: one is late, one is due soon, one was refused."""
    asked = [
        privacy_requests.file(
            db,
            member_id=world.ada,
            event_id=f"5bb9d8f4-0000-4000-8000-00000000010{number}",
            kind=kind,
            brand_slug="bertas-boots",
            words="My name on the card is wrong.",
            now=now - timedelta(days=days),
        )
        for number, (kind, days) in enumerate((("access", 40), ("correction", 26), ("other", 2)))
    ]
    privacy_answers.answer(
        db,
        brand_id=world.brand_id,
        public_id=asked[2].public_id,
        actor="member:1",
        words="We hold nothing of this kind.",
        is_refusal=True,
        now=now,
    )


def told_to_systems(store: Database, brand_id: int) -> tuple[str, str]:
    """Let one endpoint work, one fail and one be gone; return the first, and a delivery to it."""
    office = PostOffice(store, brand_id, clock.now() - timedelta(hours=3))
    with receiving(says(503, b'{"error": "no stock"}')) as shop, receiving(says(410)) as gone:
        works = office.add(shop.url)
        office.add(gone.url, "case.opened", "case.closed")
        office.add("http://127.0.0.1:9/hook")
        office.happens(redemption(1), events.CaseOpened("c1", "speed", None, None))
        office.sends()
        shop.behaviour = says()
        office.later(hours=1)
        office.sends()
        office.happens(redemption(2))
        office.sends()
        office.happens(redemption(3))
    return works.public_id, office.log(works)[-2].public_id


def a_friend(site: Site) -> str:
    """Return the token of a friend who just came by Ada's link."""
    with site.store.transaction() as db:
        return pages_world.visit(db, site.world.link, clock.now())


def cookie_of(site: Site, subject: str) -> dict[str, str]:
    """Return the cookie of a browser in which somebody is signed in."""
    with site.store.transaction() as db:
        member_id = make.member(db, subject)
    client = site.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(member_id)
        session["_fresh"] = True
    cookie = client.get_cookie("fanfare_session")
    assert cookie is not None
    return {"name": "fanfare_session", "value": cookie.value, "url": site.address}


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """Return a browser whose pages report what went wrong in them."""
    context = chromium.new_context(base_url=site.address, viewport=PHONE)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.mark.parametrize(("name", "language"), SPOKEN)
def test_a_page_is_readable_for_everybody(
    visitor: BrowserContext, site: Site, name: str, language: str
):
    person, path, steps = VIEWS[name]
    chosen = {"name": "fanfare_language", "value": language, "url": site.address}
    visitor.add_cookies([chosen])
    if person:
        visitor.add_cookies([cookie_of(site, person.format(language=language))])
    page, said = visitor.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(
        path.format(
            visit=site.visit,
            draft=site.draft,
            live=site.world.offer.public_id,
            client_id=site.client_id,
            code=site.code,
            hook=site.hook,
            friend=a_friend(site),
            card=site.card,
            muted=mutes.sign(site.app.secret_key, Wish.MUTE, sharer="A" * 11, now=clock.now()),
            asked=site.asked,
            content=site.content,
            met=site.met,
            talks=site.talks,
            cases=site.cases,
            link=site.world.link,
        )
    )
    steps(page)

    for scheme, size in (("light", PHONE), ("dark", PHONE), ("dark", DESK), ("light", DESK)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        PICTURES.mkdir(parents=True, exist_ok=True)
        picture = f"{name}-{language}-{size['width']}-{scheme}.png"
        page.screenshot(path=PICTURES / picture, full_page=True, timeout=60_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if (scheme, size) in (("light", PHONE), ("dark", DESK)):
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
    expected = "the server responded with a status of 4"
    assert [words for words in said if expected not in words] == []
    assert page.title().endswith("Fanfare")
    assert page.locator("html").get_attribute("lang") == language


def test_copying_says_that_it_worked(visitor: BrowserContext, site: Site):
    visitor.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    visitor.add_cookies([cookie_of(site, "ada")])
    page = visitor.new_page()
    page.goto("/wallet")
    code = page.locator(".ticket .code").first.inner_text()
    page.get_by_role("button", name="Copy the code").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code


def test_a_code_can_be_taken_without_javascript(chromium: Browser, site: Site):
    context = chromium.new_context(base_url=site.address, java_script_enabled=False)
    context.add_cookies([cookie_of(site, "bela")])
    page = context.new_page()
    page.goto("/wallet")
    assert page.get_by_role("button", name="Copy").count() == 0
    page.get_by_label("Amount of your code in EUR").fill("5,00")
    page.get_by_role("button", name="Take a code").click()
    assert page.get_by_role("status").inner_text() == "Your code is worth 5.00\u00a0EUR."
    assert page.get_by_text("Codes to use").is_visible()
    context.close()


def test_the_keyboard_reaches_the_content_first(visitor: BrowserContext):
    page = visitor.new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("id") == "main"
