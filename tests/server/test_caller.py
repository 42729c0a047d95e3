"""Who may do what for a brand."""

import re

import pytest
from flask import Flask

from server.store.teams import Role
from server.web import caller
from tests import make

ALLOWED = {
    "offers:read": {"owner", "manager", "reviewer", "analyst"},
    "offers:write": {"owner", "manager"},
    "questions:read": {"owner", "manager", "reviewer", "analyst"},
    "questions:write": {"owner", "manager"},
    "conversations:answer": {"owner", "manager", "reviewer"},
    "codes:revoke": {"owner", "manager"},
    "partners:write": {"owner", "manager"},
    "requests:answer": {"owner", "manager"},
    "stripe:write": {"owner"},
    "team:write": {"owner"},
}
CASES = [(permission, role) for permission in ALLOWED for role in Role]


@pytest.fixture
def desk(app: Flask) -> str:
    """Give the app an address for each permission at each brand."""

    def view(permission: str, slug: str) -> dict[str, object]:
        staff = caller.staff(permission, slug)
        return {"member": staff.member_id, "brand": staff.brand.brand_id, "role": staff.brand.role}

    app.add_url_rule("/test/<permission>/at/<slug>", view_func=view)
    return "/test/{}/at/{}"


def without_token(page: str) -> str:
    """Return a page without its forms' token, which holds the time, and the address it is at."""
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", page)
    return re.sub(r"/language/(\w+)\?next=[^\"]*", r"/language/\1", page)


def test_the_story_knows_every_permission():
    assert set(caller.PERMISSIONS) == set(ALLOWED)


@pytest.mark.parametrize(("permission", "role"), CASES)
def test_a_role_may_do_what_the_map_says(desk, client, database, sign_in, permission, role):
    carl = sign_in(client, "carl")
    with database.transaction() as db:
        berta = make.brand(db)
        make.team(db, make.brand(db, "other", hosts=()), carl, Role.OWNER)
        make.team(db, berta, carl, role)

    answer = client.get(desk.format(permission, "bertas-boots"))

    if role in ALLOWED[permission]:
        assert answer.json == {"member": carl, "brand": berta, "role": role}
    else:
        assert answer.status_code == 403
    assert caller.allows(role, permission) == (role in ALLOWED[permission])


@pytest.mark.parametrize("permission", ALLOWED)
def test_a_stranger_cannot_tell_a_brand_from_none(desk, client, database, sign_in, permission):
    dora = sign_in(client, "dora")
    with database.transaction() as db:
        make.team(db, make.brand(db), make.member(db, "carl"), Role.OWNER)
        make.team(db, make.brand(db, "doras", hosts=()), dora, Role.OWNER)

    real = client.get(desk.format(permission, "bertas-boots"))
    none = client.get(desk.format(permission, "no-such-brand"))

    assert real.status_code == none.status_code == 404
    assert without_token(real.text) == without_token(none.text)
    assert client.get(desk.format(permission, "doras")).status_code == 200


@pytest.mark.parametrize("permission", ALLOWED)
def test_nobody_is_asked_to_sign_in(desk, client, permission):
    answer = client.get(desk.format(permission, "bertas-boots"))

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")


def test_an_unreadable_name_is_no_brand(desk, client, sign_in):
    sign_in(client, "carl")

    assert client.get(desk.format("offers:read", "%00")).status_code in {400, 404}
    assert client.get(desk.format("offers:read", "é" * 300)).status_code == 404


def test_a_permission_that_does_not_exist_is_a_mistake_of_ours(desk, client, sign_in):
    sign_in(client, "carl")

    assert client.get(desk.format("no:permission", "bertas-boots")).status_code == 500
