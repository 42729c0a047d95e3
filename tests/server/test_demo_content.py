"""Whoever tries the demo finds exclusive content: a text, a file and a link, each further away."""

from pathlib import Path

from server import clock
from server.demo import content as demo_content
from server.demo import questions as demo_questions
from server.demo import run as demo
from server.gateways.uploads import Uploads
from server.services import brands, content_items, content_shelves, offers, wallets
from server.settings import Settings
from server.store.connection import Database
from tests import make


def test_visits_open_one_item_after_the_other(database: Database, tmp_path: Path):
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(fanfare_data=tmp_path, database_url=url, demo=True)
    now = clock.now()
    demo.seed(settings, budget=demo.BUDGET, now=now)
    demo_questions.add(settings, now=now)
    for _ in range(2):
        demo_content.add(settings, now=now)

    with database.transaction() as db:
        brand_id = brands.find(db, slug=demo.SLUG).id
        boots = offers.of_brand(db, brand_id=brand_id)[-1]
        assert boots.title == "Winter boots"
        kinds = [item.kind for item in content_items.of_brand(db, brand_id=brand_id)]
        assert sorted(kinds) == ["file", "link", "markdown"], "adding them twice adds them once"
        assert content_items.file_names(db) == {file.name for file in settings.uploads.iterdir()}

        ada = make.member(db, "ada", now=now)
        link = make.share(db, ada, boots, now=now).code
        came: list[tuple[int, list[str]]] = []
        for number in range(1, 11):
            make.visit(db, link, now=now, is_verified=True)
            make.pass_time(db, now)
            (place,) = wallets.of_member(db, member_id=ada).places
            open_now = [line.kind for line in place.content if line.is_unlocked]
            if not came or came[-1][1] != open_now:
                came.append((number, open_now))
        assert came == [
            (1, ["markdown"]),
            (3, ["markdown", "file"]),
            (10, ["markdown", "file", "link"]),
        ]
        for line in place.content:
            content_shelves.open_first(db, member_id=ada, public_id=line.public_id, now=now)
        guide = content_shelves.find(db, member_id=ada, public_id=place.content[1].public_id)
        folder = Uploads(settings.uploads, settings.upload_bytes_max)
        assert folder.path(guide.file_name).read_bytes() == demo_content.GUIDE
