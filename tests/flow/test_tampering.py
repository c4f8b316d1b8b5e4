"""Attacks on the audit trail: which of them export and verify find, and which only an export that was kept apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connector.audit import line_from_item, line_hash
from connector.journal import note
from connector.record import from_json, record_from_item, to_json
from local.simulators.acumatica.seed import line
from tests.flow.test_shipments import sent
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage
from tests.support.stored_stories import restore, snapshot

DAY = "2026-03-02"

Item = dict[str, Any]


@cache
def written() -> tuple[str, dict[str, Any]]:
    """An order's record, and what the stores hold besides."""
    stage = Stage()
    number = sent(stage, line("0041", 1))
    note(stage.process, "anna", "looks")
    note(stage.process, "anna", "purges a queue")
    return f"{NAME}/orders/SO/{number}", {**snapshot(stage.world, "operators"), "bodies": {}, "secrets": {}}


class Attack:
    """Somebody with every right on the tables, and one record's trail."""

    def __init__(self) -> None:
        self.id, stored = written()
        self.stage = Stage(seeded=False)
        restore(self.stage.world, stored)
        self.tables = self.stage.world.tables
        assert len(self.lines) >= 3

    @property
    def lines(self) -> list[Item]:
        return [dict(item) for item in self.tables.items("audit") if item["pk"] == self.id]

    def put(self, item: Item, **changes: Any) -> None:
        self.tables.put("audit", {**item, **changes})

    def remove(self, item: Item) -> None:
        self.tables.delete("audit", str(item["pk"]), str(item["sk"]))

    def head(self, sequence: int, digest: str) -> None:
        """Sets the head that the record states."""
        item = dict(self.tables.get("records", self.id, "record") or {})
        data = {**from_json(str(item["data"])), "audit_hash": digest}
        self.tables.put("records", {**item, "audit_sequence": sequence, "data": to_json(data)})

    def rewrite(self, texts: list[str]) -> None:
        """The chain anew from the first line on, every hash right, and the record's head with it."""
        old, previous = self.lines, ""
        for item in old:
            self.remove(item)
        for number, text in enumerate(texts, start=1):
            model = line_from_item(old[0])
            digest = line_hash(self.id, number, model.at, text, model.data, previous)
            self.put(
                old[0], sk=f"{number:08d}", at=f"{model.at}#{self.id}#{number:08d}", text=text, previous=previous,
                hash=digest,
            )  # fmt: skip
            previous = digest
        self.head(len(texts), previous)


def edited(attack: Attack) -> None:
    attack.put(attack.lines[1], text="Nothing happened.")


def facts_edited(attack: Attack) -> None:
    attack.put(attack.lines[1], data=to_json({"cause": "nobody"}))


def reordered(attack: Attack) -> None:
    first, second = attack.lines[:2]
    attack.put({**second, "sk": first["sk"]})
    attack.put({**first, "sk": second["sk"]})


def last_deleted(attack: Attack) -> None:
    attack.remove(attack.lines[-1])


def middle_deleted(attack: Attack) -> None:
    attack.remove(attack.lines[1])


def moved_to_another_day(attack: Attack) -> None:
    attack.put(attack.lines[1], day="2020-01-01")


def lines_deleted(attack: Attack) -> None:
    for item in attack.lines:
        attack.remove(item)


def journal_cut_off(attack: Attack) -> None:
    attack.remove([item for item in attack.tables.items("audit") if item["pk"] == f"operations/{DAY}"][-1])


def rewritten(attack: Attack) -> None:
    attack.rewrite(["Heard of it.", "Done."])


def cut_off_with_its_head(attack: Attack) -> None:
    kept = attack.lines[:1]
    for item in attack.lines[1:]:
        attack.remove(item)
    attack.head(1, str(kept[0]["hash"]))


def record_and_lines_deleted(attack: Attack) -> None:
    lines_deleted(attack)
    attack.tables.delete("records", attack.id, "record")


def state_edited(attack: Attack) -> None:
    item = dict(attack.tables.get("records", attack.id, "record") or {})
    attack.tables.put("records", {**item, "status": "closed"})
    assert record_from_item({**item, "status": "closed"}).status.value == "closed"


FOUND: list[Callable[[Attack], None]] = [
    edited, facts_edited, reordered, last_deleted, middle_deleted, moved_to_another_day, lines_deleted, journal_cut_off,
]  # fmt: skip
"""By verify, and by an export of the record."""

BY_DAY = {edited, facts_edited, reordered, last_deleted, middle_deleted, moved_to_another_day, journal_cut_off}
PINNED_ONLY: list[Callable[[Attack], None]] = [rewritten, cut_off_with_its_head, record_and_lines_deleted]


def judged(attack: Attack, *words: str) -> bool:
    """Whether the command finds something."""
    code = StageDesk(attack.stage).run("audit", *words).exit_code
    assert code in (0, 1)
    return code == 1


def exported(attack: Attack, path: Path, form: str) -> str:
    result = StageDesk(attack.stage).run("audit", "export", "--day", DAY, "--out", str(path), "--format", form)
    assert result.exit_code == 0, result.output
    return str(path)


def test_nothing_is_found_where_nothing_was_done(tmp_path: Path) -> None:
    attack = Attack()
    for form in ("csv", "json"):
        assert not judged(attack, "verify", "--against", exported(attack, tmp_path / f"day.{form}", form))
    document = StageDesk(attack.stage).json("audit", "verify")
    assert document["chains"] == len(attack.stage.all_records()) + 1  # and the journal
    assert (document["broken"], document["not_as_exported"]) == ({}, {})


@pytest.mark.parametrize("act", FOUND, ids=lambda act: act.__name__)
def test_what_is_found_by_the_chain_alone(act: Callable[[Attack], None]) -> None:
    attack = Attack()
    act(attack)
    assert judged(attack, "verify")
    assert judged(attack, "export", "--day", DAY) == (act in BY_DAY)
    if act is not journal_cut_off:
        assert judged(attack, "export", attack.id)
        assert list(StageDesk(attack.stage).json("audit", "verify", codes=(1,))["broken"]) == [attack.id]


@pytest.mark.parametrize("act", PINNED_ONLY, ids=lambda act: act.__name__)
def test_what_only_an_export_that_was_kept_finds(act: Callable[[Attack], None], tmp_path: Path) -> None:
    attack = Attack()
    kept = exported(attack, tmp_path / "kept.csv", "csv")
    act(attack)
    assert not judged(attack, "verify")
    assert not judged(attack, "export", "--day", DAY)
    found = StageDesk(attack.stage).json("audit", "verify", "--against", kept, codes=(1,))
    assert list(found["not_as_exported"]) == [attack.id]


def test_what_nothing_finds_is_said_in_the_guide(tmp_path: Path) -> None:
    attack = Attack()
    kept = exported(attack, tmp_path / "kept.json", "json")
    state_edited(attack)
    assert not judged(attack, "verify", "--against", kept)
    guide = (Path(__file__).resolve().parents[2] / "docs/operator-guide.md").read_text("utf-8")
    assert "the chain proves the trail, not the state" in guide


def test_a_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"rows": []}), "utf-8")
    desk = StageDesk(Stage())
    assert desk.run("audit", "verify", "--against", str(tmp_path / "x.json")).exit_code == 2
    assert desk.run("audit", "verify", "--against", str(tmp_path / "nothing.csv")).exit_code == 2
