"""The gate, the budgets, addresses: what is sent, counted and kept."""

from collections.abc import Iterator

import pytest
import requests
from codeocean import CodeOcean
from codeocean.capsule import CapsuleSearchParams
from codeocean.error import Error

from contract_tests.deployment import Caller
from contract_tests.transport.budgets import Budgets, BudgetSpentError, Meter, StoppedError
from contract_tests.transport.exchange import Exchange
from contract_tests.transport.gate import KEPT_BYTES, Gate, exchange_of
from contract_tests.transport.profiles import Profile, Refused, Rules
from contract_tests.transport.target import Target, TargetError
from mock_server import MockCodeOcean
from tests.contract.test_profiles import exchange
from tests.process import PATIENCE


def gate(mock: MockCodeOcean, profile: Profile = Profile.OBSERVE, **budgets: float | None) -> Gate:
    target = Target.of(mock.url)
    return Gate(target, Rules(profile, target, tag="run-1"), Meter(Budgets(**budgets)))  # type: ignore[arg-type]


@pytest.fixture
def observing(mock: MockCodeOcean) -> Iterator[Gate]:
    target = Target.of(mock.url)
    rules = Rules(Profile.OBSERVE, target, tag="run-1")
    observing = Gate(target, rules, Meter(Budgets()), callers={"cop_demo_user": "owner"})
    with observing.installed():
        yield observing


def test_the_sdk_passes(observing: Gate, mock: MockCodeOcean) -> None:
    sdk = CodeOcean(domain=mock.url, token="cop_demo_user")
    sdk.capsules.search_capsules(CapsuleSearchParams(limit=1))
    [seen] = observing.exchanges
    assert (seen.name, seen.caller, seen.status) == ("search_capsules", "owner", 200)
    assert seen.json()["results"]
    with pytest.raises(Refused, match="does not allow delete_capsule"):
        sdk.capsules.delete_capsule("1d8288da-0785-4e4f-aa37-2d1db3636bc4")
    assert len(observing.exchanges) == 1
    assert len(observing.refused) == 1
    sdk.session.close()


def test_any_session_passes(observing: Gate, mock: MockCodeOcean) -> None:
    with requests.Session() as session:
        response = session.get(f"{mock.url}/api/v1/custom_metadata", auth=("cop_wrong", ""))
    [seen] = observing.exchanges
    assert exchange_of(response.request) is seen
    assert (seen.caller, seen.status) == ("unknown", 401)
    for send in (requests.delete, requests.post):
        with pytest.raises(Refused):
            send(f"{mock.url}/api/v1/custom_metadata", timeout=PATIENCE)


def test_a_long_body_is_whole_for_those_who_judge_it(observing: Gate) -> None:
    judged: list[int] = []

    class Watcher:
        def observe(self, exchange: Exchange) -> None:
            judged.append(len(exchange.body))

    body = b'{"limit": 1}' + b" " * KEPT_BYTES
    with observing.observed_by(Watcher()):
        seen = Caller(observing, "cop_demo_user").ask(
            "POST", "/capsules/search", 200, data=body, headers={"Content-Type": "application/json"}
        )
    assert judged == [len(body)]
    assert seen.body == body[:KEPT_BYTES]


def test_nothing_is_guarded_afterwards(mock: MockCodeOcean) -> None:
    closed = gate(mock)
    with closed.installed(), pytest.raises(Refused):
        requests.get(f"{mock.url}/docs", timeout=PATIENCE)
    assert requests.get(f"{mock.url}/docs", timeout=PATIENCE).status_code == 200
    assert closed.exchanges == []


def test_the_innermost_gate_counts(mock: MockCodeOcean) -> None:
    outer, inner = gate(mock, requests=0), gate(mock)
    with outer.installed():
        with inner.installed():
            Caller(inner, "cop_demo_user").ask("GET", "/custom_metadata", 200)
        with pytest.raises(StoppedError):
            Caller(outer, "cop_demo_user").ask("GET", "/custom_metadata")
    assert (len(outer.exchanges), len(inner.exchanges)) == (0, 1)


def test_retries_of_the_sdk_are_seen_as_one(observing: Gate, mock: MockCodeOcean) -> None:
    with pytest.raises(Error):
        CodeOcean(domain=mock.url, token="cop_wrong").capsules.get_capsule("x")
    assert [seen.status for seen in observing.exchanges] == [401]


@pytest.mark.parametrize(
    ("budgets", "sent", "reason"),
    [({"requests": 2}, 2, "2 requests"), ({"runs": 1}, 1, "1 computations"), ({"created": 1}, 1, "1 data assets")],
)
def test_a_budget_is_kept(budgets: dict[str, int], sent: int, reason: str) -> None:
    meter = Meter(Budgets(**budgets))
    path = "computations" if "runs" in budgets else "data_assets"
    for _ in range(sent):
        meter.before(exchange("POST", f"https://codeocean.example.org/api/v1/{path}", {}))
    assert meter.stopped is None
    for _ in range(2):
        with pytest.raises(StoppedError, match=reason):
            meter.before(exchange("POST", f"https://codeocean.example.org/api/v1/{path}", {}))
    assert (meter.stopped is not None, meter.spent) == ("requests" in budgets, "requests" in budgets)


def test_a_run_that_may_make_nothing_more_still_reads() -> None:
    meter = Meter(Budgets(runs=0, created=0))
    for path in ("computations", "data_assets"):
        with pytest.raises(BudgetSpentError):
            meter.before(exchange("POST", f"https://codeocean.example.org/api/v1/{path}", {}))
    meter.before(exchange("GET", "https://codeocean.example.org/api/v1/custom_metadata"))
    assert meter.used == {"requests": 1, "created": 0, "runs": 0}


def test_time_and_pace() -> None:
    now, waited = [100.0], []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    meter = Meter(Budgets(seconds=2, per_second=4), wait, lambda: now[0])
    for _ in range(3):
        meter.before(exchange("GET", "https://codeocean.example.org/x"))
    assert waited == [0.25, 0.25]
    now[0] += 2
    with pytest.raises(StoppedError, match="2 seconds"):
        meter.before(exchange("GET", "https://codeocean.example.org/x"))


def test_a_deployment_that_fails_is_left_alone() -> None:
    meter = Meter(Budgets(failures_in_a_row=3))
    for status in (500, 503, 200, 500, 502):
        meter.after(exchange("GET", "https://codeocean.example.org/x", status=status))
    assert meter.stopped is None
    meter.after(exchange("GET", "https://codeocean.example.org/x", status=500))
    with pytest.raises(StoppedError, match=r"failed 3 requests in a row \(last: 500\)"):
        meter.before(exchange("GET", "https://codeocean.example.org/x"))


def test_a_deployment_that_gives_no_answers_is_left_alone() -> None:
    meter = Meter(Budgets(failures_in_a_row=2))
    for _ in range(2):
        meter.after(exchange("GET", "https://codeocean.example.org/x", status=None))
    assert meter.stopped == "the deployment failed 2 requests in a row (last: no response)"


def test_authorities_of_the_users_own(mock: MockCodeOcean, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate hands them to everybody who sends."""
    trusted: list[object] = []

    def sends(_adapter: object, _request: object, **options: object) -> requests.Response:
        trusted.append(options["verify"])
        raise requests.ConnectionError

    monkeypatch.setattr("contract_tests.transport.gate._SEND", sends)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "authorities.pem")
    trusting = gate(mock)
    with trusting.installed(), pytest.raises(requests.ConnectionError):
        Caller(trusting, "cop_demo_user").ask("GET", "/custom_metadata")
    assert trusted == ["authorities.pem"]


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://codeocean.example.org/", "https://codeocean.example.org"),
        ("codeocean.example.org", "https://codeocean.example.org"),
        ("https://codeocean.example.org/api/v1/", "https://codeocean.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://example.org/code/ocean", "https://example.org/code/ocean"),
    ],
)
def test_addresses(address: str, url: str) -> None:
    target = Target.of(address)
    assert target.url == url
    assert target.owns(f"{url}/api/v1/capsules/x")
    assert target.path_of(f"{url}/api/v1/capsules/x") == "/api/v1/capsules/x"
    assert not target.owns("https://codeocean.example.com/api/v1/capsules/x")


@pytest.mark.parametrize(
    "address", ["", "ftp://x", "https://", "https://x:port", "https://user@x", "https://x?y=1", "http://[::1"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(TargetError, match="not a deployment URL"):
        Target.of(address)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("localhost", True),
        ("[::1]", True),
        ("0.0.0.0", True),
        ("a.localhost", True),
        ("x.org", False),
    ],
)
def test_loopback(host: str, is_loopback: bool) -> None:
    assert Target.of(f"http://{host}:8000").is_loopback == is_loopback
