"""The act of NetSuite and ShipBob: goods are ordered, arrive in parts, are sold, come back, and are billed.

People buy, stow, pack and close invoices; whatever else happens was done by the deployed functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from local.demo import closing, shelf
from local.demo.act import Scene, Scenes, Tell
from local.demo.companies.netsuite import BRAMPTON, CENTRES, CICERO, OWN, ROUNDING, NetSuiteCompany
from local.demo.internet import answers
from local.demo.place import clock
from local.demo.table import Line
from local.demo.watch import View
from local.sample.connection import NETSUITE_NAME
from local.simulators.base import Fault

FIRST, SECOND, THIRD = (("TEE-BLK-M", 120), ("TEE-BLK-L", 60)), (("TOTE-01", 40),), (("TEE-BLK-L", 30),)


class ReplenishmentAct:
    """Purchase orders out; receipts, fulfilments, returns and bills back."""

    name, title = "netsuite", "The inventory ledger and the shelf, read from the stores of NetSuite and ShipBob"
    pair, connection, sides = "netsuite_shipbob", NETSUITE_NAME, shelf.SIDES

    def __init__(self, company: NetSuiteCompany, tell: Tell) -> None:
        self.company, self._tell = company, tell
        self._view = View()
        self._books: Mapping[str, Any] = {}
        self._warehouse: Mapping[str, Any] = {}
        self._numbers: list[str] = []
        self.plot = Scenes(*self._scenes())

    def step(self, now: float, view: View) -> None:
        """Plays the next scene when its moment has come."""
        self._view = view
        self._books, self._warehouse = self.company.netsuite.holdings(), self.company.shipbob.holdings()
        self.plot.play()

    def compared(self) -> list[Line]:
        """The closing table, read over the control doors."""
        company = self.company
        return shelf.compare(
            closing.holdings(company.netsuite_url), closing.holdings(company.shipbob_url), CENTRES
        )

    def facts(self) -> Mapping[str, Any]:
        """What was moved, and what it cost in calls."""
        calls = self.company.netsuite.calls
        kinds = Counter("query" if call.path.endswith("/suiteql") else call.method for call in calls)
        held = self.company.netsuite.holdings()
        return {
            "transactions": {name: len(rows) for name, rows in held["transactions"].items() if rows},
            "tokens": held["tokens_issued"],
            "calls": {"netsuite": len(calls), "shipbob": len(self.company.shipbob.calls)},
            "calls_by_kind": dict(kinds),
            "highest_in_flight": held["highest_in_flight"],
            "webhooks": self.company.answers,
        }

    def notes(self) -> Sequence[str]:
        """The same in sentences."""
        facts = self.facts()
        made = facts["transactions"]
        return [
            f"NetSuite holds {made.get('itemReceipt', 0)} receipts, {made.get('itemFulfillment', 0)} fulfilments and "
            f"{made.get('vendorBill', 0)} bills. Calls to NetSuite: {facts['calls']['netsuite']}, never more than "
            f"{facts['highest_in_flight']} at a time; to ShipBob: {facts['calls']['shipbob']}.",
            f"Webhooks from ShipBob: {answers(facts['webhooks'])}.",
        ]

    def plant_a_difference(self) -> None:
        """Somebody takes three shirts off the books, behind everybody's back."""
        books = {"sku": "TEE-BLK-M", "location": CICERO, "quantity": -3, "account": ROUNDING, "subsidiary": 1}
        self.company.netsuite.command("adjust", books)
        self._tell("A difference is planted: somebody adjusts three shirts away in NetSuite.")

    # ---- the scenes, one after the other -------------------------------------------------------------------

    def _scenes(self) -> list[Scene]:
        return [
            Scene("buying", lambda: True, self._buy),
            Scene("the first pallets", self._all_expected, self._stow_a_part),
            Scene("the buyer changes her mind", self._all_received, self._change_an_order),
            Scene("the rest arrives", self._changed, self._stow_the_rest),
            Scene("selling", self._all_received, self._ship),
            Scene("goods come back", self._all_shipped, self._return),
            Scene("the week ends", self._all_returned, self._invoice),
        ]

    def _calm(self) -> bool:
        return not self._view.moving() and not self._view.all_stuck()

    def _receiving(self, number: str) -> list[Mapping[str, Any]]:
        rows = self._warehouse["receiving"].values()
        return [it for it in rows if it["purchase_order_number"].startswith(number) and it["status"] != "Cancelled"]

    def _all_expected(self) -> bool:
        return all(self._receiving(number) for number in self._numbers) and self._calm()

    def _agree(self, title: str) -> bool:
        lines = shelf.compare(dict(self._books), dict(self._warehouse), CENTRES)
        return not any(line.differences for line in lines if line.title == title) and self._calm()

    def _all_received(self) -> bool:
        return self._agree("Units stowed and received")

    def _changed(self) -> bool:
        return self._agree("Units ordered and expected")

    def _all_shipped(self) -> bool:
        return self._agree("Units in parcels")

    def _all_returned(self) -> bool:
        return self._agree("Units returned to the shelf")

    def _buy(self) -> None:
        self.company.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/receiving$")
        buy = self.company.buy
        self._numbers = [buy(*FIRST), buy(*SECOND, location=BRAMPTON), buy(*THIRD)]
        elsewhere = buy(("TOTE-01", 500), location=OWN)
        self._tell(f"Purchase orders {', '.join(self._numbers)} go to ShipBob, {elsewhere} to our own warehouse. The "
                   "line breaks while ShipBob takes the first one.")  # fmt: skip

    def _receive(self, number: str, step: str, **quantities: Any) -> None:
        (order,) = self._receiving(number)
        more = {"quantities": quantities["units"]} if quantities else {}
        self.company.shipbob.command("receive", {"receiving_id": order["id"], "step": step, **more})

    def _stow_a_part(self) -> None:
        self.company.netsuite.dial.plan(Fault.DROP_AFTER, r"POST .*/!transform/itemReceipt$")
        first, second, _ = self._numbers
        self._receive(first, "stow", units={"TEE-BLK-M": 50})
        self._receive(second, "stow")
        self._receive(second, "complete")
        self._tell(f"ShipBob stows 50 shirts of {first} and all bags of {second}. NetSuite posts the first receipt, "
                   "and its answer is lost.")  # fmt: skip

    def _change_an_order(self) -> None:
        third = self._numbers[2]
        self.company.netsuite.command("edit_order", {"tran_id": third, "quantities": {"1": 24}})
        self._tell(f"{third} is for 24 shirts instead of 30: ShipBob, which still awaits it, must expect no more.")

    def _stow_the_rest(self) -> None:
        first, _, third = self._numbers
        for number in (first, third):
            self._receive(number, "stow")
            self._receive(number, "complete")
        self._tell(f"Everything of {first} and {third} arrives and is stowed.")

    def _ship(self) -> None:
        self.company.netsuite.dial.plan(Fault.ERROR_500_AFTER, r"POST .*/!transform/itemFulfillment$")
        run = self.company.shipbob.command
        numbers = [self.company.sell(("TEE-BLK-M", 3), ("TEE-BLK-L", 1)), self.company.sell(("TEE-BLK-L", 2))]
        parcels = [{"lines": [{"sku": "TEE-BLK-M", "quantity": 2}]},
                   {"lines": [{"sku": "TEE-BLK-M", "quantity": 1}, {"sku": "TEE-BLK-L", "quantity": 1}]}]  # fmt: skip
        ids = {it["order_number"]: int(key) for key, it in self.company.shipbob.holdings()["orders"].items()}
        run("fulfil", {"order_id": ids[numbers[0]], "packages": parcels})
        run("fulfil", {"order_id": ids[numbers[1]]})
        self._tell(f"ShipBob sends {numbers[0]} in two parcels and {numbers[1]} in one. NetSuite writes the first "
                   "fulfilment and answers with an unexpected error (500).")  # fmt: skip

    def _return(self) -> None:
        shipments = self._warehouse["shipments"].items()
        number = next(int(key) for key, it in shipments if len(it["products"]) == 2)
        run = self.company.shipbob.command
        made = run("announce_stray_return", {"shipment_id": number})
        actions = [{"sku": "TEE-BLK-M", "action": "Restock", "quantity": 1},
                   {"sku": "TEE-BLK-L", "action": "Dispose", "quantity": 1}]  # fmt: skip
        run("process_return", {"return_id": made, "step": "complete", "actions": actions})
        self._tell("One parcel comes back: one shirt is put on the shelf again, the other is disposed of.")

    def _invoice(self) -> None:
        day = clock().date().isoformat()
        self.company.shipbob.command("bill_day", {"date": day, "storage": True})
        closed = self.company.shipbob.command("close_invoice", {"date": day, "payment": True})
        self._tell(f"ShipBob closes {len(closed) - 1} invoices and takes its money.")
