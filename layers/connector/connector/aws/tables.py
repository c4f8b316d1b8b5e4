"""The five tables over DynamoDB. Limits stand at each call (DynamoDB API Reference, page of that name)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from connector.aws.clients import Clients
from connector.aws.items import (
    TABLE_INDEXES,
    Wire,
    check_item,
    check_key,
    condition_arguments,
    key_of,
    marshal,
    place_from,
    place_text,
    unmarshal,
)
from connector.environment import Environment
from connector.ports import INDEX_KEYS, Condition, Delete, Item, Page, Put

_CONFLICT_ATTEMPTS = 3
_BATCH = 100  # BatchGetItem and TransactWriteItems
_LOST_RACE = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})


class DynamoTables:
    """Implements `connector.ports.Tables`. botocore's errors (throttling, rights, network) pass through unchanged.

    A write whose answer was lost is repeated by botocore. Transactions carry a token that makes the repetition
    harmless; for single conditional writes `_settled` looks at what is stored; a repeated `add` may count twice.
    """

    def __init__(self, environment: Environment, clients: Clients) -> None:
        self._environment = environment
        self._clients = clients

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """GetItem, strongly consistent."""
        check_key(table, pk, sk)
        reply = self._call("get_item", TableName=self._name(table), Key=key_of(pk, sk), ConsistentRead=True)
        return unmarshal(reply["Item"]) if "Item" in reply else None

    def get_many(self, table: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """BatchGetItem, 100 keys a call. What DynamoDB leaves unprocessed is asked again and never lost."""
        found: dict[tuple[str, str], Item] = {}
        distinct = list(dict.fromkeys(keys))
        for pk, sk in distinct:
            check_key(table, pk, sk)
        for at in range(0, len(distinct), _BATCH):
            items = self._batch(table, [key_of(pk, sk) for pk, sk in distinct[at : at + _BATCH]])
            found.update({(str(item["pk"]), str(item["sk"])): item for item in items})
        return found

    def put(self, table: str, item: Item, condition: Condition = None) -> bool:
        """PutItem. False when the condition did not hold."""
        check_item(table, item)
        arguments = {"TableName": self._name(table), "Item": marshal(item), **condition_arguments(condition)}
        return self._write(
            "put_item", arguments, lambda: self.get(table, str(item["pk"]), str(item["sk"])) == item
        )

    def delete(self, table: str, pk: str, sk: str, condition: Condition = None) -> bool:
        """DeleteItem. False when the condition did not hold."""
        check_key(table, pk, sk)
        arguments = {"TableName": self._name(table), "Key": key_of(pk, sk), **condition_arguments(condition)}
        return self._write("delete_item", arguments, lambda: self.get(table, pk, sk) is None)

    def add(
        self, table: str, pk: str, sk: str, attribute: str, amount: int, *, ceiling: int | None = None,
        expires_at: int | None = None,
    ) -> int | None:
        """UpdateItem with ADD: one atomic call. An answer that was lost on the way may count twice, never less."""
        check_key(table, pk, sk)
        names, values = {"#a": attribute}, {":n": {"N": str(amount)}}
        update = "ADD #a :n"
        if expires_at is not None:
            update += " SET #e = :e"
            names["#e"] = "expires_at"
            values[":e"] = {"N": str(expires_at)}
        arguments: dict[str, Any] = {}
        if ceiling is not None:
            values[":room"] = {"N": str(ceiling - amount)}
            fits_alone = "attribute_not_exists(#a) OR " if amount <= ceiling else ""
            arguments["ConditionExpression"] = f"{fits_alone}#a <= :room"
        try:
            reply = self._call(
                "update_item", TableName=self._name(table), Key=key_of(pk, sk), UpdateExpression=update,
                ExpressionAttributeNames=names, ExpressionAttributeValues=values, ReturnValues="ALL_NEW",
                **arguments,
            )
        except ClientError as error:
            if _code(error) == "ConditionalCheckFailedException":
                return None
            raise
        return int(reply["Attributes"][attribute]["N"])

    def transact(self, writes: Sequence[Put | Delete]) -> bool:
        """TransactWriteItems: at most 100 writes and 4 MB, each on another item."""
        check_transaction(writes)
        if not writes:
            return True
        try:
            self._client().transact_write_items(TransactItems=[self._transact_item(write) for write in writes])
        except ClientError as error:
            if _code(error) != "TransactionCanceledException":
                raise
            reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())}
            if reasons - {"None"} and reasons <= _LOST_RACE:
                return False
            raise
        return True

    def query(
        self, table: str, pk: str, *, prefix: str = "", descending: bool = False, limit: int | None = None,
        start: str | None = None,
    ) -> Page:
        """Query on the table, strongly consistent, at most 1 MB a page."""
        text, values = "#p = :p", {":p": {"S": pk}}
        names = {"#p": "pk"}
        if prefix:
            text += " AND begins_with(#s, :s)"
            names["#s"] = "sk"
            values[":s"] = {"S": prefix}
        return self._page(
            "query", limit, start, TableName=self._name(table), ConsistentRead=True, KeyConditionExpression=text,
            ExpressionAttributeNames=names, ExpressionAttributeValues=values, ScanIndexForward=not descending,
        )

    def query_index(
        self, table: str, index: str, value: str, *, below: str | None = None, descending: bool = False,
        limit: int | None = None, start: str | None = None,
    ) -> Page:
        """Query on an index, eventually consistent, at most 1 MB a page."""
        partition, order = index_keys(table, index)
        text, values = "#p = :p", {":p": {"S": value}}
        names = {"#p": partition}
        if below is not None:
            text += " AND #s <= :s"
            names["#s"] = order
            values[":s"] = {"S": below}
        return self._page(
            "query", limit, start, TableName=self._name(table), IndexName=index, KeyConditionExpression=text,
            ExpressionAttributeNames=names, ExpressionAttributeValues=values, ScanIndexForward=not descending,
        )

    def scan(self, table: str, *, start: str | None = None, limit: int | None = None) -> Page:
        """Scan, strongly consistent, at most 1 MB a page."""
        return self._page("scan", limit, start, TableName=self._name(table), ConsistentRead=True)

    def _client(self) -> Any:
        return self._clients.client("dynamodb")

    def _name(self, table: str) -> str:
        return self._environment.table(table)

    def _call(self, operation: str, **arguments: Any) -> Any:
        """One call. A conflict with somebody's transaction means that nothing was written: asked again, then raised."""
        for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
            try:
                return getattr(self._client(), operation)(**arguments)
            except ClientError as error:
                if _code(error) != "TransactionConflictException" or attempt == _CONFLICT_ATTEMPTS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _write(self, operation: str, arguments: dict[str, Any], settled: Callable[[], bool]) -> bool:
        """A write, False when its condition failed.

        When botocore had to repeat the call, the failed condition may be our own first attempt looking at us: the
        answer was lost, the write was not. Believing False there would, for example, drop an event as a repetition
        that never was. So then the table decides (`settled`: it holds exactly what we wanted).
        """
        try:
            self._call(operation, **arguments)
        except ClientError as error:
            if _code(error) != "ConditionalCheckFailedException":
                raise
            repeated = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
            return repeated and settled()
        return True

    def _batch(self, table: str, keys: list[Wire]) -> list[Item]:
        name, items = self._name(table), []
        while keys:
            reply = self._client().batch_get_item(RequestItems={name: {"Keys": keys, "ConsistentRead": True}})
            items += [unmarshal(wire) for wire in reply["Responses"].get(name, ())]
            left = reply.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
            if len(left) == len(keys):
                # No progress: one by one, so that botocore's back-off applies and throttling raises in the end.
                singles = [self.get(table, key["pk"]["S"], key["sk"]["S"]) for key in left]
                return items + [item for item in singles if item is not None]
            keys = left
        return items

    def _transact_item(self, write: Put | Delete) -> dict[str, Any]:
        arguments = {"TableName": self._name(write.table), **condition_arguments(write.condition)}
        if isinstance(write, Put):
            return {"Put": {**arguments, "Item": marshal(write.item)}}
        return {"Delete": {**arguments, "Key": key_of(write.pk, write.sk)}}

    def _page(self, operation: str, limit: int | None, start: str | None, **arguments: Any) -> Page:
        if limit is not None:
            arguments["Limit"] = check_limit(limit)
        if start is not None:
            arguments["ExclusiveStartKey"] = place_from(start)
        reply = getattr(self._client(), operation)(**arguments)
        return Page([unmarshal(wire) for wire in reply["Items"]], place_text(reply.get("LastEvaluatedKey")))


def check_transaction(writes: Sequence[Put | Delete]) -> None:
    """Raises ValueError for what TransactWriteItems would refuse."""
    for write in writes:
        if isinstance(write, Delete):
            check_key(write.table, write.pk, write.sk)
    if len(writes) > _BATCH:
        raise ValueError(f"{len(writes)} writes in one transaction; DynamoDB takes {_BATCH}")
    size = sum(check_item(write.table, write.item) for write in writes if isinstance(write, Put))
    if size > 4_000_000:
        raise ValueError(f"a transaction of {size} bytes; DynamoDB takes 4 MB: put bodies into the bucket first")
    targets: set[tuple[str, str, str]] = set()
    for write in writes:
        target = target_of(write)
        if target in targets:
            raise ValueError(f"two writes of one transaction touch the same item {target}")
        targets.add(target)


def target_of(write: Put | Delete) -> tuple[str, str, str]:
    """Table, pk and sk of the item that a write touches."""
    if isinstance(write, Put):
        return write.table, str(write.item["pk"]), str(write.item["sk"])
    return write.table, write.pk, write.sk


def check_limit(limit: int) -> int:
    """The limit. Raises ValueError below 1."""
    if limit < 1:
        raise ValueError(f"a page of {limit} items makes no sense")
    return limit


def index_keys(table: str, index: str) -> tuple[str, str]:
    """Partition and sort attribute of a table's index. Raises ValueError when the table has no such index."""
    if index not in TABLE_INDEXES.get(table, ()):
        raise ValueError(f"the table {table!r} has no index {index!r}")
    return INDEX_KEYS[index]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
