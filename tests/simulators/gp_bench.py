"""A bench for the Dynamics GP simulator: a clock, a seeded company, requests built and answers read by type."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from local.simulators.base import Reply, Request
from local.simulators.dynamics_gp import DynamicsGpSimulator, Switches
from local.simulators.dynamics_gp.operations import ACTION, OPERATIONS
from local.simulators.dynamics_gp.policies import policy_id
from local.simulators.dynamics_gp.reading import Rules, read
from local.simulators.dynamics_gp.schema import DYNAMICS, GP, SOAP, XSI
from local.simulators.dynamics_gp.values import NO_DATE
from local.simulators.dynamics_gp.writing import KIND, write

PATH = "/DynamicsGPWebServices/DynamicsGPService.asmx"
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
Edit = Callable[[etree._Element], None]


class Faulted(Exception):
    """The answer was a SOAP fault. `guid` is the validation result's, or empty."""

    def __init__(self, reply: Reply) -> None:
        root = etree.fromstring(reply.body)
        self.status = reply.status
        self.text = root.findtext(".//faultstring") or ""
        self.code = root.findtext(".//faultcode") or ""
        self.guid = root.findtext(f".//{{{GP}}}Message") or ""
        super().__init__(f"{self.code}: {self.text} {self.guid}")


@dataclass
class Bench:
    """The simulator with its company, and the callers' end of the wire."""

    switches: Switches = field(default_factory=Switches)
    now: datetime = NOW
    sim: DynamicsGpSimulator = field(init=False)

    def __post_init__(self) -> None:
        self.sim = DynamicsGpSimulator(lambda: self.now, switches=self.switches)
        self.sim.command("seed_fabrikam", {})

    def wait(self, **span: float) -> None:
        """Time passes."""
        self.now += timedelta(**span)

    def message(
        self,
        operation: str,
        subject: Any = None,
        *,
        policy: Any = None,
        company: int | None = -1,
        edit: Edit | None = None,
    ) -> bytes:
        """The request of an operation; `edit` may spoil its envelope before it is sent."""
        shape = OPERATIONS[operation]
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        element = etree.SubElement(body, f"{{{GP}}}{operation}", nsmap={None: GP, "dyn": DYNAMICS, "xsi": XSI})  # type: ignore[dict-item]
        if shape.subject is not None and subject is not None:
            write(element, shape.subject.name, shape.subject.type, subject)
        context: dict[str, Any] = {"CultureName": "en-US", "CurrencyType": "Transactional"}
        if company is not None:
            context["OrganizationKey"] = {KIND: "CompanyKey", "Id": company}
        write(element, "context", "Context", context)
        if company is not None:
            organization = element.find(f"{{{GP}}}context/{{{DYNAMICS}}}OrganizationKey")
            assert organization is not None
            organization.set(f"{{{XSI}}}type", "dyn:CompanyKey")
        if shape.writes:
            write(element, "policy", "Policy", policy or {"Key": {"Id": policy_id(operation)}})
        if edit is not None:
            edit(envelope)
        return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")

    def post(self, operation: str, body: bytes, **headers: str) -> Reply:
        """Sends a message as it is."""
        given = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}{operation}"'}
        return self.sim.handle(Request("POST", PATH, "", {**given, **headers}, body))

    def ask(self, operation: str, subject: Any = None, **how: Any) -> Any:
        """One call; answers the result (None for a write), raises Faulted."""
        reply = self.post(operation, self.message(operation, subject, **how))
        if reply.status != 200:
            raise Faulted(reply)
        shape = OPERATIONS[operation]
        answer = etree.fromstring(reply.body)[0][0]
        assert answer.tag == f"{{{GP}}}{operation}Response"
        if shape.result is None:
            assert len(answer) == 0
            return None
        if shape.many:
            return [read(row, shape.result, operation, Rules()) for row in answer[0]]
        return read(answer[0], shape.result, operation, Rules())

    def problems(self, operation: str, subject: Any, **how: Any) -> str:
        """The messages of the validation result that a call ends in."""
        fault = self.fault(operation, subject, **how)
        assert fault.text == "A validation exception has occurred."
        assert re.fullmatch(r"[0-9a-f-]{36}", fault.guid)
        rows = self.ask("GetLoggedValidationResultByKey", fault.guid)["Errors"]
        return " | ".join(row["Message"] for row in rows)

    def fault(self, operation: str, subject: Any = None, **how: Any) -> Faulted:
        """The fault that a call ends in."""
        with pytest.raises(Faulted) as caught:
            self.ask(operation, subject, **how)
        return caught.value

    def order(self, number: str = "SB1", **changes: Any) -> dict[str, Any]:
        """A good order: two cords and one phone."""
        made: dict[str, Any] = {
            "Key": {"Id": number},
            "CustomerPONumber": f"PO-{number}",
            "DocumentTypeKey": {"Type": "Order", "Id": "STDORD"},
            "WarehouseKey": {"Id": "WAREHOUSE"},
            "CustomerKey": {"Id": "AARONFIT0001"},
            "BatchKey": {"Id": "SHIPBOB", "CreatedDateTime": NO_DATE},
            "Lines": [line("ACCS-CRD-12WH", 2), line("PHON-ATT-53BL", 1)],
        }
        return {**made, **copy.deepcopy(changes)}

    def stock(self, item: str = "ACCS-CRD-12WH", site: str = "WAREHOUSE") -> dict[str, Any]:
        """What the vendor's own store says a site holds of an item."""
        rows = self.sim.holdings()["stock"]
        return next(dict(row) for row in rows if (row["item"], row["site"]) == (item, site))

    def held(self, number: str = "SB1", type_: str = "Order") -> dict[str, Any]:
        """The document as the vendor's own store holds it."""
        rows = self.sim.holdings()["sales"]
        return next(dict(row) for row in rows if (row["type"], row["number"]) == (type_, number))


def amount(value: float | str, digits: int = 0) -> dict[str, Any]:
    """A Quantity."""
    return {"Value": Decimal(str(value)), "DecimalDigits": digits}


def dollars(value: str) -> dict[str, Any]:
    """A MoneyAmount."""
    return {"Currency": "USD", "Value": Decimal(value), "DecimalDigits": 2}


def line(item: str, quantity: float, **more: Any) -> dict[str, Any]:
    """A line of an order."""
    return {"ItemKey": {"Id": item}, "Quantity": amount(quantity), **more}


def change(sequence: int, **more: Any) -> dict[str, Any]:
    """A line of an update."""
    return {"Key": {"LineSequenceNumber": sequence}, **more}
