"""Companies, policies and the lists that mapping tables are checked against."""

from __future__ import annotations

from dataclasses import dataclass

from vendors.dynamics_gp.xml import Node

UNIT_PRICE = "2e873316-fee1-460e-8da1-12167013401b"
"""Id of the behaviour "Calculate Unit Price": with Calculate, GP's price lists win over the prices that are sent."""


@dataclass(frozen=True)
class Company:
    """A company that the account may see."""

    company_id: int
    name: str


@dataclass(frozen=True)
class Behaviour:
    """One rule of a policy, and its chosen option. Internal ones are changed in the Dynamics Security Console alone."""

    behaviour_id: str
    name: str
    internal: bool
    selected: str
    selected_id: str


@dataclass(frozen=True)
class Problem:
    """One reason of a validation exception."""

    about: str
    properties: tuple[str, ...]
    message: str
    identifier: str

    def __str__(self) -> str:
        place = ".".join(part for part in (self.about, "/".join(self.properties)) if part)
        return f"{place}: {self.message}" if place else self.message


def parse_company(node: Node) -> Company:
    """A company. Raises ValueError without an id."""
    return Company(int(node.needed("Key", "Id")), node.text("Name"))


def parse_behaviours(policy: Node) -> tuple[Behaviour, ...]:
    """The rules of a policy."""
    return tuple(
        Behaviour(
            row.text("Key", "Id").casefold(),
            row.text("Name"),
            row.flag("Internal"),
            row.text("SelectedOption", "Name"),
            row.text("SelectedOption", "Key", "Id"),
        )
        for row in policy.each("Behaviors", "Behavior")
    )


def calculates_prices(policy: Node) -> bool | None:
    """Whether GP replaces the unit prices that are sent; None when the policy does not say."""
    for row in parse_behaviours(policy):
        if row.behaviour_id == UNIT_PRICE or "calculate unit price" in row.name.casefold():
            return row.selected_id != "0" if row.selected_id else None
    return None


def parse_problems(result: Node) -> tuple[Problem, ...]:
    """The reasons of a validation exception: errors first, then warnings."""
    rows = [*result.each("Errors", "ValidationError"), *result.each("Warnings", "ValidationWarning")]
    return tuple(
        Problem(
            row.text("ObjectType"),
            tuple(name.text() for name in row.each("PropertyNames", "string")),
            row.text("Message"),
            row.text("Id"),
        )
        for row in rows
    )
