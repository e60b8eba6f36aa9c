"""EventBridge Scheduler's operations in the box: create, update, get, delete, list."""

from collections.abc import Callable
from typing import Any

from box.runtime.schedules import Schedule, Schedules

Answer = dict[str, Any]


def operations(schedules: Schedules) -> dict[str, Callable[[Answer], Answer]]:
    """Every operation played, by its name."""
    return {
        "CreateSchedule": lambda request: {"ScheduleArn": schedules.create(request["Name"], request)},
        "UpdateSchedule": lambda request: {"ScheduleArn": schedules.update(request["Name"], request)},
        "GetSchedule": lambda request: get_schedule(schedules, request),
        "DeleteSchedule": lambda request: delete_schedule(schedules, request),
        "ListSchedules": lambda request: list_schedules(schedules, request),
    }


def get_schedule(schedules: Schedules, request: Answer) -> Answer:
    """One schedule, as it was asked for."""
    found = schedules.get(request["Name"], request.get("GroupName", "default"))
    told = {name: value for name, value in found.told.items() if name not in ("ClientToken", "Name")}
    return _dates(found) | told | {"Arn": schedules.arn(found.group, found.name), "Name": found.name}


def delete_schedule(schedules: Schedules, request: Answer) -> Answer:
    """Take one back."""
    schedules.delete(request["Name"], request.get("GroupName", "default"))
    return {}


def list_schedules(schedules: Schedules, request: Answer) -> Answer:
    """Schedules by group and prefix, all in one page."""
    group, prefix = request.get("GroupName"), request.get("NamePrefix", "")
    found = [s for s in schedules.all() if group in (None, s.group) and s.name.startswith(prefix)]
    rows = [
        _dates(s) | {"Arn": schedules.arn(s.group, s.name), "Name": s.name, "GroupName": s.group,
                     "State": s.told.get("State", "ENABLED"), "Target": {"Arn": s.told["Target"]["Arn"]}}
        for s in found
    ]  # fmt: skip
    return {"Schedules": rows}


def _dates(schedule: Schedule) -> Answer:
    return {"CreationDate": schedule.made.timestamp(), "LastModificationDate": schedule.changed.timestamp()}
