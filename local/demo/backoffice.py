"""The act of Dynamics GP and ShipBob: an ERP in the cellar that can call nobody, and never hears a number back.

Customers order, the warehouse packs, GP users transfer and post; whatever else happens was done by the deployed
functions, over https with the company's own certificates and real NTLM.
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from local.demo import closing, docket
from local.demo.act import Scene, Scenes, Tell
from local.demo.books import Row
from local.demo.companies.gp import ACCOUNT, CENTRE, PRODUCTS, GpCompany
from local.demo.internet import answers
from local.demo.people import Operator
from local.demo.table import Line
from local.demo.watch import View
from local.sample.connection import GP_NAME
from local.simulators.base import Fault
from local.simulators.dynamics_gp.network import SOAP_PATH

CORD, PHONE, HEADSET = PRODUCTS
NEW_PASSWORD = "Autumn-2026"


class BackOfficeAct:
    """Orders into GP; parcels and returned goods after them; goods on their way to ShipBob announced there."""

    name, title = "dynamics_gp", "Documents and goods, read from the stores of Dynamics GP and ShipBob"
    pair, connection, sides = "dynamicsgp_shipbob", GP_NAME, docket.SIDES

    def __init__(self, company: GpCompany, operator: Operator, document: Mapping[str, Any], tell: Tell) -> None:
        self.company, self._operator, self._tell = company, operator, tell
        self._rules = docket.rules_of(document)
        self._view = View()
        self._typing: Future[Any] | None = None
        self._return = 0
        self.plot = Scenes(*self._scenes())

    def step(self, now: float, view: View) -> None:
        """Plays the next scene when its moment has come. Raises CommandFailed."""
        self._view = view
        if self._typing is not None and self._typing.done():
            self._typing.result()
        self.plot.play()

    def compared(self) -> list[Line]:
        """The closing table, read over the control doors."""
        company = self.company
        address = f"{company.gp_url.removesuffix(SOAP_PATH)}/_control/holdings"
        with urllib.request.urlopen(address, timeout=30, context=company.trust) as answer:
            gp: dict[str, Any] = json.load(answer)
        domain = {"refused": company.directory.legs["refused"], "locked": len(company.directory.locked)}
        return docket.compare(gp, closing.holdings(company.shipbob_url), self._rules, domain)

    def facts(self) -> Mapping[str, Any]:
        """What was moved, and what it cost in calls."""
        calls = Counter(call.path.rpartition("#")[2] for call in self.company.gp.calls)
        orders = len(self.company.shipbob.holdings()["orders"])
        return {
            "orders": orders,
            "calls": dict(sorted(calls.items())),
            "calls_per_order": round(calls.total() / orders, 1) if orders else 0.0,
            "sign_ins": dict(self.company.directory.legs),
            "webhooks": dict(self.company.webhooks),
        }

    def notes(self) -> Sequence[str]:
        """The same in sentences."""
        facts = self.facts()
        writes = ", ".join(f"{name} {count}" for name, count in facts["calls"].items() if not name.startswith("Get"))
        return [
            f"{facts['orders']} orders. Calls to GP: {sum(facts['calls'].values())}, of these writes: {writes}.",
            f"Windows sign-ins: {facts['sign_ins']['accepted']} accepted, {facts['sign_ins']['refused']} refused. "
            f"Webhooks from ShipBob: {answers(facts['webhooks'])}.",
        ]

    def plant_a_difference(self) -> None:
        """A GP user takes a tracking number off an order, behind everybody's back."""
        rows = self.company.gp.holdings()["sales"]
        row = next(it for it in rows if it["type"] == "Order" and it["state"] == "Work" and it["tracking_numbers"])
        change = {"number": row["number"], "remove_tracking": row["tracking_numbers"][:1]}
        self.company.gp.command("edit", change)
        self._tell(f"A difference is planted: a GP user takes a tracking number off {row['number']}.")

    # ---- the scenes, one after the other -------------------------------------------------------------------

    def _scenes(self) -> list[Scene]:
        return [
            Scene("morning", lambda: True, self._sell_the_morning),
            Scene("line breaks", self._all_entered, self._break_the_line),
            Scene("the password changes", self._all_entered, self._change_the_password),
            Scene("the operator is called", self._circuit_is_open, self._set_the_password),
            Scene("packing", self._all_entered, self._pack),
            Scene("GP users", self._all_fulfilled, self._transfer_and_post),
            Scene("a parcel comes back", self._announced, self._send_back),
            Scene("the return is posted", self._return_entered, self._post_the_return),
        ]

    def _orders(self) -> dict[str, Row]:
        return docket.holds(self.company.gp.holdings(), "Order")

    def _all_entered(self) -> bool:
        asked = {f"SB-{number}" for number in self.company.shipbob.holdings()["orders"]}
        return asked <= set(self._orders()) and not self._view.moving() and not self._view.stuck("orders")

    def _circuit_is_open(self) -> bool:
        return bool(self._view.stuck("orders"))

    def _all_fulfilled(self) -> bool:
        lines = [line for order in self._orders().values() for line in order["fields"]["Lines"]]
        return all(line["QuantityFulfilled"] == line["Quantity"] for line in lines) and not self._view.moving()

    def _announced(self) -> bool:
        return bool(self.company.shipbob.holdings()["receiving"])

    def _return_entered(self) -> bool:
        return bool(docket.holds(self.company.gp.holdings(), "Return")) and not self._view.moving()

    def _sell_the_morning(self) -> None:
        for lines in (((CORD, 2), (PHONE, 1)), ((HEADSET, 3),), ((CORD, 1),)):
            self.company.order(*lines)
        self._tell("Three customers order in the web store. Dynamics GP hears of them when ShipBob is asked.")

    def _break_the_line(self) -> None:
        self.company.gp.dial.plan(Fault.DROP_AFTER, "#CreateSalesOrder$")
        number = self.company.order((PHONE, 2))
        self._tell(f"GP saves ShipBob's order {number}, the line breaks, and no number comes back.")

    def _change_the_password(self) -> None:
        self.company.directory.accounts = {ACCOUNT: NEW_PASSWORD}
        number = self.company.order((HEADSET, 1))
        self._tell(f"The Windows password expires. Order {number} waits: a refused sign-in is not repeated.")

    def _set_the_password(self) -> None:
        members = self.company.credentials(NEW_PASSWORD)
        self._typing = self._operator.store_secret(self.connection, "dynamics_gp", members)
        self._tell("The operator sets the new password, and what waited goes on.")

    def _pack(self) -> None:
        first, *others = sorted(int(number) for number in self.company.shipbob.holdings()["orders"])
        parcels = [{"lines": [{"sku": CORD, "quantity": 1}]},
                   {"lines": [{"sku": CORD, "quantity": 1}, {"sku": PHONE, "quantity": 1}]}]  # fmt: skip
        self.company.shipbob.command("fulfil", {"order_id": first, "packages": parcels})
        for number in others:
            self.company.shipbob.command("fulfil", {"order_id": number})
        self._tell("The warehouse packs everything; the first order leaves in two parcels.")

    def _transfer_and_post(self) -> None:
        run = self.company.gp.command
        order = min(row["number"] for row in self._orders().values())
        invoice = run("transfer", {"number": order})
        run("post", {"type": "Invoice", "number": invoice})
        row = {"item": PRODUCTS[HEADSET], "quantity": 12, "site": "NORTH", "to_site": self._rules.site}
        # Posted documents are looked for a minute behind the present; spectators need not wait for it.
        number = run("enter_inventory", {"kind": "transfer", "lines": [row], "seconds_ago": 65})
        self._tell(f"GP users post invoice {invoice} of {order}, and transfer {number}: twelve headsets go to ShipBob.")

    def _send_back(self) -> None:
        run = self.company.shipbob.command
        parcel = next(row for row in docket.left(self.company.shipbob.holdings()) if len(row["products"]) == 2)
        self._return = int(run("announce_stray_return", {"shipment_id": parcel["id"]}))
        done = ((CORD, "Restock"), (PHONE, "Dispose"))
        actions = [{"sku": sku, "action": action, "quantity": 1} for sku, action in done]
        run("process_return", {"return_id": self._return, "step": "complete", "actions": actions})
        self._tell(f"A parcel comes back to centre {CENTRE}: the cord is good, the phone is not.")

    def _post_the_return(self) -> None:
        number = docket.holds(self.company.gp.holdings(), "Return")[f"SBR-{self._return}"]["number"]
        self.company.gp.command("post", {"type": "Return", "number": number})
        self._tell(f"A GP user posts return {number}: only now the stock moves.")
