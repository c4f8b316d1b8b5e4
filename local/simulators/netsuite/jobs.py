"""Asynchronous requests: `Prefer: respond-async` on a record request, then job, task and result."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local.simulators.base import Reply
from local.simulators.netsuite.asked import Asked, resource
from local.simulators.netsuite.problems import Rejection, error, nonexistent
from local.simulators.netsuite.reading import moment
from local.simulators.netsuite.records import Job
from local.simulators.netsuite.world import World

PATH = "/services/rest/async/v1/job"
_TASK = "1"


def is_asynchronous(asked: Asked) -> bool:
    """Whether the caller does not want to wait."""
    return "respond-async" in (asked.request.header("Prefer") or "").lower()


def start(world: World, asked: Asked, act: Callable[[], Reply]) -> Reply:
    """202 with the place of the job. A key that was used before is refused with the place of the first job."""
    key = asked.request.header("X-NetSuite-Idempotency-Key") or ""
    first = next((job for job in world.jobs.values() if key and job.key == key), None)
    if first is not None:
        place = {"Location": f"{PATH}/{first.id}"}
        raise Rejection(error(400, "IDEMPOTENCY_ERROR", "The idempotency key was used before.", None, place))
    try:
        reply = act()
    except Rejection as rejection:
        reply = rejection.reply
    job = Job(world.number("job"), reply.status, dict(reply.headers), reply.body, world.now(), key)
    world.jobs[job.id] = job
    return Reply(202, {"Location": f"{PATH}/{job.id}", "Preference-Applied": "respond-async"})


def read(world: World, asked: Asked) -> Reply:
    """GET .../job/{id}, /task, /task/{n}, /task/{n}/result. The first look at a job finds it pending."""
    found = re.fullmatch(rf"{PATH}/(\d+)(/task(/{_TASK}(/result)?)?)?", asked.request.path)
    job = world.jobs.get(int(found[1])) if found else None
    if found is None or job is None:
        raise nonexistent("The asynchronous job does not exist.")
    root = f"{asked.root}/async/v1/job/{job.id}"
    done = job.polls > 0
    if found[4]:
        if not done:
            raise nonexistent("The result is not available yet.")
        return Reply(job.status, job.headers, job.body)
    progress = "pending" if not done else "succeeded" if job.status < 300 else "failed"
    if found[3]:
        document: dict[str, Any] = {
            "links": [
                {"rel": "related", "href": f"{root}/task/{_TASK}/result"},
                {"rel": "self", "href": f"{root}/task/{_TASK}"},
            ],
            "completed": done,
            "id": _TASK,
            "progress": progress,
            "startTime": moment(job.started),
        }
        return resource({**document, **({"endTime": moment(job.started + timedelta(seconds=12))} if done else {})})
    if found[2]:
        items = [{"links": [{"rel": "self", "href": f"{root}/task/{_TASK}"}]}]
        return resource({"links": [], "items": items, "totalResults": 1}, "collection")
    job.polls += 1
    task = {"links": [{"rel": "self", "href": f"{root}/task"}]}
    links = [{"rel": "self", "href": root}]
    return resource({"links": links, "completed": done, "id": str(job.id), "progress": progress, "task": task})
