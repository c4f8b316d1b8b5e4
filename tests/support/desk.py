"""The command line on a stage: the same commands, with the stage's stores instead of AWS.

    desk = StageDesk(Stage())
    assert desk.run("connections", "list").exit_code == 0
    assert desk.json("records", "list")[0]["status"] == "held"
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from typer.testing import CliRunner, Result

from cli.desk import Desk
from cli.main import app
from cli.place import Api
from connector.services import Services
from operations.respond import operator_api
from tests.support.memory_dead_letters import MemoryDeadLetters
from tests.support.stage import Stage

PUBLIC_BASE = "https://hooks.example/v1"


class StagePlace:
    """Implements `cli.place.Place`."""

    name = "the stage"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def services(self, pair: str = "") -> Services:
        return self._stage.process

    def public_base(self) -> str:
        return PUBLIC_BASE

    def who(self) -> str:
        return "anna"

    def secret(self, short: str) -> str:
        return f"ml-connector/{short}"

    def dead_letters(self, pair: str) -> MemoryDeadLetters:
        return self._stage.world.dead_letters

    def operator_api(self) -> Api:
        """The deployed function, called by API Gateway in Anna's name."""
        handler = operator_api(self)

        def call(method: str, path: str, values: Mapping[str, Any]) -> tuple[int, bytes]:
            get = method == "GET"
            answer = handler({
                "httpMethod": method, "pathParameters": {"proxy": path},
                "queryStringParameters": dict(values) if get else None, "body": None if get else json.dumps(values),
                "requestContext": {"identity": {"userArn": "arn:aws:iam::123456789012:user/anna"}},
            }, None)  # fmt: skip
            return answer["statusCode"], answer["body"].encode()

        return call

    def pairs(self) -> tuple[str, ...]:
        return ("acumatica_shipbob",)


class StageDesk:
    """Runs commands as a person would, in a process of their own on the stage's stores."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.on_sleep: Callable[[], object] = lambda: None  # what happens elsewhere while a command waits

    def _sleep(self, seconds: float) -> None:
        self.stage.clock.advance(seconds)
        self.on_sleep()

    def run(self, *words: str, given: str | None = None) -> Result:
        """One command. A traceback is a failure of the test, not a result."""
        self.stage.restart()
        desk = Desk(StagePlace(self.stage), sleep=self._sleep)
        result = CliRunner().invoke(app, list(words), input=given, obj=desk, catch_exceptions=False)
        self.stage.restart()
        return result

    def json(self, *words: str, given: str | None = None, codes: Sequence[int] = (0,)) -> Any:
        """One command with --json: the document. The exit code must be among `codes`."""
        result = self.run(*words, "--json", given=given)
        assert result.exit_code in codes, result.output
        return json.loads(result.stdout)
