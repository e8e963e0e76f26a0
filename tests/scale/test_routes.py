"""Whatever a request says its world by, it reaches the same server."""

from base64 import b64encode

import httpx

from tests.scale.conftest import REPLICAS, TOKEN, Cluster

CONTROL = {"Authorization": f"Bearer {TOKEN}"}
REPLICA = "x-codeocean-mock-replica"


def requests_of(world: str) -> list[httpx.Request]:
    """A request of each kind that can say its world."""
    base = "http://balancer"
    quoted = b64encode(f"'cop_x@{world}':password@elsewhere".encode()).decode()
    page = f"{base}/_ui/worlds/{world}"
    claim = {"world": world, "runner": "r", "wait": 0, "lease": 30}
    return [
        httpx.Request("GET", f"{base}/api/v1/capsules/x", headers={"Authorization": f"basic  {quoted}"}),
        httpx.Request("GET", f"{base}/_mock/worlds/{world}", headers=CONTROL),
        httpx.Request("GET", f"{base}/_mock/worlds/{world}/clock", headers=CONTROL),
        httpx.Request("POST", f"{base}/_mock/worlds", headers=CONTROL, json={"name": world}),
        httpx.Request("POST", f"{base}/_mock/work/claim", headers=CONTROL, json=claim),
        httpx.Request("GET", f"{base}/_mock/snapshots?world={world}", headers=CONTROL),
        httpx.Request("GET", f"{base}/_files/{world}/computations/x/y"),
        httpx.Request("GET", f"{page}?tag=a"),
        httpx.Request("GET", f"{page}/runs"),
        httpx.Request("GET", f"{base}/_ui/login", params={"next": f"/_ui/worlds/{world}?tag=a"}),
        httpx.Request("GET", f"{base}/_ui/static/dashboard.css", headers={"Referer": f"{page}?tag=a"}),
    ]


def replica_of(cluster: Cluster, request: httpx.Request) -> tuple[str, str]:
    """The request in words, and the server that answered it."""
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    path = request.url.raw_path.decode()
    answer = cluster.http.request(request.method, path, headers=headers, content=request.content)
    return f"{request.method} {path}", answer.headers[REPLICA]


def test_all_that_names_a_world_leads_to_one_server(cluster: Cluster) -> None:
    owners = set()
    for world in ("default", "ci-42", "a", "B.c_d-e", "w" * 64, *(f"w{number}" for number in range(8))):
        owner = str(cluster.owner(world))
        owners.add(owner)
        reached = dict(replica_of(cluster, request) for request in requests_of(world))
        assert reached == dict.fromkeys(reached, owner), world
    assert owners == {str(number) for number in range(REPLICAS)}


def test_what_names_no_world_is_the_first_servers(cluster: Cluster) -> None:
    pages = ("/", "/docs", "/openapi.json", "/_mock/health", "/_mock/worlds", "/_mock/snapshots", "/_ui/login")
    answers = {path: cluster.http.get(path, headers=CONTROL) for path in pages}
    assert [path for path, answer in answers.items() if answer.status_code >= 400] == []
    assert {answer.headers[REPLICA] for answer in answers.values()} == {"0"}


def test_credentials_that_are_none_are_refused_by_the_first_server(cluster: Cluster) -> None:
    sent = (
        {},
        *({"Authorization": text} for text in ("Basic", "Basic ?", "Basic Og==", "Bearer cop_x@w7", "Digest x")),
    )
    for headers in sent:
        answer = cluster.http.get("/api/v1/capsules/x", headers=headers)
        assert (answer.status_code, answer.headers[REPLICA]) == (401, "0"), headers


def test_the_dashboard_makes_no_world_where_its_requests_would_not_find_it(cluster: Cluster) -> None:
    own, foreign = (cluster.worlds_of(replica, 1)[0] for replica in (0, 1))
    with httpx.Client(base_url=cluster.url) as browser:
        assert browser.post("/_ui/login", data={"control_token": TOKEN}).status_code == 303
        made = browser.post("/_ui/worlds/default/worlds/make", data={"name": own})
        refused = browser.post("/_ui/worlds/default/worlds/make", data={"name": foreign})
    assert made.status_code == 303
    assert (refused.status_code, "belongs to another server" in refused.text) == (409, True)
    assert [replica.worlds() for replica in cluster.replicas] == [{own}, set()]
