"""People, as the command line and the demo change them."""

import pytest

from o2o.kernel.clock import to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.models import Deed
from staff.demo import load_demo_people
from staff.errors import NoRightError, PersonExistsError, PersonNotFoundError
from staff.models import Grant, Person
from staff.passwords import verify_password
from staff.people import adding, disabling, parse_right, prepare, removing_pin, setting_password, settle
from staff.queries import people, person_by_username
from staff.schemas import Right, Staff
from staff.sessions import By
from staff.states import Role
from tests.serving import START, Service

BY = By("staff:hq", to_ms(START))


async def test_a_username_is_given_once(service: Service) -> None:
    with pytest.raises(PersonExistsError):
        await settle("clerk1", adding(await prepare("clerk1", "Another", "long enough", [parse_right("hq")]), BY))

    assert await Grant.filter(role="hq").count() == 1


@pytest.mark.parametrize(
    ("username", "name", "password", "field"),
    [
        ("Clerk", "Name", "long enough", "username"),
        ("a b", "Name", "long enough", "username"),
        ("clerk\x00", "Name", "long enough", "username"),
        ("new", "", "long enough", "name"),
        ("new", "Right\u202eto left", "long enough", "name"),
        ("new", "Name", "short", "password"),
    ],
)
async def test_bad_input_names_the_field(service: Service, username: str, name: str, password: str, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await prepare(username, name, password, [])

    assert refused.value.details["field"] == field
    assert await Person.all().count() == 3


async def test_nobody_unknown_is_disabled(service: Service) -> None:
    with pytest.raises(PersonNotFoundError):
        await settle("nobody", disabling("nobody", BY))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("hq", Right(Role.HQ, "*")),
        ("manager:heping", Right(Role.MANAGER, "heping")),
        ("clerk:heping", Right(Role.CLERK, "heping")),
        ("clerk:heping:heping-1", Right(Role.CLERK, "heping", "heping-1")),
        ("province:tianjin", Right(Role.PROVINCE, "tianjin")),
        ("warehouse:tianjin", Right(Role.WAREHOUSE, "tianjin")),
    ],
)
def test_a_right_as_it_is_typed(text: str, right: Right) -> None:
    assert parse_right(text) == right


@pytest.mark.parametrize(
    "text", ["", "clerk", "manager:", "manager:*", "manager:a:b", "province", "hq:heping", "clerk:a:b:c", "boss:heping"]
)
def test_another_text_is_no_right(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_right(text)


async def test_the_demo_has_the_people_that_the_contract_names(service: Service) -> None:
    await load_demo_people("demo-password", START)
    everyone = {person.username: person.roles[0] for person in await people()}

    assert sorted(everyone) == sorted([f"clerk{n}" for n in range(1, 9)] + ["manager", "warehouse", "province", "hq"])
    assert everyone["clerk5"] == Right(Role.CLERK, "nankai", "nankai-1")
    assert everyone["manager"] == Right(Role.MANAGER, "heping")


async def test_loading_the_demo_again_gives_the_password_that_is_printed_now(service: Service) -> None:
    await load_demo_people("another password", START)

    clerk = await person_by_username("clerk1")

    assert clerk is not None
    assert await verify_password(clerk.password_hash, "another password")


@pytest.mark.parametrize("verb", ["password", "pin", "disable", "enable"])
async def test_who_does_it_is_judged_by_what_the_person_is_at_that_moment(service: Service, verb: str) -> None:
    """Between looking at a person and changing them they may have become more than one's own."""
    manager = Staff(2, "manager", "Manager", (Right(Role.MANAGER, "heping"),), "session", "csrf")
    by = By(manager.principal, to_ms(START), manager)
    await Grant.create(person=await Person.get(username="clerk1"), role="manager", scope="nankai")
    before = await Person.filter(username="clerk1").values()
    verbs = {
        "password": setting_password("clerk1", "a hash", by),
        "pin": removing_pin("clerk1", by),
        "disable": disabling("clerk1", by),
        "enable": disabling("clerk1", by, disabled=False),
    }

    with pytest.raises(NoRightError):
        await settle("clerk1", verbs[verb])

    assert await Person.filter(username="clerk1").values() == before
    assert await Deed.filter(subject="clerk1").count() == 0


async def test_a_command_may_whatever_it_says(service: Service) -> None:
    await settle("hq", disabling("hq", BY))

    assert (await Deed.get(subject="hq")).actor == "staff:hq"
