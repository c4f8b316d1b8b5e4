"""The `$filter` language: a small real parser, typed against the contract.

    or > and > comparison | function | ( ... )
    comparison  field|cf.Type(f='View.Field')  eq ne gt ge lt le  literal
    function    startswith(F,'x')  endswith(F,'x')  substringof('x',F)   (`... eq true` is read and matches nothing)
    literal     'text' ('' is a quote), 12.5, 0M, true, null, datetimeoffset'...', date'...', guid'...'

What does not parse or type raises BadFilter, which the ERP answers with 500.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from local.simulators.acumatica.contract import Entity, Field
from local.simulators.acumatica.documents import CustomValue, Record
from local.simulators.acumatica.wire import BadValue, Instant, Value, midnight, parse_instant

Test = Callable[[Record], bool]
Getter = Callable[[Record], Value]
Ordered = TypeVar("Ordered", str, Decimal, Instant, bool)

_TOKENS = re.compile(
    r"\s*(?:(?P<typed>datetimeoffset|date|guid)'(?P<quoted>[^']*)'|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)[MmLlDdFf]?(?![\w.])|(?P<custom>cf\.\w+(?=\())|(?P<name>[A-Za-z_]\w*(?:/\w+)*)|(?P<sign>[(),=]))"
)
OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le")
FUNCTIONS = ("startswith", "endswith", "substringof")
CUSTOM_KINDS = {
    "cf.String": "string",
    "cf.Int": "integer",
    "cf.Short": "integer",
    "cf.Long": "integer",
    "cf.Byte": "integer",
    "cf.Decimal": "decimal",
    "cf.Double": "decimal",
    "cf.Boolean": "boolean",
    "cf.DateTime": "instant",
    "cf.Guid": "guid",
}


class BadFilter(ValueError):
    """The filter cannot be read or typed."""


@dataclass(frozen=True)
class Token:
    """`kind` is text, number, typed (with `value` a pair), custom, name, sign or end."""

    kind: str
    value: Any


@dataclass
class Filter:
    """A compiled filter: the test, and the form views its fields live on."""

    test: Test
    views: set[str] = field(default_factory=set)


def tokens(text: str) -> list[Token]:
    """Cuts a filter into tokens; raises BadFilter."""
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKENS.match(text, at)
        if match is None:
            raise BadFilter(f"Syntax error at position {at} in '{text}'.")
        at = match.end()
        kind = str(match.lastgroup)
        if kind == "quoted":
            found.append(Token("typed", (match["typed"], match["quoted"])))
        elif kind == "text":
            found.append(Token("text", match["text"][1:-1].replace("''", "'")))
        elif kind == "number":
            found.append(Token("number", Decimal(match["number"])))
        else:
            found.append(Token(kind, match[kind]))
    return [*found, Token("end", "")]


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(
        self,
        text: str,
        entity: Entity,
        contract: Mapping[str, Entity],
        offset: int,
        attributes: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.tokens, self.at = tokens(text), 0
        self.entity, self.contract, self.offset, self.attributes = entity, contract, offset, attributes
        self.views: set[str] = set()

    def take(self, kind: str, *values: str) -> Any:
        token = self.tokens[self.at]
        if token.kind != kind or (values and token.value not in values):
            raise BadFilter(f"Syntax error: {token.value!r} where {' or '.join(values) or kind} was expected.")
        self.at += 1
        return token.value

    def sees(self, kind: str, *values: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == kind and (not values or token.value in values)

    def either(self) -> Test:
        tests = [self.both()]
        while self.sees("name", "or"):
            self.at += 1
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.sees("name", "and"):
            self.at += 1
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def one(self) -> Test:
        if self.sees("sign", "("):
            self.at += 1
            inner = self.either()
            self.take("sign", ")")
            return inner
        if self.sees("name", *FUNCTIONS):
            return self.function()
        kind, getter = self.operand()
        operator = str(self.take("name", *OPERATORS))
        return comparison(kind, getter, operator, self.literal(kind), self.offset)

    def function(self) -> Test:
        name = str(self.take("name", *FUNCTIONS))
        self.take("sign", "(")
        if name == "substringof":
            part = str(self.take("text"))
            self.take("sign", ",")
            kind, getter = self.operand()
        else:
            kind, getter = self.operand()
            self.take("sign", ",")
            part = str(self.take("text"))
        self.take("sign", ")")
        if kind != "string":
            raise BadFilter(f"{name} needs a string field.")
        if self.sees("name", *OPERATORS):
            self.at += 1
            self.take("name", "true", "false")
            return lambda record: False
        wanted = part.casefold()
        match: Mapping[str, Callable[[str], bool]] = {
            "startswith": lambda text: text.startswith(wanted),
            "endswith": lambda text: text.endswith(wanted),
            "substringof": lambda text: wanted in text,
        }
        return lambda record: match[name](str(getter(record) or "").casefold())

    def operand(self) -> tuple[str, Getter]:
        if self.sees("custom"):
            return self.custom_field()
        path = str(self.take("name")).split("/")
        entity, links = self.entity, path[:-1]
        for link in links:
            if link in entity.details:
                raise BadFilter(f"'{link}' is not a single value: detail records cannot be filtered.")
            if link not in entity.linked:
                raise BadFilter(f"Could not find a property named '{link}' on type '{entity.name}'.")
            entity = self.contract[entity.linked[link]]
        field_ = entity.fields.get(path[-1])
        if field_ is None:
            raise BadFilter(f"Could not find a property named '{path[-1]}' on type '{entity.name}'.")
        self.views.add(field_.view if not links else "/".join(links))
        return field_.kind, lambda record: _reach(record, links, field_)

    def custom_field(self) -> tuple[str, Getter]:
        kind = CUSTOM_KINDS.get(str(self.take("custom")))
        self.take("sign", "(")
        self.take("name", "f")
        self.take("sign", "=")
        view, _, name = str(self.take("text")).partition(".")
        self.take("sign", ")")
        if kind is None or name not in self.attributes.get(view, {}):
            raise BadFilter(f"The custom field '{view}.{name}' does not exist.")
        self.views.add(view)

        def read(record: Record) -> Value:
            found = record.custom.get(view, {}).get(name, CustomValue("", None)).value
            return Decimal(str(found)) if kind in ("decimal", "integer") and found is not None else found

        return kind, read

    def literal(self, kind: str) -> Value:
        token = self.tokens[self.at]
        self.at += 1
        try:
            return self.typed(kind, token)
        except BadValue as error:
            raise BadFilter(str(error)) from error

    def typed(self, kind: str, token: Token) -> Value:
        if token.kind == "name" and token.value == "null":
            return None
        if token.kind == "text" and kind == "string":
            return str(token.value)
        if token.kind == "number" and kind in ("decimal", "integer"):
            return Decimal(token.value)
        if token.kind == "name" and token.value in ("true", "false") and kind == "boolean":
            return bool(token.value == "true")
        if token.kind == "typed":
            literal, text = token.value
            if literal == "guid" and kind == "guid":
                return str(text).lower()
            if literal != "guid" and kind in ("date", "instant"):
                return parse_instant(text, self.offset)
        raise BadFilter(f"Type conversions not supported: a {kind} field against {token.value!r}.")


def _reach(record: Record, links: list[str], field_: Field) -> Value:
    for link in links:
        if link not in record.linked:
            return None
        record = record.linked[link]
    return record.values.get(field_.name)


def _sorts(kind: str, operator: str, left: Ordered, right: Ordered) -> bool:
    if operator == "eq":
        return left == right
    if operator == "ne":
        return left != right
    if kind == "boolean":
        raise BadFilter("true and false have no order.")
    if operator in ("gt", "ge"):
        return left > right or (operator == "ge" and left == right)
    return left < right or (operator == "le" and left == right)


def comparison(kind: str, getter: Getter, operator: str, wanted: Value, offset: int) -> Test:
    """The test of one comparison. An empty field equals only null and differs from everything else."""
    if kind == "boolean" and operator not in ("eq", "ne"):
        raise BadFilter("true and false have no order.")

    def test(record: Record) -> bool:
        found = getter(record)
        if wanted is None or found is None:
            same = wanted is None and found is None
            return same if operator == "eq" else (not same if operator == "ne" else False)
        if isinstance(wanted, Instant):
            moment = (
                found if isinstance(found, Instant) else midnight(found, offset) if isinstance(found, date) else None
            )
            return moment is not None and _sorts(kind, operator, moment, wanted)
        if isinstance(wanted, bool):
            return _sorts(kind, operator, bool(found), wanted)
        if isinstance(wanted, Decimal):
            return _sorts(kind, operator, Decimal(str(found)), wanted)
        return _sorts(kind, operator, str(found).rstrip().casefold(), str(wanted).rstrip().casefold())

    return test


def compile_filter(
    text: str,
    entity: Entity,
    contract: Mapping[str, Entity],
    *,
    offset: int = 0,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
) -> Filter:
    """Compiles a filter against an entity; raises BadFilter."""
    parser = _Parser(text, entity, contract, offset, attributes or {})
    test = parser.either()
    parser.take("end")
    return Filter(test, parser.views)
