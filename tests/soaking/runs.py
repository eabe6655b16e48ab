"""A visitor's run, and how it went."""

import json
import re
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from soaking.served import Page
from visiting import Visitor


@dataclass
class Outcome:
    """How a run went for its visitor; seconds on the monotonic clock.

    Attributes:
        asked: when it was asked for.
        how: "finished", "stopped", "left" (the queue), "closed", "full", or what else was said.
        began: when the first picture came; None where none did.
        ended: when the last word came.
        ahead: how many were told to come before, time and again.
    """

    asked: float
    how: str = ""
    began: float | None = None
    ended: float = 0.0
    ahead: list[int] = field(default_factory=list)


def run_once(page: Page, name: str, manner: str, steps: int, size: int, recipe: str) -> Outcome:
    """One visitor's run.

    Args:
        page: see there.
        name: of the visitor; unlike any other.
        manner: "full"; "stop" in the queue or at the first picture; or "close" the connection then.
        steps: of the run.
        size: px of its picture.
        recipe: its name.
    """
    begun, run, stop = page.numbers()
    with closing(Visitor(page.url, name, timeout=300.0)) as visitor:
        visitor.at_once(begun, [None])
        outcome = Outcome(time.monotonic())
        joined = visitor.join(run, page.choices(size=size, steps=steps, recipe=recipe))
        if not joined.is_success:
            return said(outcome, joined.text)
        heard = 0
        with closing(visitor.listen()) as words:
            for word in words:
                if word.get("msg") == "process_generating":
                    heard += 1
                    outcome.ahead += ahead(word)
                    if has_picture(word) and outcome.began is None:
                        outcome.began = time.monotonic()
                    if manner == "close" and heard > 1:
                        return said(outcome, "closed")
                    if manner == "stop" and heard > 1:
                        visitor.at_once(stop, [None])
                        manner = "stopping"
                if word.get("msg") == "process_completed":
                    return said(outcome, ending(word, outcome))
    return said(outcome, "no answer")


def has_picture(word: dict[str, Any]) -> bool:
    """Whether the first answer, or a change of it, is one."""
    first = word["output"]["data"][0]
    return "path" in first if isinstance(first, dict) else bool(first)


def ahead(word: dict[str, Any]) -> list[int]:
    """How many it tells to come before; nothing where it tells something else."""
    found = re.search(r"(One|\d+) pictures? (?:is|are) ahead", json.dumps(word["output"]["data"]))
    return [int(found[1].replace("One", "1"))] if found else []


def ending(word: dict[str, Any], outcome: Outcome) -> str:
    if not word["success"]:
        return str(word["output"]["error"])
    told = json.dumps(word["output"]["data"])
    for sign, how in (("Finished", "finished"), ("Stopped", "stopped"), ("You left", "left")):
        if sign in told:
            return how
    return "finished" if outcome.began is not None else told[:200]


def said(outcome: Outcome, how: str) -> Outcome:
    full = "The server is full" in how
    outcome.how, outcome.ended = "full" if full else how, time.monotonic()
    return outcome
