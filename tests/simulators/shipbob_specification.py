"""Reads the vendor's OpenAPI file into JSON Schemas that mean what the file means to say.

Corrections: `required` names that are no property are dropped; the members of `allOf` are joined before unknown
members are refused (otherwise every derived object contradicts itself); `oneOf` of twins becomes `anyOf`; `nullable`
allows null; `minLength` on an array counts items; an object without declared properties is free. In answers a member
that refers to an object may be null: the file has no way to say so, and the running API does it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]


class Specification:
    """One OpenAPI document."""

    def __init__(self, file: Path, version: str) -> None:
        self.raw: dict[str, Any] = json.loads(file.read_text("utf-8"))
        self._schemas: dict[str, Any] = self.raw["components"]["schemas"]
        self._answers = False
        self._requests_defined: dict[str, Any] = {name: self._convert(each) for name, each in self._schemas.items()}
        self._answers = True
        self._answers_defined: dict[str, Any] = {name: self._convert(each) for name, each in self._schemas.items()}
        self.operations: dict[tuple[str, str], dict[str, Any]] = {
            (method.upper(), path.removeprefix(f"/{version}")): operation
            for path, methods in self.raw["paths"].items()
            for method, operation in methods.items()
        }

    def _joined(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Properties and required names of a schema and of everything it is derived from."""
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        properties: dict[str, Any] = {}
        required: set[str] = set()
        for parent in schema.get("allOf", []):
            joined = self._joined(parent)
            properties |= joined["properties"]
            required |= joined["required"]
        for name, member in schema.get("properties", {}).items():
            # A derived class repeats members without their limits: both hold.
            properties[name] = {"allOf": [properties[name], member]} if name in properties else member
        return {"properties": properties, "required": required | set(schema.get("required", []))}

    def _convert(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            reference = {"$ref": f"#/$defs/{schema['$ref'].rsplit('/', 1)[1]}"}
            return {"anyOf": [reference, {"type": "null"}]} if self._answers else reference
        for word in ("oneOf", "anyOf"):
            if word in schema:
                nothing = [{"type": "null"}] if schema.get("nullable") else []
                return {"anyOf": [*(self._convert(each) for each in schema[word]), *nothing]}
        if "allOf" in schema and "properties" not in schema and not any("$ref" in each for each in schema["allOf"]):
            return {"allOf": [self._convert(each) for each in schema["allOf"]]}
        converted = self._object(schema) if "properties" in schema or "allOf" in schema else self._simple(schema)
        return {"anyOf": [converted, {"type": "null"}]} if schema.get("nullable") else converted

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        joined = self._joined(schema)
        properties = {name: self._member(member) for name, member in joined["properties"].items()}
        required = sorted(joined["required"] & properties.keys())
        closed = not isinstance(schema.get("additionalProperties"), dict)
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": not closed}

    def _member(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "allOf" in schema and "properties" not in schema:
            return {"allOf": [self._member(each) for each in schema["allOf"]]}
        return self._convert(schema)

    def _simple(self, schema: dict[str, Any]) -> dict[str, Any]:
        kept = ("type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
        found = {name: schema[name] for name in kept if name in schema}
        if schema.get("type") == "array":
            found["items"] = self._convert(schema.get("items", {}))
            if "minLength" in found:
                found["minItems"] = found.pop("minLength")
        return found

    def _validator(self, content: dict[str, Any], answers: bool) -> Draft202012Validator:
        self._answers = answers
        schema = self._convert(next(iter(content.values()))["schema"])
        return Draft202012Validator({**schema, "$defs": self._answers_defined if answers else self._requests_defined})

    def request(self, method: str, path: str) -> Draft202012Validator:
        """Judges the request body of an operation."""
        return self._validator(self.operations[method, path]["requestBody"]["content"], answers=False)

    def find(self, method: str, path: str) -> tuple[str, str] | None:
        """The operation that a concrete path belongs to; literal paths first."""
        for known, template in sorted(self.operations, key=lambda key: key[1].count("{")):
            if known == method and re.fullmatch(re.sub(r"\\\{\w+\\\}", r"[^/:]+", re.escape(template)), path):
                return known, template
        return None

    def faults(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """What is wrong with an answer: an undocumented status, or a body that does not fit its schema."""
        found = self.find(method, path)
        if found is None:
            return [f"{method} {path} is not in the specification"]
        answer = self.operations[found]["responses"].get(str(status))
        if answer is None:
            return [f"{method} {path}: status {status} is not documented"]
        if "content" not in answer:
            return []
        errors = self._validator(answer["content"], answers=True).iter_errors(json.loads(body))
        return [f"{method} {path} {status} {error.json_path}: {error.message[:300]}" for error in errors]
