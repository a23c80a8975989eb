"""Know where everything runs, and speak to the API and the simulator as a portal would."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

Json = dict[str, Any]
PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.25


class TourStopped(Exception):
    """A step did not end as the story says."""


@dataclass(slots=True)
class Places:
    """The functions host, the simulator and who may sign in there."""

    host: str
    simulator: Mapping[str, str]
    http: httpx.Client
    signin: Json = field(default_factory=dict)
    token: str = ""

    @classmethod
    def from_run(cls, run: str) -> Self:
        """Read the JSON that `local.run` hands over."""
        places = json.loads(run)
        return cls.at(places["host"], places["simulator"])

    @classmethod
    def at(cls, host: str, simulator: Mapping[str, str]) -> Self:
        here = cls(host.rstrip("/"), simulator, httpx.Client(timeout=60))
        here.signin = here.control("GET", "signin")
        return here

    @property
    def api_url(self) -> str:
        return f"{self.host}/api"

    @property
    def token_url(self) -> str:
        return f"{self.simulator['login']}/{self.signin['apiTenantId']}/oauth2/v2.0/token"

    def sign_in(self, client: str = "portal") -> None:
        """Fetch the access token that every later request carries."""
        known = self.signin["clients"][client]
        form = {
            "grant_type": "client_credentials",
            "client_id": known["clientId"],
            "client_secret": known["clientSecret"],
            "scope": f"{self.signin['audience']}/.default",
        }
        self.token = _document(self.http.post(self.token_url, data=form))["access_token"]

    def get(self, path: str) -> Json:
        return _document(self._send("GET", path))

    def post(self, path: str, body: Json | None = None) -> Json:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return _document(self._send("POST", path, json=body or {}, headers=headers))

    def put(self, path: str, body: Json) -> Json:
        return _document(self._send("PUT", path, json=body))

    def change(self, path: str, body: Json) -> Json:
        """Put what nobody has changed since it was read."""
        match = {"If-Match": self._send("GET", path).headers["ETag"]}
        return _document(self._send("PUT", path, json=body, headers=match))

    def post_csv(self, path: str, text: bytes) -> httpx.Response:
        headers = {"Content-Type": "text/csv", "Idempotency-Key": str(uuid.uuid4())}
        return self._send("POST", path, content=text, headers=headers)

    def browse(self, url: str) -> str:
        """Follow an address as a browser does, to the page at its end."""
        return self.http.get(url, follow_redirects=True).text

    def control(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401
        """Ask the simulator for something that only a simulator can do."""
        url = f"{self.simulator['control']}/{path}"
        answer = self.http.request(method, url, json=body)
        if answer.is_error:
            raise TourStopped(f"{method} {url} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()

    def start_function(self, name: str) -> None:
        """Fire a timer by hand, as the platform's admin address does."""
        self.http.post(f"{self.host}/admin/functions/{name}", json={}).raise_for_status()

    def wait(
        self,
        path: str,
        until: Callable[[Json], bool],
        show: Callable[[Json], None] = lambda _: None,
    ) -> Json:
        """Look again and again, as a portal does with Retry-After, until something holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self._send("GET", path)
            if answer.status_code != httpx.codes.NOT_FOUND:
                found = _document(answer)
                show(found)
                if until(found):
                    return found
            time.sleep(_LOOK_SECONDS)
        raise TourStopped(f"{path} did not come to its end in {PATIENCE_SECONDS:.0f} s")

    def _send(self, method: str, path: str, **words: Any) -> httpx.Response:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {self.token}", **words.pop("headers", {})}
        place = path if urlsplit(path).path.startswith("/api/") else f"/api/{path.lstrip('/')}"
        return self.http.request(method, f"{self.host}{place}", headers=headers, **words)


def _document(answer: httpx.Response) -> Json:
    if answer.is_error:
        request = answer.request
        place = f"{request.method} {request.url.path}"
        raise TourStopped(f"{place} answered {answer.status_code}: {answer.text[:1000]}")
    document: Json = answer.json() if answer.content else {}
    return document
