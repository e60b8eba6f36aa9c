"""The named stories: what a practice lives through, played on a box from outside, each step with its evidence."""

from box.scenarios.incidents import INCIDENTS
from box.scenarios.main import MAIN
from box.scenarios.player import Story
from box.scenarios.short import SHORT

STORIES: dict[str, Story] = {"main": MAIN, **SHORT, **INCIDENTS}
