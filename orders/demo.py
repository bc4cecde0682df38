"""The demo's products: examples with fixed SKUs, so that scripts can use them. No maker's goods, and no offer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from halls.schemas import Names
from o2o.kernel.audit import PROGRAM
from orders.money import money
from orders.products import products_by_sku, put_product
from orders.schemas import Attribute, Description, Kind, ProductInput


async def load_demo_products(now: datetime) -> None:
    """Put what is missing; a product that is there stays as it is."""
    there = await products_by_sku(DEMO_PRODUCTS)
    for sku, given in DEMO_PRODUCTS.items():
        if sku not in there:
            await put_product(sku, given, now=now, actor=PROGRAM)


def _named(zh: str, en: str) -> Names:
    return Names(zh=zh, en=en)


def _phone(zh: str, en: str, picture: str) -> ProductInput:
    return ProductInput(
        names=_named(f"星途 X200 5G 手机 {zh}", f"Xingtu X200 5G phone, {en}"),
        description=Description(
            zh="6.5 英寸屏幕，12 GB + 256 GB，双卡 5G。到店可试用。",
            en="6.5-inch screen, 12 GB and 256 GB, two 5G SIMs. Try it in the hall.",
        ),
        price=money(349_900),
        kind=Kind.DEVICE,
        attributes=(
            Attribute(_COLOUR, _named(zh, en)),
            Attribute(_named("存储", "Storage"), _named("12 GB + 256 GB", "12 GB and 256 GB")),
        ),
        picture=picture,
        limit_per_person=2,
        serialised=True,
    )


_COLOUR: Final = _named("颜色", "Colour")

DEMO_PRODUCTS: Final[Mapping[str, ProductInput]] = {
    "phone-x200-black": _phone("曜石黑", "obsidian black", "phone-x200-black.svg"),
    "phone-x200-white": _phone("雪山白", "snow white", "phone-x200-white.svg"),
    "router-ax3000": ProductInput(
        names=_named("AX3000 Wi-Fi 6 路由器", "AX3000 Wi-Fi 6 router"),
        description=Description(
            zh="双频千兆，四天线，手机上几分钟设好。", en="Two bands, four aerials, set up on the phone in minutes."
        ),
        price=money(22_900),
        kind=Kind.DEVICE,
        attributes=(Attribute(_named("网口", "Ports"), _named("4 个千兆口", "4 gigabit ports")),),
        picture="router-ax3000.svg",
    ),
    "watch-s3": ProductInput(
        names=_named("星途智能手表 S3", "Xingtu smart watch S3"),
        description=Description(
            zh="eSIM 独立通话，心率与睡眠，续航七天。",
            en="Calls by its own eSIM, heart rate and sleep, seven days a charge.",
        ),
        price=money(129_900),
        kind=Kind.DEVICE,
        attributes=(Attribute(_COLOUR, _named("海蓝表带", "Sea-blue band")),),
        picture="watch-s3.svg",
    ),
    "case-x200": ProductInput(
        names=_named("X200 手机壳", "Case for the X200"),
        description=Description(zh="软边防摔，附挂绳。", en="Soft edges that bear a fall, with a strap."),
        price=money(4_900),
        kind=Kind.ACCESSORY,
        attributes=(Attribute(_COLOUR, _named("薄荷绿", "Mint")),),
        picture="case-x200.svg",
    ),
    "sim-5g": ProductInput(
        names=_named("5G 手机卡", "5G SIM card"),
        description=Description(
            zh="凭本人身份证当面实名办理，一人最多五张。",
            en="Made out in person on your identity card, five a person at most.",
        ),
        price=money(0),
        kind=Kind.SIM,
        picture="sim-5g.svg",
        limit_per_person=5,
        serialised=True,
    ),
    "topup-100": ProductInput(
        names=_named("100 元充值卡", "¥100 top-up card"),
        description=Description(zh="全国通用，刮开即用。", en="Good for any number; scratch and use."),
        price=money(10_000),
        kind=Kind.TOPUP,
        picture="topup-100.svg",
        limit_per_person=10,
    ),
    "plan-5g-129": ProductInput(
        names=_named("5G 畅享套餐 129 元", "5G plan 129"),
        description=Description(
            zh="每月 60 GB 流量、1000 分钟通话，次月生效。",
            en="60 GB and 1,000 minutes a month, from next month on.",
        ),
        price=money(12_900),
        kind=Kind.PLAN,
        picture="plan-5g-129.svg",
        limit_per_person=1,
    ),
}
