from halls.schemas import Names
from orders.schemas import Kind, Product
from orders.sourcing_rules import DEFAULT, Rule, rule_for

CASE = Product(
    sku="case-x200",
    rev=1,
    names=Names(zh="壳", en="Case"),
    price=100,
    kind=Kind.ACCESSORY,
    description=None,
    attributes=(),
    picture=None,
    listed_from=None,
    listed_to=None,
    limit_per_person=None,
    serialised=False,
)
EVERY = Rule(places=("@hall",))
PROVINCE = Rule(places=("@hall",), province="tianjin")
KIND = Rule(places=("@hall",), kind=Kind.ACCESSORY)
KIND_THERE = Rule(places=("@hall",), kind=Kind.ACCESSORY, province="tianjin")
SKU = Rule(places=("@hall",), sku="case-x200")
OTHERS = (Rule(places=("@hall",), kind=Kind.SIM), Rule(places=("@hall",), province="hebei", sku="case-x200"))


def test_without_a_rule_the_usual_order_holds() -> None:
    assert rule_for(OTHERS, "tianjin", CASE) is DEFAULT


def test_the_narrowest_rule_that_fits_holds() -> None:
    rules = [EVERY, PROVINCE, KIND, KIND_THERE, SKU, *OTHERS]

    for narrowest in (SKU, KIND_THERE, KIND, PROVINCE, EVERY):
        assert rule_for(rules, "tianjin", CASE) is narrowest
        rules.remove(narrowest)
