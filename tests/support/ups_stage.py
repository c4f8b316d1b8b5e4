"""The pair Acumatica - UPS on a stage: the kernel in memory, both simulators in process, everything in virtual time.

    stage = UpsStage()
    number = stage.shipment(parcel(4.5))
    stage.run(minutes=3)
    assert stage.labels() == [...]

Running, killing and looking are those of `tests.support.stage.Stage`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from acumatica_ups.flows import PAIR
from acumatica_ups.senders import SENDERS
from local.simulators.acumatica import seed
from local.simulators.acumatica.seed import line, order
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.ups import DEFAULT_CLIENT, UpsSimulator
from tests.support.clock import START
from tests.support.stage import ERP, NAME, Stage
from tests.support.world import World

ACUMATICA_URL, UPS_URL = "http://127.0.0.1:7001/Acme", "http://127.0.0.1:7004"
CREDENTIAL = "ups-stage-credential-0123456789abcdef"
HOOK = f"https://hooks.example/acumatica_ups/{NAME}/ups"
SHIPPER: dict[str, Any] = {
    "name": "Acme Parts Inc", "attention": "Shipping Desk", "phone": "(410) 555-0100", "email": "ship@example.com",
    "address": ["100 Industrial Way"], "city": "Timonium", "state": "MD", "postal_code": "21093", "country": "US",
}  # fmt: skip
WAREHOUSE = "3PL-WEST"


def document(**changes: Any) -> dict[str, Any]:
    """A connection file for the stage; `ups`, `services`, `tables`, and members of `settings` by name replace parts."""
    ups = {"account_number": "A1B2C3", "shipper": SHIPPER, "base_url": UPS_URL, **changes.pop("ups", {})}
    settings = {
        name: changes.pop(name, {}) for name in ("labels", "addresses", "customs", "voids", "tracking")
    }
    services = changes.pop(
        "services",
        {"GROUND": {"domestic": "03", "countries": {"CA": "11"}, "international": "08"},
         "EXPRESS": {"domestic": "01", "international": "07"},
         "UPSPLUGIN": {"domestic": "03"}},
    )  # fmt: skip
    tables = {"services": services, "units": {"EA": "EA"}, **changes.pop("tables", {})}
    return {
        "connection": NAME,
        "pair": "acumatica_ups",
        "start": "2026-03-01T00:00:00Z",
        "systems": {
            "acumatica": {
                "base_url": ACUMATICA_URL, "tenant": "Company", "auth": "password", "time_zone": "America/New_York",
            },
            "ups": ups,
        },
        "settings": settings,
        "tables": tables,
        **changes,
    }  # fmt: skip


def parcel(weight: float = 4.5, box: str = "DEFAULT", **fields: Any) -> dict[str, Any]:
    """One package of a shipment."""
    return {"BoxID": box, "Weight": weight, **fields}


class UpsStage(Stage):
    """The pair Acumatica - UPS with everything around it."""

    pair, senders = PAIR, SENDERS

    def __init__(self, *, start: datetime = START, **changes: Any) -> None:
        self.world = World(start=start, pair=PAIR.name)
        self.clock = self.world.clock
        self.acumatica = AcumaticaSimulator(self.clock, advance=self._advance)
        self.ups = UpsSimulator(self.clock, advance=self._advance)
        seed.seed_company(self.acumatica)
        self._begin({ERP: self.acumatica, 7004: self.ups}, document(**changes))

    def _secrets(self) -> None:
        self._acumatica_secrets()
        self._secret("ups", {"client_id": DEFAULT_CLIENT.id, "client_secret": DEFAULT_CLIENT.secret})
        self._secret("ups_webhook", {"header_name": "credential", "secrets": [CREDENTIAL], "url": HOOK})

    # ---- webhooks ----------------------------------------------------------------------------------------------

    def push_webhooks(self) -> list[int]:
        """Posts what UPS and Acumatica want to deliver to the edge; answers UPS's statuses."""
        statuses = []
        for delivery in self.ups.take_deliveries():
            answer = self.call("ups", delivery.headers, delivery.body, "token" if delivery.purpose == "token" else None)
            status = int(answer["statusCode"])
            self.ups.report_delivery(delivery, 200 <= status < 300, answer["body"].encode())
            statuses.append(status)
        self._push_notifications()
        return statuses

    # ---- acting and looking ------------------------------------------------------------------------------------

    def shipment(self, *packages: dict[str, Any], customer: str = "QUILL", quantity: int = 2, **fields: Any) -> str:
        """A new order with one shipment of these packages, open; the shipment's number."""
        made = self.acumatica.command("sales_order", order(customer, line("0041", quantity), **fields))
        created = self.acumatica.command("create_shipment", {"order_nbr": made["key"], "warehouse": WAREHOUSE})
        if packages:
            self.edit(created["key"], Packages=[dict(package) for package in packages])
        return str(created["key"])

    def edit(self, number: str, **fields: Any) -> None:
        """A person edits a shipment."""
        self.acumatica.command("edit", {"entity": "Shipment", "key": number, "fields": fields})

    def labels(self) -> list[dict[str, Any]]:
        """Every label that UPS ever sold."""
        return list(self.ups.holdings()["labels"])

    def alive(self) -> list[str]:
        """The 1Z of every label that is not voided."""
        return [label["tracking_number"] for label in self.labels() if not label["voided"]]

    def packages(self, number: str) -> list[str]:
        """The tracking numbers on a shipment's packages."""
        return [str(row.get("TrackingNbr") or "") for row in self.erp("Shipment")[number].get("Packages", ())]

    def files(self, number: str) -> list[str]:
        """Names of the files on a shipment's packages and on itself."""
        shipment = self.erp("Shipment")[number]
        owners = [*shipment.get("Packages", ()), shipment]
        return [file["name"] for owner in owners for file in owner.get("files", ())]

    def saves(self) -> list[str]:
        """Every write to Acumatica, as `PUT Shipment`; files as `PUT files`."""
        found = []
        for call in self.acumatica.calls:
            if call.method == "PUT" and "/entity/Default/" in call.path:
                found.append("PUT files" if "/files/" in call.path else f"PUT {call.path.rsplit('/', 1)[-1]}")
        return found

    def ups_calls(self, fragment: str = "/api/") -> list[str]:
        """Calls to UPS whose path holds the fragment."""
        return [f"{call.method} {call.path}" for call in self.ups.calls if fragment in call.path]

    def violations(self) -> list[str]:
        return list(self.ups.strict_violations)

    def label_record(self, number: str) -> Any:
        """The label record of a shipment."""
        return self.records("labels")[number]
