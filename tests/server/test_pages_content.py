"""The pages of exclusive content: the brand's, and the reader of whoever unlocked it."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from server import clock
from server.jobs import sweep
from server.services import content_items, erasures
from server.store import brands
from server.store.content_unlocks import ContentOpening
from server.web import uploads as web_uploads
from server.web.database import settings
from tests import make
from tests.server import pages_world, shelf
from tests.server.shelf import PDF

HOME = "/brands/bertas-boots/content"
TEXT = """# By hand
Read [more](https://boots.example/more) or <script>alert(1)</script>.

![spy](https://spy.example/pixel.png) [bad](javascript:alert(1)) [worse](data:text/html,hi)
"""


@pytest.fixture
def world(database):
    """Return Berta's Boots, whose offer Ada shares, where ten people visited."""
    with database.transaction() as db:
        brand_id = pages_world.berta(db)
        offer = make.offer(db, brand_id, now=clock.now() - timedelta(days=2))
        ada = make.member(db, "ada")
        code = make.share(db, ada, offer, now=clock.now() - timedelta(days=1)).code
        for _ in range(10):
            make.visit(db, code, now=clock.now() - timedelta(hours=1), is_verified=True)
        make.pass_time(db, clock.now())
    return brand_id, offer


@pytest.fixture
def folder(app: Flask):
    with app.app_context():
        return web_uploads.uploads()


@pytest.fixture
def gives(database, world):
    """Let Berta give something; return its id."""

    def make_one(**what):
        brand_id, offer = world
        with database.transaction() as db:
            return shelf.item(db, brand_id, offer, now=clock.now(), **what)

    return make_one


@pytest.fixture
def ada(client, sign_in, world):
    assert world, "the offer comes before her"
    sign_in(client, "ada")
    return client


@pytest.fixture
def opened(ada, csrf_token):
    """Open something as Ada; return the answer of its page."""

    def open_one(public_id):
        answer = ada.post(f"/content/{public_id}/opening", data={"csrf_token": csrf_token(ada)})
        assert (answer.status_code, answer.location) == (303, f"/content/{public_id}")
        return ada.get(f"/content/{public_id}")

    return open_one


@pytest.fixture
def carl(client, sign_in, csrf_token, world):
    """Return how Carl sends a form to the brand's pages."""
    assert world, "his brand comes before him"
    sign_in(client, "carl")

    def send(path, **fields):
        return client.post(path, **whole({"csrf_token": csrf_token(client), **fields}))

    return send


def whole(fields):
    """Return a form with its file as one piece, as a browser sends it."""
    boundary, body = encode_multipart(fields)
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def of_berta(database):
    with database.reading() as db:
        brand = brands.find_by_slug(db, "bertas-boots")
        return content_items.of_brand(db, brand_id=brand.id)


def form(world, **changes):
    _, offer = world
    return {
        "offer": offer.public_id,
        "title": "The boots' own book",
        "threshold": "10",
        "kind": "markdown",
        "body": "Words.",
        **changes,
    }


def sent(content, name="book.pdf"):
    return FileStorage(io.BytesIO(content), filename=name)


class TestReader:
    def test_a_wallet_names_what_is_unlocked_and_what_is_missing(self, ada, gives):
        gives(takes=10)
        gives(takes=12, title="The first soles")
        page = ada.get("/wallet").text
        assert "at 10 real visits; it takes 10" in page
        assert "Next: The first soles" in page
        assert "You have 10, so 2 are missing." in page

    def test_it_is_opened_by_a_button_and_not_by_looking(self, ada, gives, opened):
        public_id = gives(takes=10, body="The secret is glue.")
        for _ in range(2):
            assert "glue" not in ada.get(f"/content/{public_id}").text
        assert "glue" in opened(public_id).text

    def test_who_has_not_reached_it_is_told_what_is_missing(self, ada, gives, csrf_token):
        public_id = gives(takes=11, body="The secret is glue.")
        for path in ("", "/file"):
            answer = ada.get(f"/content/{public_id}{path}")
            assert answer.status_code == 403
            assert "takes: 11. You have: 10. Still missing: 1." in answer.text
            assert "glue" not in answer.text
        answer = ada.post(f"/content/{public_id}/opening", data={"csrf_token": csrf_token(ada)})
        assert answer.status_code == 403

    def test_it_is_nobody_elses(self, gives, app, sign_in, csrf_token, opened):
        public_id = gives(takes=10)
        opened(public_id)
        for person in ("dora", "carl", "tom"):
            other = app.test_client()
            sign_in(other, person)
            assert other.get(f"/content/{public_id}").status_code == 403, person
            assert other.get(f"/content/{public_id}/file").status_code == 403
            form = {"csrf_token": csrf_token(other)}
            assert other.post(f"/content/{public_id}/opening", data=form).status_code == 403
        stranger = app.test_client().get(f"/content/{public_id}")
        assert (stranger.status_code, "/sign-in" in stranger.location) == (303, True)

    def test_nobody_gets_any_of_it_without_signing_in(self, gives, opened, app, csrf_token):
        public_id = gives(takes=10, body="The secret is glue.")
        opened(public_id)
        stranger = app.test_client()
        form = {"csrf_token": csrf_token(stranger)}
        for answer in (
            stranger.get(f"/content/{public_id}"),
            stranger.head(f"/content/{public_id}/file"),
            stranger.get(f"/content/{public_id}/file", headers={"Range": "bytes=0-9"}),
            stranger.post(f"/content/{public_id}/opening", data=form),
        ):
            assert answer.status_code in {303, 401}
            assert "glue" not in answer.text

    def test_whoever_was_erased_reads_nothing_with_a_page_that_is_still_open(
        self, ada, gives, opened, csrf_token, database
    ):
        public_id, unread = gives(takes=10, body="The secret is glue."), gives(takes=9)
        opened(public_id)
        form = {"csrf_token": csrf_token(ada)}
        with database.transaction() as db:
            erasures.erase(db, member_id=make.member(db, "ada"), now=clock.now())
        for answer in (
            ada.get(f"/content/{public_id}"),
            ada.get(f"/content/{public_id}/file"),
            ada.post(f"/content/{unread}/opening", data=form),
        ):
            assert answer.status_code in {303, 400, 401}
            assert "glue" not in answer.text
        with database.reading() as db:
            assert db.execute(select(ContentOpening)).all() == []

    def test_its_page_may_load_nothing_from_elsewhere(self, gives, opened):
        policy = opened(gives(takes=10, body=TEXT)).headers["Content-Security-Policy"]
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
        assert rules["default-src"] in {"'self'", "'none'"}
        for kind, sources in rules.items():
            assert not {"*", "https:", "http:", "'unsafe-inline'"} & set(sources.split()), kind

    def test_a_draft_and_what_does_not_exist_look_alike(self, ada, gives):
        draft = gives(takes=1, is_published=False)
        for public_id in (draft, "nothing", "..%2f..%2fkeys%2fsecret-key"):
            assert ada.get(f"/content/{public_id}").status_code == 404
            assert ada.get(f"/content/{public_id}/file").status_code == 404

    def test_a_text_is_shown_without_what_could_run_or_spy(self, gives, opened):
        page = opened(gives(takes=10, body=TEXT)).text
        assert "<h2>By hand</h2>" in page
        assert 'rel="noopener nofollow noreferrer">more</a>' in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript:' not in page
        assert 'href="data:' not in page

    def test_a_link_leads_out_without_a_hold_on_our_page(self, gives, opened):
        page = opened(gives(takes=10, kind="link", body="https://boots.example/vip")).text
        assert 'href="https://boots.example/vip" rel="noopener nofollow noreferrer"' in page

    def test_it_speaks_the_readers_language(self, ada, gives):
        public_id = gives(takes=11)
        answer = ada.get(f"/content/{public_id}", headers={"Accept-Language": "de"})
        assert "Es fehlen noch: 1." in answer.text


class TestFile:
    @pytest.fixture
    def book(self, gives, folder, opened):
        """Return the address of a file that Ada has opened."""
        file = shelf.upload(folder, PDF, now=clock.now())
        public_id = gives(takes=10, kind="file", body="", file=file, title="Ein Buch / ../für Ada")
        assert "Save the file" in opened(public_id).text
        return f"/content/{public_id}/file"

    def test_comes_to_be_saved_and_never_to_be_shown(self, ada, book):
        answer = ada.get(book, buffered=True)
        assert (answer.status_code, answer.data) == (200, PDF)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == "attachment; filename=ein-buch-f-r-ada.pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Accept-Ranges"] == "bytes"

    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=5-9", 5, 9),
            ("bytes=100-", 100, len(PDF) - 1),
            ("bytes=-7", len(PDF) - 7, len(PDF) - 1),
            (f"bytes=9-{len(PDF) + 500}", 9, len(PDF) - 1),
        ],
    )
    def test_comes_in_parts(self, ada, book, asked, first, last):
        answer = ada.get(book, buffered=True, headers={"Range": asked})
        assert (answer.status_code, answer.data) == (206, PDF[first : last + 1])
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(PDF)}"
        assert answer.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize("first", [len(PDF), len(PDF) + 9, 10**14])
    def test_a_part_beyond_the_end_is_refused_and_the_size_is_said(self, ada, book, first):
        answer = ada.get(book, buffered=True, headers={"Range": f"bytes={first}-"})
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == f"bytes */{len(PDF)}"
        assert PDF not in answer.data

    @pytest.mark.parametrize(
        "asked",
        [
            "bytes=0-1,5-9",
            "bytes=0-0,-1",
            "pages=1-2",
            "bytes=9-5",
            "bytes=-",
            "bytes=-0",
            f"bytes=-{len(PDF) + 1}",
            "bytes=a-b",
            "bytes=0-" + "9" * 5000,
        ],
    )
    def test_several_parts_or_none_that_makes_sense_is_the_whole_file(self, ada, book, asked):
        answer = ada.get(book, buffered=True, headers={"Range": asked})
        assert (answer.status_code, answer.data) == (200, PDF)
        assert "Content-Range" not in answer.headers

    def test_head_says_everything_and_sends_nothing(self, ada, book):
        whole, head = ada.get(book, buffered=True), ada.head(book, buffered=True)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Length", "Content-Type", "Content-Disposition", "ETag"):
            assert head.headers[name] == whole.headers[name]
        assert head.headers["Content-Length"] == str(len(PDF))
        assert head.headers["X-Content-Type-Options"] == "nosniff"
        again = ada.get(book, buffered=True, headers={"If-None-Match": whole.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")

    def test_a_broken_download_goes_on_only_with_the_same_file(self, ada, book):
        etag = ada.head(book, buffered=True).headers["ETag"]
        half = {"Range": "bytes=50-"}
        assert ada.get(book, buffered=True, headers={**half, "If-Range": etag}).status_code == 206
        other = ada.get(book, buffered=True, headers={**half, "If-Range": '"another"'})
        assert (other.status_code, other.data) == (200, PDF)

    def test_leads_to_its_page_while_it_is_not_opened(self, ada, gives, folder):
        file = shelf.upload(folder, PDF, now=clock.now())
        public_id = gives(takes=10, kind="file", body="", file=file)
        answer = ada.get(f"/content/{public_id}/file")
        assert (answer.status_code, answer.location) == (303, f"/content/{public_id}")

    def test_is_said_to_be_gone_when_it_is(self, ada, book, app, folder):
        for file in settings_of(app).uploads.iterdir():
            folder.remove(file.name)
        assert ada.get(book, buffered=True).status_code == 410

    def test_a_text_has_no_file(self, ada, gives, opened):
        public_id = gives(takes=10)
        opened(public_id)
        assert ada.get(f"/content/{public_id}/file").status_code == 404

    def test_no_address_leads_into_the_folder(self, ada, book, app):
        (file,) = settings_of(app).uploads.iterdir()
        for path in (
            f"/uploads/{file.name}",
            f"/static/../uploads/{file.name}",
            f"/static/..%2fuploads%2f{file.name}",
            f"/content/{file.name}/file",
            f"/content/..%2fuploads%2f{file.name}/file",
        ):
            assert ada.get(path).status_code == 404, path


def settings_of(app):
    with app.app_context():
        return settings()


class TestBrand:
    def test_adds_publishes_and_withdraws(self, carl, client, database, world):
        assert carl(HOME, **form(world)).status_code == 303
        (item,) = of_berta(database)
        assert (item.state, item.threshold_visits) == ("draft", 10)

        assert carl(f"{HOME}/{item.public_id}/publication").status_code == 303
        assert carl(f"{HOME}/{item.public_id}/threshold", threshold="9").status_code == 303
        assert carl(f"{HOME}/{item.public_id}/withdrawal").status_code == 303

        (item,) = of_berta(database)
        assert (item.state, item.threshold_visits) == ("withdrawn", 9)
        assert "Withdrawn" in client.get(HOME).text

    def test_adds_a_file_that_is_what_its_bytes_say(self, carl, database, world, app):
        answer = carl(HOME, **form(world, kind="file", file=sent(PDF, "../../evil.html")))
        assert answer.status_code == 303
        (item,) = of_berta(database)
        assert (item.media_type, item.size) == ("application/pdf", len(PDF))
        (file,) = settings_of(app).uploads.iterdir()
        assert file.read_bytes() == PDF
        assert "evil" not in file.name

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html><script>alert(1)</script>",
            b'<svg xmlns="x"/>',
            b"GIF89a\0\1",
            b"\0\1",
        ],
    )
    def test_is_refused_what_is_not_taken_and_nothing_is_kept(
        self, carl, database, world, app, content
    ):
        answer = carl(HOME, **form(world, kind="file", file=sent(content, "photo.png")))
        assert (answer.status_code, of_berta(database)) == (422, [])
        assert "Only PDF, PNG" in answer.text
        assert list(settings_of(app).uploads.iterdir()) == []

    def test_a_form_that_fails_later_leaves_no_file(self, carl, database, world, app):
        wrong = form(world, kind="file", file=sent(PDF), offer="nothing")
        assert carl(HOME, **wrong).status_code == 422
        assert of_berta(database) == []
        assert list(settings_of(app).uploads.iterdir()) == []

    def test_a_form_that_fails_shows_what_was_typed(self, carl, world):
        answer = carl(HOME, **form(world, threshold="many", body="What I wrote."))
        assert answer.status_code == 422
        assert "Type a whole number" in answer.text
        assert "What I wrote." in answer.text

    def test_only_who_may_can_send_what_is_large(self, client, sign_in, csrf_token, carl, world):
        large = form(world, kind="file", file=sent(PDF + bytes(1_500_000)))
        assert carl(HOME, **large).status_code == 303
        sign_in(client, "dora")
        large = form(world, kind="file", file=sent(PDF + bytes(1_500_000)))
        answer = client.post(HOME, **whole({**large, "csrf_token": csrf_token(client)}))
        assert answer.status_code == 413

    def test_what_is_larger_than_the_setting_is_refused(self, app, carl, database, world):
        object.__setattr__(settings_of(app), "upload_bytes_max", 1_000_000)
        for extra in (1, 2_000_000):
            file = sent(PDF[:5] + bytes(1_000_000 - 5 + extra))
            answer = carl(HOME, **form(world, kind="file", file=file))
            assert answer.status_code in {413, 422}
        assert of_berta(database) == []
        assert list(settings_of(app).uploads.iterdir()) == []


class TestACrash:
    def test_between_file_and_row_leaves_a_file_that_is_never_served_and_goes(
        self, app, database, folder, gives
    ):
        kept = gives(
            takes=1,
            kind="file",
            body="",
            file=shelf.upload(folder, PDF, now=clock.now()),
        )
        orphan = shelf.upload(folder, PDF + b"orphan", now=clock.now())
        (settings_of(app).uploads / f"{'a' * 32}.part").write_bytes(b"half")
        path = settings_of(app).uploads / orphan.name

        sweep.sweep(database, now=clock.now() + timedelta(hours=23), uploads=folder)
        assert path.exists(), "its row may be about to be committed"
        sweep.sweep(database, now=clock.now() + timedelta(hours=25), uploads=folder)

        assert not path.exists()
        left = {file.name for file in settings_of(app).uploads.iterdir()}
        with database.reading() as db:
            assert left == content_items.file_names(db)
        assert kept

    def test_a_transaction_that_fails_names_no_file(self, database, folder, world):
        brand_id, offer = world
        file = shelf.upload(folder, PDF, now=clock.now())
        with pytest.raises(RuntimeError), database.transaction() as db:
            shelf.item(db, brand_id, offer, now=clock.now(), kind="file", body="", file=file)
            raise RuntimeError
        with database.reading() as db:
            assert content_items.file_names(db) == set()
