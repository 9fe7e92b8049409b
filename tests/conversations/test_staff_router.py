"""Every staff command and button has a route, and works only for people with the role."""

import pytest

from conversations import staff_router, staff_routes
from conversations.core.buttons.packing import StaffButtonData
from conversations.core.context import Context
from conversations.core.events import CommandSent, PersistentButtonPressed
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Toast
from conversations.journey import commands
from conversations.model.roles import Role
from conversations.router import begin
from tests.conversations.core.buttons.test_published_buttons import PERSISTENT
from tests.conversations.play import NOW

STAFF = ("admin", "broadcasts", "campaigns", "new_campaign", "stats")
BUTTONS = [button for _, button in PERSISTENT if isinstance(button, StaffButtonData)]


def context(role: Role | None) -> Context:
    deployment = Deployment({}, "river_bot", "actions@send.example", "tests@send.example")
    return Context(deployment, begin(1, "en"), Facts("Olga", "en", role=role), NOW, 7)


def test_every_staff_button_has_a_route() -> None:
    every = {type(button) for _, button in PERSISTENT}
    in_modules = {each for each in every if each.__module__.rpartition(".")[2] in STAFF}
    assert {type(button) for button in BUTTONS} == in_modules == set(staff_routes.BUTTONS)


def test_every_staff_command_of_the_menu_has_a_route_for_its_role() -> None:
    routes = staff_routes.COMMANDS
    assert set(routes) == {*commands.FOR_CAMPAIGNERS, *commands.FOR_ADMINS}
    for name, route in routes.items():
        assert route.role is (Role.ADMIN if name in commands.FOR_ADMINS else Role.CAMPAIGNER)


@pytest.mark.parametrize("button", BUTTONS, ids=repr)
def test_a_button_does_nothing_without_its_role(button: StaffButtonData) -> None:
    needed = staff_routes.BUTTONS[type(button)].role
    others = (None, Role.CAMPAIGNER) if needed is Role.ADMIN else (None,)
    for role in others:
        turn = staff_router.advance(context(role), PersistentButtonPressed(button))
        assert turn is not None
        assert [type(reply) for reply in turn.replies] == [Toast]
        assert turn.effects == ()


@pytest.mark.parametrize("name", staff_routes.COMMANDS)
def test_a_command_is_unknown_without_its_role(name: str) -> None:
    assert staff_router.advance(context(None), CommandSent(name)) is None
