"""Brands and the domains that they can have."""

import pytest
from sqlmodel import Session

from server.errors import BrandTaken, Invalid
from server.services import brands, domains, offers
from server.store.brands import BrandDomain
from tests import make

SHARED = (
    "com",
    "example",
    "co.uk",
    "github.io",
    "myshopify.com",
    "kawasaki.jp",
    "xn--55qx5d.cn",
    "co.uk:8443",
)
OWN = (
    "berta.example",
    "berta.co.uk",
    "berta.github.io",
    "city.kawasaki.jp",
    "xn--schuhgre-wya3u.example",
    "localhost:8003",
    "127.0.0.1:8003",
)


def add(db: Session, *hosts: str, slug: str = "bertas-boots") -> brands.BrandView:
    return brands.add(
        db, slug=slug, name="Berta's Boots", currency="EUR", hosts=list(hosts), now=make.THEN
    )


class TestAdd:
    @pytest.mark.parametrize("host", OWN)
    def test_takes_a_domain_that_somebody_can_own(self, db: Session, host: str):
        assert add(db, host).slug == "bertas-boots"

    @pytest.mark.parametrize("host", SHARED)
    def test_refuses_a_name_below_which_everybody_can_have_one(self, db: Session, host: str):
        with pytest.raises(Invalid, match="Everybody can have a name below"):
            add(db, "berta.example", host)

    @pytest.mark.parametrize(
        "host",
        ["", "Berta.example", "b\u0435rta.example", "berta.example/", "a b", "*.berta.example"],
    )
    def test_refuses_what_is_no_host_name_as_browsers_write_it(self, db: Session, host: str):
        with pytest.raises(Invalid, match="is not a host name"):
            add(db, host)

    def test_a_domain_belongs_to_one_brand(self, db: Session):
        add(db, "berta.example")
        with pytest.raises(BrandTaken):
            add(db, "berta.example", slug="carls-caps")


def test_a_domain_that_became_everybodys_is_not_published(db: Session):
    brand_id = make.brand(db, hosts=("127.0.0.1:8003",))
    db.add(BrandDomain(brand_id=brand_id, host="github.io"))
    offer = make.offer(db, brand_id)
    make.offer(
        db, make.brand(db, "hats", hosts=("hats.example",)), page_url="https://hats.example/"
    )

    found = {view.public_id: hosts for view, hosts in offers.published(db)}

    assert found[offer.public_id] == ["127.0.0.1:8003"]
    assert sorted(map(len, found.values())) == [1, 1]


def test_a_port_changes_nothing():
    assert domains.is_shared("co.uk:443")
    assert not domains.is_shared("berta.co.uk:443")
