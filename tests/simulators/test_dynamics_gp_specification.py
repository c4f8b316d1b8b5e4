"""The simulator is no laxer than the vendor's own schema and limits, and answers what the schema promises.

Needs the specifications, which are not part of the repository; a clean clone skips these tests and is as strict,
because the simulator has validators of its own.
"""

from __future__ import annotations

import ast
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from local.simulators.base import Request
from local.simulators.dynamics_gp.enumerations import SPELLINGS
from local.simulators.dynamics_gp.limits import all_limits
from local.simulators.dynamics_gp.operations import ACTION, OPERATIONS
from local.simulators.dynamics_gp.policies import POLICY_IDS, behaviors
from local.simulators.dynamics_gp.reading import Misread, Rules, read_sequence
from local.simulators.dynamics_gp.schema import DYNAMICS, GP, SECURITY, SHAPES, UNMODELLED, Field, is_simple
from tests.simulators.gp_bench import PATH, Bench, amount, change, line
from tests.simulators.test_dynamics_gp_inventory import entry, movement
from tests.simulators.test_dynamics_gp_orders import a_return

XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = {GP: "gp_2006_01.xsd", DYNAMICS: "dynamics_2006_01.xsd", SECURITY: "dynamics_security_2006_01.xsd"}
SAMPLES = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17")


class Schema:
    """The vendor's schema files: as a validator, and as trees to compare our tables with."""

    def __init__(self, folder: Path) -> None:
        self.validator = etree.XMLSchema(etree.parse(folder / FILES[GP]))
        self.trees = {namespace: etree.parse(folder / name).getroot() for namespace, name in FILES.items()}

    def complex_type(self, namespace: str, name: str) -> etree._Element:
        found = self.trees[namespace].find(f"{XS}complexType[@name='{name}']")
        assert found is not None, name
        return found

    def own_fields(self, namespace: str, name: str) -> list[etree._Element]:
        return list(self.complex_type(namespace, name).iter(f"{XS}element"))


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "specs" / "dynamics_gp"


@pytest.fixture(scope="module")
def schema(folder: Path) -> Schema:
    return Schema(folder / "xsd")


def local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


def test_every_type_has_the_schemas_elements_in_the_schemas_order(schema: Schema) -> None:
    for shape in SHAPES.values():
        theirs = schema.own_fields(shape.namespace, shape.name)
        assert [field.name for field in shape.own] == [str(each.get("name")) for each in theirs], shape.name
        for ours, element in zip(shape.own, theirs, strict=True):
            _same(schema, shape.name, ours, element)


def _same(schema: Schema, owner: str, ours: Field, theirs: etree._Element) -> None:
    where = f"{owner}.{ours.name}"
    required = theirs.get("minOccurs") != "0"
    nillable = theirs.get("nillable") == "true"
    assert ours.presence == ("nillable" if nillable else "required" if required else "optional"), where
    if ours.type == UNMODELLED:
        return
    kind = local(theirs.get("type"))
    if ours.many:
        item = schema.own_fields(GP, kind)[0]
        assert (item.get("name"), local(item.get("type"))) == (ours.type, ours.type), where
        return
    assert kind == ours.type, where


def test_bases_and_abstract_types_are_the_schemas(schema: Schema) -> None:
    for shape in SHAPES.values():
        theirs = schema.complex_type(shape.namespace, shape.name)
        extension = theirs.find(f".//{XS}extension")
        base = local(extension.get("base")) if extension is not None else None
        assert shape.base == (None if base == "SecurityKey" else base), shape.name
        assert shape.abstract == (theirs.get("abstract") == "true"), shape.name


def test_enumerations_are_spelt_as_the_vendor_spells_them(folder: Path) -> None:
    theirs = json.loads((folder / "enums.json").read_text("utf-8"))
    assert {name: list(spellings) for name, spellings in SPELLINGS.items()} == {
        name: theirs[name] for name in SPELLINGS
    }


def test_operations_take_and_answer_what_the_service_description_says(folder: Path) -> None:
    listed = json.loads((folder / "operations.json").read_text("utf-8"))
    assert listed["soap_action_prefix"] == ACTION
    theirs = {each["operation"]: each for each in listed["operations"]}
    for operation in OPERATIONS.values():
        row = theirs[operation.name]
        assert [(field.name, field.type) for field in operation.request] == [
            (each["name"], each["type"]) for each in row["request"]
        ]
        result = f"ArrayOf{operation.result}" if operation.many else operation.result
        assert [each["type"] for each in row["response"]] == ([] if result is None else [result])
        assert row["takes_policy"] is operation.writes


def test_strings_are_cut_where_the_reference_says(folder: Path) -> None:
    rows = json.loads((folder / "field_limits.json").read_text("utf-8"))["fields"]
    theirs: dict[str, int] = {}
    for row in rows:
        longest = row.get("ws") or row["econnect"]
        for name in _spread(row["field"]):
            theirs[name] = longest
    ours = dict(all_limits())
    ours.pop("InventoryLine.UofM")  # the same column type as a sales line's
    owners = {"Address.Line": "AddressBase.Line", "Address.Phone": "PhoneNumber.Value"}
    assert ours == {
        next((name.replace(old, new) for old, new in owners.items() if name.startswith(old)), name): longest
        for name, longest in theirs.items()
    }


def _spread(field: str) -> list[str]:
    """`Address.Line1/2/3` and `X.Text01..Text05` are several fields; phone numbers are a type of their own."""
    if field.startswith("Address.Phone"):
        return ["PhoneNumber.Value"]
    if field in ("Address.City", "Address.State", "Address.PostalCode"):
        return [field.replace("Address.", "AddressBase.")]
    if ".." in field:
        owner, _, span = field.partition(".")
        first, _, last = span.partition("..")
        stem = first.rstrip("0123456789")
        return [f"{owner}.{stem}{number:02d}" for number in range(int(first[-2:]), int(last[-2:]) + 1)]
    if "/" in field:
        return [field[:-5] + number for number in ("1", "2", "3")] if field.endswith("1/2/3") else [field]
    return [field]


def test_policies_and_behaviours_have_the_vendors_ids(folder: Path) -> None:
    listed = json.loads((folder / "policies.json").read_text("utf-8"))
    assert POLICY_IDS.items() <= listed["policies"].items()
    known = {each["id"]: each for each in listed["behaviours"]}
    for operation in OPERATIONS:
        for behavior in behaviors(operation):
            if behavior.id in known:
                theirs = known[behavior.id]
                assert behavior.internal is (theirs["type"] == "internal")
                assert {str(number): name for number, name in behavior.options} == theirs["options"]
                assert behavior.default == theirs["default"]


@pytest.mark.parametrize("number", SAMPLES)
def test_schema_valid_sample_requests_are_read(folder: Path, number: str) -> None:
    bench = Bench()
    for path in sorted((folder / "samples").glob(f"{number}_*.request.xml")):
        operation = path.name.split("_")[1].split(".")[0]
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}{operation}"'}
        reply = bench.sim.handle(Request("POST", PATH, "", headers, path.read_bytes()))
        assert reply.status == 200 or b"DeserializationFailed" not in reply.body
    assert bench.sim.strict_violations == []


def test_every_answer_is_valid_by_the_schema(schema: Schema) -> None:
    bench = Bench()
    bench.ask(
        "CreateSalesOrder", bench.order(ShipToAddress={"Line1": "1 Elm"}, TrackingNumbers=[{"Key": {"Id": "1Z"}}])
    )
    bench.ask("CreateSalesReturn", a_return(bench))
    for root, type_, name in (
        ("SalesInvoice", "Invoice", "STDINV"),
        ("SalesFulfillmentOrder", "Fulfillment Order", "FULORD"),
    ):
        bench.ask(f"Create{root}", bench.order(DocumentTypeKey={"Type": type_, "Id": name}))
    bench.ask("CreateInventoryAdjustment", entry())
    bench.ask("CreateInventoryVariance", entry())
    bench.ask("CreateInventoryTransfer", movement())
    bench.sim.command("add_item", {"number": "SET", "description": "Set", "kind": "Kit"})
    guid = bench.fault("CreateSalesOrder", bench.order("SB2", CustomerKey={"Id": "NOBODY"})).guid
    for operation, subject in _questions(guid).items():
        for each in subject:
            reply = bench.post(operation, bench.message(operation, each))
            assert reply.status == 200, (operation, reply.body)
            assert schema.validator.validate(etree.fromstring(reply.body)[0][0]), (
                operation,
                schema.validator.error_log,
            )
    assert set(_questions(guid)) == {name for name, operation in OPERATIONS.items() if not operation.writes}


def _questions(guid: str) -> dict[str, list[Any]]:
    """A subject for every read."""
    order, cord = {"Id": "SB1"}, {"Id": "ACCS-CRD-12WH"}
    scope = {"Scope": "Return All"}
    lists = [name for name in OPERATIONS if name.endswith("List")]
    return {
        **{name: [{}] for name in lists},
        **{name: [scope] for name in lists if "Sales" in name or "Customer" in name},
        "GetWSEnabledCompanyForUserList": [None],
        "GetCompanyByKey": [{"Id": -1}],
        "GetPolicyByOperation": ["CreateSalesOrder", "CreateInventoryAdjustment"],
        "GetPolicyByKey": [{"Id": POLICY_IDS["UpdateSalesOrder"]}],
        "GetSalesOrderByKey": [order],
        "GetSalesReturnByKey": [{"Id": "SBR1"}],
        "GetSalesInvoiceByKey": [order],
        "GetSalesFulfillmentOrderByKey": [order],
        "GetInventoryAdjustmentByKey": [{"Id": "SBA1"}],
        "GetInventoryVarianceByKey": [{"Id": "SBA1"}],
        "GetInventoryTransferByKey": [{"Id": "SBT1"}],
        "GetInventoriedItemByKey": [cord, {"Id": "SET"}],
        "GetItemByKey": [cord],
        "GetCustomerByKey": [{"Id": "AARONFIT0001"}],
        "GetWarehouseByKey": [{"Id": "WAREHOUSE"}],
        "GetItemWarehouseByKey": [{"ItemKey": cord, "WarehouseKey": {"Id": "NORTH"}}],
        "GetShippingMethodByKey": [{"Id": "GROUND"}],
        "GetBatchByKey": [{"Source": "Sales Entry", "Id": "SHIPBOB", "CreatedDateTime": _NO_DATE}],
        "GetLoggedValidationResultByKey": [guid],
    }


_NO_DATE = entry()["BatchKey"]["CreatedDateTime"]


def _spoil(element: etree._Element, chance: random.Random) -> None:
    """One random act of vandalism on a message."""
    inside = list(element.iterdescendants())
    victim = chance.choice(inside)
    parent = victim.getparent()
    assert parent is not None
    acts = ("remove", "swap", "rename", "text", "double", "nil", "value", "namespace")
    act = chance.choice(acts)
    if act == "remove":
        parent.remove(victim)
    elif act == "swap":
        parent.append(victim)
    elif act == "rename":
        victim.tag = f"{victim.tag}X"
    elif act == "text":
        victim.tail = "stray"
    elif act == "double":
        victim.addnext(etree.fromstring(etree.tostring(victim)))
    elif act == "nil":
        victim.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
    elif act == "value":
        victim.text = chance.choice(["", "x", "-1", "1.5", "true", "2026-11-25", "Order", "order"])
    else:
        victim.tag = f"{{urn:other}}{etree.QName(victim).localname}"


def test_what_the_schema_refuses_the_simulator_refuses(schema: Schema) -> None:
    bench = Bench()
    messages = [
        ("CreateSalesOrder", bench.order(ShipToAddress={"Line1": "1 Elm", "Phone1": {"Value": "1"}})),
        ("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": [change(16384, QuantityFulfilled=amount(1))]}),
        ("CreateSalesReturn", a_return(bench)),
        ("CreateInventoryAdjustment", entry()),
        ("GetSalesOrderList", {"Scope": "Return All", "CustomerPONumber": {"EqualValue": "x"}, "ModifiedDate": {}}),
        ("CreateSalesInvoice", bench.order(Lines=[line("ACCS-CRD-12WH", 1, BillingQuantity=amount(1))])),
    ]
    chance = random.Random(20261125)
    refused = 0
    for round_ in range(1500):
        operation, subject = messages[round_ % len(messages)]
        element = etree.fromstring(bench.message(operation, subject))[0][0]
        _spoil(element, chance)
        text = etree.tostring(element)
        if schema.validator.validate(etree.fromstring(text)):
            continue
        refused += 1
        with pytest.raises(Misread):
            read_sequence(etree.fromstring(text), OPERATIONS[operation].request, operation, Rules())
    assert refused > 500


def test_every_rule_with_a_number_has_a_test_that_sees_it_refuse() -> None:
    root = Path(__file__).resolve().parents[2]
    source = "".join(path.read_text("utf-8") for path in (root / "local/simulators/dynamics_gp").glob("*.py"))
    tests = "".join(path.read_text("utf-8") for path in (root / "tests/simulators").glob("test_dynamics_gp_*.py"))
    numbers = set(re.findall(r"# ([SI]\d+)\b", source)) | set(re.findall(r"\b([SI]\d+): ", source))
    assert {f"S{number}" for number in range(1, 32)} | {f"I{number}" for number in range(1, 12)} == numbers
    named = {each.upper() for each in re.findall(r"[_\"# ]([siSI]\d+)\b|_([si]\d+)_", tests) for each in each if each}
    spans = re.findall(r"_([si])(\d+)_to_[si](\d+)_", tests)
    named |= {f"{kind.upper()}{number}" for kind, low, high in spans for number in range(int(low), int(high) + 1)}
    assert numbers <= named, numbers - named


def test_the_simulator_owes_nothing_to_the_connector() -> None:
    root = Path(__file__).resolve().parents[2]
    for path in (root / "local/simulators/dynamics_gp").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] in ("connector", "vendors", "dynamicsgp_shipbob") for name in names), path


def test_simple_types_are_all_known() -> None:
    for shape in SHAPES.values():
        for field in shape.own:
            assert field.type == UNMODELLED or is_simple(field.type) or field.type in SHAPES, (shape.name, field.name)
