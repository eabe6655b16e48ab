"""A visitor who speaks to the events of a page as its script does, without a browser."""

import json
import re
from collections.abc import Generator, Iterator
from typing import Any

import httpx


class Visitor:
    """Speaks to the events of a page as its script does."""

    def __init__(self, url: str, name: str, timeout: float = 60.0) -> None:
        self._api = f"{url}gradio_api/"
        self._name = re.sub(r"\W", "-", name)[:64]
        once = httpx.Limits(max_keepalive_connections=0)  # the server may close an idle one
        self._client = httpx.Client(timeout=timeout, trust_env=False, limits=once)

    def ask(self, event: int, data: list[Any], told: Any = None) -> tuple[bool, Any]:
        """Whether the event succeeded, and its answers or else the sentence of its error."""
        joined = self.join(event, data, told)
        assert joined.status_code == 200, joined.text
        for said in self.listen():
            if said.get("msg") == "process_completed":
                success, output = said["success"], said["output"]
                return success, output["data"] if success else output["error"]
        raise AssertionError(f"no answer of event {event} to {data!r:.200}")

    def join(self, event: Any, data: Any, told: Any = None) -> httpx.Response:
        """Have an event begin."""
        body = {"data": data, "fn_index": event, "session_hash": self._name, "event_data": told}
        return self._client.post(
            f"{self._api}queue/join",
            content=json.dumps(body),  # with NaN, which httpx would not send
            headers={"content-type": "application/json"},
        )

    def listen(self) -> Generator[dict[str, Any], None, None]:
        """What the page says of the events that have begun; closing it closes the connection."""
        stream = f"{self._api}queue/data?session_hash={self._name}"
        with self._client.stream("GET", stream) as answers:
            for line in answers.iter_lines():
                if line:
                    yield json.loads(line.removeprefix("data: "))

    def at_once(self, event: int, data: list[Any]) -> httpx.Response:
        """An event that waits in no queue."""
        body = {"data": data, "fn_index": event, "session_hash": self._name}
        return self._client.post(f"{self._api}run/predict", json=body)

    def close(self) -> None:
        self._client.close()


def events_of(url: str) -> dict[str, list[Any]]:
    """Name -> (number, components of the inputs) of all that the server of a page answers."""
    config = httpx.get(f"{url}config").json()
    components = {each["id"]: each for each in config["components"]}
    return {
        f"{each['api_name']} {each['id']}": [each["id"], [components[i] for i in each["inputs"]]]
        for each in config["dependencies"]
        if each["backend_fn"]
    }


def usual(components: list[Any]) -> list[Any]:
    """What the inputs hold when the page opens, but no images: no run begins."""
    held = [each["props"].get("value") for each in components]
    return [None if isinstance(value, dict) else value for value in held]


def addresses(routes: Any) -> Iterator[tuple[str, str]]:
    """(method, path) of all that a server knows, each gap in a path filled with an x."""
    for route in routes:
        inner = getattr(getattr(route, "original_router", route), "routes", None)
        if inner:
            yield from addresses(inner)
            continue
        for method in getattr(route, "methods", None) or ():
            yield method, re.sub(r"{[^}]*}", "x", route.path)
