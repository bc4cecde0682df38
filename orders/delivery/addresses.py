"""Where something goes: an address, checked against China's administrative divisions. Pure."""

from collections.abc import Collection
from typing import Annotated, Final

from msgspec import Meta, Struct, structs

from halls.fields import TEXT_PATTERN
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.delivery.divisions import IDS, city_named, named, nearest, provinces

SUGGESTED: Final = 12
"""A refusal names so many possible names at most, the likeliest first."""

Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=TEXT_PATTERN, description="Who receives it.")]
Division = Annotated[
    str, Meta(max_length=30, pattern=r"^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]*$(?!\n)")
]
Street = Annotated[str, Meta(min_length=2, max_length=120, pattern=TEXT_PATTERN, description="Street, house and room.")]


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """A district, in its province and city, by their full names. A municipality's city may be left empty."""

    province: Division
    city: Division
    district: Division

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
        city = "" if self.city == self.province else self.city
        district = "" if self.district == self.city else self.district
        return f"{self.province}{city}{district}{self.street}"


def checked(address: Address, *, field: str = "address") -> Address:
    """The same address with the full names of its divisions.

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
    city = city_in(region.city, province, field=f"{at}city")
    districts = provinces()[province][city]
    district = named(region.district, districts)
    if district is None:
        message = _("There is no district “%(given)s” in %(within)s.")
        raise _unknown(message, f"{at}district", region.district, districts, city)
    return Region(province, city, district)


def province_in(written: str, *, field: str = "province") -> str:
    """Its full name. Raises InvalidError, as `checked`."""
    province = named(written, provinces())
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
