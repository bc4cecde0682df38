"""Where something goes: an address, checked against China's administrative divisions. Pure."""

from collections.abc import Collection
from itertools import takewhile
from typing import Annotated, Final

from msgspec import Meta, Struct, structs

from halls.fields import TEXT_PATTERN
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.delivery.divisions import HAN, IDS, city_named, in_letters, named, nearest, province_named, provinces

SUGGESTED: Final = 12
"""A refusal names so many possible names at most, the likeliest first."""

Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=TEXT_PATTERN, description="Who receives it.")]
Division = Annotated[
    str, Meta(max_length=30, pattern=r"^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]*$(?!\n)")
]
Street = Annotated[str, Meta(min_length=2, max_length=120, pattern=TEXT_PATTERN, description="Street, house and room.")]


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """A district, in its province and city, by their full names. A municipality's city may be left empty.

    City and district may be in letters (Langfang): then they are taken as they were written.
    """

    province: Division
    city: Division
    district: Division

    @property
    def in_chinese(self) -> str:
        """As much of it as is in Chinese, from the province on: what a carrier can be told."""
        return "".join(takewhile(HAN.search, (self.province, self.city, self.district)))

    @property
    def province_id(self) -> str:
        """Of a checked region: "tianjin"."""
        return IDS[self.province]


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    """Who receives it, and where."""

    name: Name
    province: Division
    city: Division
    district: Division
    street: Street

    @property
    def region(self) -> Region:
        return Region(self.province, self.city, self.district)

    @property
    def province_id(self) -> str:
        """Of a checked address: "tianjin"."""
        return IDS[self.province]

    @property
    def line(self) -> str:
        """As it is written on a parcel, without the name."""
        return (", " if self.is_in_letters else "").join((*self.divisions, self.street))

    @property
    def divisions(self) -> tuple[str, ...]:
        """Each named once."""
        return tuple(dict.fromkeys((self.province, self.city, self.district)))

    @property
    def is_in_letters(self) -> bool:
        """Whether some of it has no Chinese character, so that a courier may not read it."""
        return not all(map(HAN.search, (self.province, self.city, self.district, self.street)))


def checked(address: Address, *, field: str = "address") -> Address:
    """The same address with the full names of its divisions, where they are in Chinese.

    Raises InvalidError that names the field at fault (`address.city`) and `possible` names.
    """
    region = checked_region(address.region, field=field)
    return structs.replace(
        address,
        name=address.name.strip(),
        province=region.province,
        city=region.city,
        district=region.district,
        street=address.street.strip(),
    )


def checked_region(region: Region, *, field: str = "") -> Region:
    """As `checked`, of a region; without a `field` its members are named alone (`city`)."""
    at = f"{field}." if field else ""
    province = province_in(region.province, field=f"{at}province")
    city = _city(region.city, province, field=f"{at}city")
    return Region(province, city, _district(region.district, province, city, field=f"{at}district"))


def _city(written: str, province: str, *, field: str) -> str:
    if in_letters(written) and city_named(written, province) is None:
        return written.strip()
    return city_in(written, province, field=field)


def _district(written: str, province: str, city: str, *, field: str) -> str:
    """One of the city's, or where that is in letters one of the province's."""
    if in_letters(written):
        return written.strip()
    cities = provinces()[province]
    districts = cities.get(city) or [name for some in cities.values() for name in some]
    district = named(written, districts)
    if district is None:
        raise _unknown(_("There is no district “%(given)s” in %(within)s."), field, written, districts, city)
    return district


def province_in(written: str, *, field: str = "province") -> str:
    """Its full name. Raises InvalidError, as `checked`."""
    province = province_named(written)
    if province is None:
        raise _unknown(_("“%(given)s” is no province that we deliver to."), field, written, provinces())
    return province


def city_in(written: str, province: str, *, field: str = "city") -> str:
    """The full name of a city in that province. Raises InvalidError, as `checked`."""
    city = city_named(written, province)
    if city is None:
        message = _("There is no city “%(given)s” in %(within)s.")
        raise _unknown(message, field, written, provinces()[province], province)
    return city


def _unknown(message: str, field: str, given: str, names: Collection[str], within: str = "") -> InvalidError:
    possible = nearest(given, names, SUGGESTED)
    return InvalidError(message, field=field, given=given, within=within, possible=possible)
