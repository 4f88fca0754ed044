# SPDX-License-Identifier: Apache-2.0
"""What is wrong is refused with a reason, and never hurts the next request."""

import contextlib
import re
import socket
from pathlib import Path

import pytest
import requests

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image
from tests.system.daemon.conftest import DaemonMaker, job_body, keep_image, peer_of


def code_of(answer: requests.Response) -> str:
    return str(answer.json()["error"]["code"])


def raw(farm: Farm, data: bytes, timeout_s: float = 90) -> bytes:
    """Sends bytes as they are; returns all that comes until the server closes or a whole answer is there."""
    with socket.create_connection(("127.0.0.1", farm.port), timeout=timeout_s) as client:
        client.sendall(data)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := client.recv(65536):
                answer += piece
                head, found, body = answer.partition(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                if found and length and len(body) >= int(length.group(1)):
                    break
        return answer


def test_routes(daemon: Farm) -> None:
    assert daemon.api("GET", "nothing").status_code == 404
    assert daemon.api("GET", "jobs/1/nothing").status_code == 404
    assert daemon.api("GET", "jobs/x").status_code == 404
    assert daemon.api("GET", "jobs/99999999999999999999999").status_code == 404
    assert daemon.api("GET", "jobs/7").status_code == 404
    assert daemon.api("GET", "boards/none").status_code == 404
    assert daemon.api("GET", "live").status_code == 426
    assert daemon.api("GET", "link").status_code == 426
    wrong = daemon.api("DELETE", "jobs")
    assert wrong.status_code == 405 and wrong.headers["allow"] == "GET, HEAD, POST"
    for query in (
        "jobs?state=odd",
        "jobs?limit=0",
        "jobs?limit=x",
        "jobs?limits=3",
        "events?after=-1",
        "farm?x=1",
    ):
        answer = daemon.api("GET", query)
        assert answer.status_code == 400 and code_of(answer) == "malformed", query


def test_head_is_get_without_a_body(daemon: Farm) -> None:
    got, head = daemon.api("GET", "suites"), daemon.api("HEAD", "suites")
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


def test_bodies(daemon: Farm) -> None:
    def post(**more: object) -> tuple[int, str]:
        answer = daemon.api("POST", "jobs", **more)
        return answer.status_code, code_of(answer)

    assert post(data="{", headers={"Content-Type": "application/json"}) == (400, "malformed")
    assert post(json=[1]) == (400, "malformed")
    assert post(json={"text": 3}) == (400, "malformed")
    assert post(json={"text": "x", "extra": 1}) == (400, "malformed")
    assert post(json={"text": "x", "images": {"a": "b"}}) == (400, "malformed")
    assert post(data="a=b", headers={"Content-Type": "text/html"}) == (415, "unsupported-media-type")
    assert post(data=iter([b"{}"])) == (411, "length-required")
    assert post(json={"text": "name: x\n"})[0] == 422


def test_problems_of_a_job_file_name_their_place(daemon: Farm) -> None:
    sha256 = keep_image(daemon)
    runs = "runs:\n  - {type: nonesuch, image: peer.hex}\n  - {type: peer, imag: peer.hex}\n"
    text = f"name: x\n{runs}priority: 101\n"
    answer = daemon.api("POST", "jobs", json={**job_body(sha256), "text": text})
    assert answer.status_code == 422
    problems = {(item["line"], item["field"]) for item in answer.json()["error"]["problems"]}
    assert {item["file"] for item in answer.json()["error"]["problems"]} == {"spoken.yaml"}
    assert any(line == 4 for line, _ in problems) and any(line == 5 for line, _ in problems), problems


def test_unknown_type_and_suite(daemon: Farm) -> None:
    sha256 = keep_image(daemon)
    answer = daemon.api("POST", "jobs", json=job_body(sha256))
    assert answer.status_code == 422 and "peer" in answer.text
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        body = job_body(sha256)
        body["text"] = body["text"].replace("require: {tests: 1}", "suite: nonesuch")
        answer = daemon.api("POST", "jobs", json=body)
        assert answer.status_code == 422 and "nonesuch" in answer.text
        answer = daemon.api("POST", "jobs", json=job_body("0" * 64))
        assert answer.status_code == 422 and "an image that the farm holds" in answer.text


def test_images(daemon: Farm) -> None:
    first = daemon.api("POST", "images?name=a.hex", data=peer_image())
    again = daemon.api("POST", "images?name=b.hex", data=peer_image())
    assert (first.status_code, again.status_code) == (201, 200)
    sha256 = first.json()["sha256"]
    content = daemon.api("GET", f"images/{sha256}/content")
    assert content.content == peer_image() and sha256 in content.headers["etag"]
    for wrong in (b"", b":nonsense\n", b"\x7fELF" + b"\0" * 100):
        answer = daemon.api("POST", "images", data=wrong)
        assert answer.status_code == 422, f"{wrong!r}: {answer.status_code} {answer.text}"
    assert daemon.api("POST", "images?name=../x", data=peer_image()).status_code == 400
    assert daemon.api("GET", f"images/{'0' * 64}").status_code == 404
    assert daemon.api("GET", "images/..").status_code == 404


def test_image_larger_than_allowed_is_refused_by_its_length(daemon: Farm) -> None:
    head = (
        f"POST /api/v1/images HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.token}\r\n"
        f"Content-Length: {(64 << 20) + 1}\r\n\r\n"
    )
    answer = raw(daemon, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ") and b"connection: close" in answer
    assert daemon.get("farm")["degraded"] is None


def test_largest_image_is_taken(daemon: Farm) -> None:
    """64 MiB exactly: a raw binary."""
    answer = daemon.api("POST", "images?name=large.bin", data=b"\x00\x10\x00\x20\x01\x01\x00\x00" * (8 << 20))
    assert answer.status_code in (201, 422), answer.text  # taken whole; what it holds is the image's matter
    assert "64 MiB" not in answer.text or answer.status_code == 422


def test_upload_that_breaks_off_leaves_nothing(daemon: Farm) -> None:
    head = (
        f"POST /api/v1/images HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.token}\r\n"
        "Content-Length: 100000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=180) as client:
        client.sendall(head.encode() + b"x" * 5000)
        wait_until("the upload's file", lambda: any((daemon.state / "images").iterdir()))
    wait_until("the upload's file to be gone", lambda: not any((daemon.state / "images").iterdir()))


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/farm HTTP/1.1\r\n" + b"X: " + b"y" * 20000 + b"\r\n\r\n",
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"OPTIONS /api/v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        bytes(range(256)),
    ],
)
def test_garbage_is_answered_or_dropped(daemon: Farm, data: bytes) -> None:
    with contextlib.suppress(TimeoutError):
        answer = raw(daemon, data, 2)
        assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer[:200]
    assert daemon.get("farm")["degraded"] is None


def test_a_request_that_comes_byte_by_byte(daemon: Farm) -> None:
    data = f"GET /api/v1/farm HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.token}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=180) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            client.sendall(bytes([byte]))
        assert client.recv(65536).startswith(b"HTTP/1.1 200")


def test_requests_in_a_row_on_one_connection(daemon: Farm) -> None:
    one = f"GET /api/v1/farm HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.token}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=180) as client:
        for _ in range(50):
            client.sendall(one)
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}\n"):
                piece = client.recv(65536)
                assert piece, answer
                answer += piece
            assert answer.startswith(b"HTTP/1.1 200")


def test_a_client_that_leaves_before_its_answer(daemon: Farm) -> None:
    one = f"GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.token}\r\n\r\n".encode()
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=180) as client:
            client.sendall(one)
    assert daemon.get("farm")["degraded"] is None


def test_pages(make_daemon: DaemonMaker, tmp_path: Path) -> None:
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<p>hello")
    (web / "assets/app.js").write_text("1")
    (web / ".hidden").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    daemon = make_daemon("--web-dir", str(web))

    def get(path: str, **headers: str) -> requests.Response:
        return requests.get(daemon.url + path, headers=headers, timeout=180)

    page = get("/")
    assert page.text == "<p>hello" and page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert get("/", **{"If-None-Match": page.headers["etag"]}).status_code == 304
    assert get("/?x=1").status_code == 200
    assert get("/assets/app.js").headers["content-type"].startswith("text/javascript")
    for path in ("/nothing", "/.hidden", "/assets", "/%2e%2e/outside.txt", "/assets/..%2f..%2foutside.txt"):
        assert get(path).status_code == 404, path
    for path in ("/../outside.txt", "/assets/../../outside.txt", "//etc/passwd", "/..//..//etc/passwd"):
        answer = raw(daemon, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b"secret" not in answer and b"root:" not in answer, path


def test_without_pages_it_says_so(make_daemon: DaemonMaker, tmp_path: Path) -> None:
    daemon = make_daemon("--web-dir", str(tmp_path / "none"))
    answer = requests.get(daemon.url + "/", timeout=180)
    assert answer.status_code == 200 and "not installed" in answer.text
    assert requests.post(daemon.url + "/", timeout=180).status_code == 405
