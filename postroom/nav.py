"""The menu as data. Each app registers its own items when it starts; a page shows those that the person may use."""

from collections.abc import Callable, Set
from dataclasses import dataclass

from postroom.people.roles import Role


def everyone(roles: Set[Role]) -> bool:
    """For anyone signed in."""
    return True


def any_of(*wanted: Role) -> Callable[[Set[Role]], bool]:
    """For those who hold at least one of `wanted`, anywhere."""
    return lambda roles: not roles.isdisjoint(wanted)


@dataclass(frozen=True)
class NavItem:
    """One item: `url_name` without arguments, shown where `shown_to(roles)` is true, in the order of `order`.

    It only decides what is shown. Each view checks for itself who may come in.
    """

    label: str
    url_name: str
    order: int
    shown_to: Callable[[Set[Role]], bool] = everyone


NAV: list[NavItem] = []


def register(*items: NavItem) -> None:
    """Add items to the menu; call it in AppConfig.ready(). The same item twice stays one."""
    NAV.extend(item for item in items if item not in NAV)
    NAV.sort(key=lambda item: item.order)


def items_for(roles: Set[Role]) -> list[NavItem]:
    """The menu of somebody who holds `roles`, in order."""
    return [item for item in NAV if item.shown_to(roles)]
