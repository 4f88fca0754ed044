# SPDX-License-Identifier: Apache-2.0
"""Nights on a real farm of simulated boards: dropped, scheduled, run, summed up, compared, accepted; and what becomes
of them when something is in the way."""

import email
import email.message
import email.policy
import hashlib
import hmac
import http.server
import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.farm import BUILD, ROOT, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

Json = dict[str, Any]
SCHEMA = Draft202012Validator(json.loads((ROOT / "schema/json/night.schema.json").read_text()))
SUITE = "name: smoke\nversion: 1\nrequire: {tests: 4, cases: [G.a, G.b]}\nend: {silence: 1s}\n"


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path)
    made.start_daemon()
    (tmp_path / "smoke.yaml").write_text(SUITE)
    (tmp_path / "peer.hex").write_bytes(peer_image())
    assert made.cli("suites", "--put", "smoke.yaml").returncode == 0
    yield made
    made.stop()


def simulate(farm: Farm, outcomes: Json, boards: int = 4, **more: Any) -> None:
    """From now on the boards do this."""
    farm.end(farm.agent)
    farm.start_simulated(boards, {"outcomes": outcomes, **more})
    wait_until("the boards", lambda: [b["state"] for b in farm.boards().values()].count("free") == boards)


def schedule(farm: Farm, **more: Any) -> str:
    body = {
        "name": "nightly",
        "when": "yearly",
        "boards": 2,
        "retries": 0,
        "matrix": {"suites": ["smoke"], "types": ["simulated"], "images": ["drop:main"]},
        **more,
    }
    (farm.dir / "nightly.yaml").write_text(yaml.safe_dump(body, sort_keys=False))
    done = farm.cli("schedule", "add", "nightly.yaml")
    assert done.returncode == 0, done.stderr
    return done.stdout


def begin(farm: Farm, name: str = "nightly") -> int:
    done = farm.cli("schedule", "run-now", name, "--json")
    assert done.returncode == 0, done.stderr
    return int(json.loads(done.stdout)["night"])


def night(farm: Farm, number: int) -> Json:
    return dict(farm.get(f"nights/{number}")["night"])


def wait_summary(farm: Farm, number: int) -> Json:
    return wait_until(
        f"night {number} to be summed up", lambda: (found := night(farm, number))["summary"] and found, 120
    )


def test_two_nights_are_compared_and_accepted(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    assert farm.cli("drop", "main", "peer.hex").stdout == "drop main: version 1, 1 file\n"
    assert "stored, next " in schedule(farm)

    first = wait_summary(farm, begin(farm))
    cell = first["summary"]["cells"][0]
    assert (cell["suite"], cell["image"], cell["type"], cell["runs"], cell["lost"]) == (
        "smoke",
        "main",
        "simulated",
        2,
        0,
    )
    assert cell["passed"] == 4 and cell["failed"] == 0
    assert farm.get(f"jobs/{cell['job']}")["night"] == first["id"]
    assert farm.cli("nights", "accept", str(first["id"])).returncode == 0
    again = farm.cli("nights", "accept", str(first["id"]))
    assert again.returncode == 2 and "accepted already" in again.stderr

    simulate(farm, {"fail": 1})
    second = wait_summary(farm, begin(farm))
    comparison = second["summary"]["comparison"]
    assert second["before"] == first["id"]
    assert comparison["counts"]["new-failure"] == len(comparison["changes"]) > 0
    assert {change["kind"] for change in comparison["changes"]} == {"new-failure"}
    shown = farm.cli("nights", "show", str(second["id"]))
    assert (
        shown.returncode == 1
        and "New failures\n  simulated.simulated_2 [smoke, main on simulated]: failed 2 of 2" in shown.stdout
    ), shown.stdout + shown.stderr

    # The same image: nothing says that it is the firmware.
    since = comparison["changes"][0]["since"]
    assert (since["night"], since["version"], since["dropped_by"]) == (second["id"], 1, "admin")
    assert comparison["changes"][0]["good"]["sha256"] == since["sha256"]
    assert f"since night {second['id']}, with the very image of night {first['id']}" in shown.stdout

    listed = json.loads(farm.cli("nights", "list", "nightly", "--json").stdout)["nights"]
    assert [(one["id"], one["state"], one["accepted_by"]) for one in listed] == [
        (second["id"], "finished", None),
        (first["id"], "finished", "admin"),
    ]
    back = farm.cli("nights", "compare", str(second["id"]), str(first["id"]), "--json")
    assert json.loads(back.stdout)["comparison"]["counts"]["fixed"] == comparison["counts"]["new-failure"]
    page = farm.api("GET", f"nights/{second['id']}/report?format=html")
    assert page.status_code == 200 and "nightly, night" in page.text and "<svg" in page.text
    assert "http://" not in page.text and "https://" not in page.text and "<script" not in page.text


def test_since_which_image_it_fails_is_told_and_who_dropped_it(farm: Farm) -> None:
    """Three nights of three images: the second broke it, the third is no worse."""
    receiver, mails = Receiver([]), MailServer()
    farm.end(farm.daemon)
    farm.start_daemon("--webhook-private", "yes", "--sendmail", str(mails.sendmail(farm.dir)))
    assert farm.cli("secret", "add", "ci").returncode == 0
    token = farm.cli("tokens", "add", "ann").stdout.strip().split()[-1]
    (farm.dir / "ann.token").write_text(token)
    summaries = []
    for number, (outcome, who) in enumerate([("pass", ""), ("fail", "ann"), ("fail", "")], start=1):
        simulate(farm, {outcome: 1})
        (farm.dir / "simulated.hex").write_bytes(peer_image(bytes([number])))
        as_whom = ["--token-file", "ann.token"] if who else []
        assert farm.cli("drop", "main", "simulated.hex", *as_whom).returncode == 0
        notify = {"webhook": {"url": receiver.url, "secret": "ci"}, "mail": ["team@example.org"]}
        matrix = {"suites": ["smoke"], "types": ["simulated"], "images": ["drop:main/{type}.hex"]}
        schedule(farm, matrix=matrix, **({"notify": notify} if number == 3 else {}))
        summaries.append(wait_summary(farm, begin(farm)))
        if number == 1:
            assert farm.cli("nights", "accept", str(summaries[0]["id"])).returncode == 0
    first, second, third = summaries
    for found in (second, third):
        change = found["summary"]["comparison"]["changes"][0]
        assert (change["kind"], change["since"]["version"], change["since"]["dropped_by"]) == ("new-failure", 2, "ann")
        assert change["since"]["night"] == second["id"]
        assert (change["good"]["night"], change["good"]["version"]) == (first["id"], 1)
    (image,) = third["summary"]["images"]
    assert (image["drop"], image["now"]["version"], image["was"]["version"]) == ("main", 3, 1)
    cell = third["summary"]["cells"][0]
    assert (cell["image"], cell["was"]["version"]) == ("main/{type}.hex", 1)
    assert farm.get(f"jobs/{cell['job']}")["runs"][0]["image"]["name"] == "simulated.hex"
    for found in summaries:
        assert [error.message for error in SCHEMA.iter_errors(found["summary"])] == []
    told = f"; since version 2 by ann (night {second['id']}), not with version 1 by admin"
    assert told in third["summary_text"] and "main: version 3 by admin, was version 1 by admin" in third["summary_text"]

    wait_until("both to be delivered", lambda: receiver.got and mails.mails, 120)
    assert json.loads(receiver.got[0][1]) == third["summary"]
    mail = mails.mails[0][1]
    assert mail["subject"] == f"[assay] nightly, night {third['id']}: 1 new-failure since version 2 of main by ann"
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and told in text.get_content().replace("\r\n", "\n")
    assert page is not None and "since version 2 by <b>ann</b>" in page.get_content()


def test_what_cannot_be_run_says_why_and_the_rest_runs(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    matrix = {"suites": ["smoke"], "types": ["simulated"], "images": ["drop:main", "drop:other", "drop:main/no.hex"]}
    schedule(farm, matrix=matrix)
    found = wait_summary(farm, begin(farm))
    whys = {cell["image"]: cell.get("why") for cell in found["summary"]["cells"]}
    assert whys == {
        "main": None,
        "other": "nothing was dropped under other",
        "main/no.hex": "version 1 of drop main has no file no.hex",
    }
    assert "Not run: smoke, other on simulated: nothing was dropped under other" in found["summary_text"]
    assert found["not_run"] == found["summary"]["not_run"] == 2
    assert farm.cli("nights", "show", str(found["id"])).returncode == 3


def test_a_schedule_is_refused_for_what_the_farm_does_not_know(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    body = (
        "name: nightly\nwhen: daily\nmatrix: {suites: [nosuch], types: [nosuch], images: ['drop:main']}\n"
        "notify: {webhook: {url: 'https://ci.example/', secret: nosuch}}\n"
    )
    (farm.dir / "bad.yaml").write_text(body)
    done = farm.cli("schedule", "add", "bad.yaml")
    assert done.returncode == 2
    for field in ("matrix.suites", "matrix.types", "notify.webhook.secret"):
        assert f"{field}: found nosuch" in done.stderr, done.stderr


def test_overlapping_nights_wait_or_are_skipped_and_a_restart_changes_nothing(farm: Farm) -> None:
    simulate(farm, {"hang": 1}, boards=1)
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    schedule(farm, overlap="wait", boards=1)
    first, second, third = begin(farm), begin(farm), begin(farm)
    assert [night(farm, n)["state"] for n in (first, second, third)] == ["running", "waiting", "skipped"]
    assert night(farm, third)["text"] == f"night {second} waits already"

    farm.end(farm.daemon)
    farm.start_daemon()
    assert [night(farm, n)["state"] for n in (first, second, third)] == ["running", "waiting", "skipped"]
    assert farm.cli("schedule", "list", "--json").returncode == 0
    job = night(farm, first)["cells"][0]["job"]
    assert farm.api("POST", f"jobs/{job}/cancel").status_code == 200
    assert wait_summary(farm, first)["summary"]["comparison"]["runs_lost"] == 1
    wait_until("the next night to begin", lambda: night(farm, second)["state"] == "running")
    schedule(farm, overlap="skip", boards=1)
    skipped = night(farm, begin(farm))
    assert (skipped["state"], skipped["text"]) == ("skipped", f"night {second} is still under way")
    assert farm.cli("schedule", "remove", "nightly").returncode == 0
    assert farm.get("schedules")["schedules"] == []


def test_a_schedule_runs_by_itself_when_it_is_due(farm: Farm) -> None:
    simulate(farm, {"pass": 1})
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    schedule(farm, when="*-*-* *:*:0/2", boards=1)
    wait_until("two nights by themselves", lambda: len(farm.get("nights")["nights"]) >= 2)
    assert farm.cli("schedule", "pause", "nightly").returncode == 0
    nights = farm.get("nights")["nights"]
    assert all(one["due_us"] % 2_000_000 == 0 for one in nights)
    assert len({one["due_us"] for one in nights}) == len(nights)
    assert farm.get("schedules/nightly")["schedule"]["next_us"] is None


def test_a_watched_folder_is_dropped_when_it_changed(farm: Farm) -> None:
    simulate(farm, {"pass": 1}, boards=1)
    folder = farm.dir / "folder"
    folder.mkdir()
    (folder / "a.hex").write_bytes(peer_image())
    watch = farm._spawn(
        "watch.log", BUILD / "bin/assay", "--state-dir", farm.state, "drop", "main", "--watch", folder, "--settle", "0"
    )

    def files() -> Json | None:
        drops = farm.get("drops")["drops"]
        return {"version": drops[0]["version"], "files": sorted(drops[0]["files"])} if drops else None

    try:
        wait_until("what is there", lambda: files() == {"version": 1, "files": ["a.hex"]})
        (folder / ".b.hex").write_bytes(peer_image())
        (folder / ".b.hex").rename(folder / "b.hex")
        wait_until("what was moved in", lambda: files() == {"version": 2, "files": ["a.hex", "b.hex"]})
        (folder / "a.hex").write_bytes(peer_image())  # the same again
        (folder / "a.hex").unlink()
        wait_until("what is left", lambda: files() == {"version": 3, "files": ["b.hex"]})
    finally:
        farm.end(watch)


# --- telling of them ---


class Receiver:
    """Takes webhooks; answers the first ones as it was told."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.got: list[tuple[Any, bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((self.headers, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class MailServer:
    """As much of an SMTP server as a mail program needs to hand over a mail."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], email.message.EmailMessage]] = []
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 here\r\n")
                to: list[str] = []
                while line := self.rfile.readline().decode().strip():
                    word = line.split()[0].upper()
                    if word == "RCPT":
                        to.append(line.partition("<")[2].partition(">")[0])
                    if word == "DATA":
                        self.wfile.write(b"354 go on\r\n")
                        lines = iter(self.rfile.readline, b".\r\n")
                        text = b"".join(line.removeprefix(b".") for line in lines)
                        mails.append((to, email.message_from_bytes(text, policy=email.policy.default)))
                    self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 good\r\n")
                    if word == "QUIT":
                        return

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def sendmail(self, directory: Path) -> Path:
        """A real mail program that delivers here."""
        port = self.server.server_address[1]
        config = directory / "msmtprc"
        config.write_text(f"account default\nhost 127.0.0.1\nport {port}\ntls off\nauth off\n")
        config.chmod(0o600)
        script = directory / "sendmail"
        script.write_text(f'#!/bin/sh\nexec msmtp -C "{config}" "$@"\n')
        script.chmod(0o755)
        return script


def test_a_night_is_told_by_webhook_and_mail_again_and_again_until_it_is_taken(farm: Farm) -> None:
    receiver, mails = Receiver([500, 302]), MailServer()
    farm.end(farm.daemon)
    farm.start_daemon(
        "--webhook-private", "yes", "--delivery-retry", "200ms", "--sendmail", str(mails.sendmail(farm.dir))
    )
    simulate(farm, {"fail": 1})
    secret = farm.cli("secret", "add", "ci").stdout.strip()
    assert len(secret) == 64
    assert secret not in farm.api("GET", "secrets").text
    again = farm.cli("secret", "add", "ci")
    assert again.returncode == 2 and 'there is a secret "ci" already' in again.stderr
    secret = farm.cli("secret", "add", "ci", "--replace").stdout.strip()
    assert len(secret) == 64
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    schedule(farm, notify={"webhook": {"url": receiver.url, "secret": "ci"}, "mail": ["team@example.org"]})
    number = wait_summary(farm, begin(farm))["id"]

    def delivered() -> bool:
        return {one["state"] for one in night(farm, number)["deliveries"]} == {"delivered"}

    wait_until("both to be delivered", delivered, 120)
    assert {one["kind"]: one["tries"] for one in night(farm, number)["deliveries"]} == {"webhook": 3, "mail": 1}
    for headers, body in receiver.got:
        signed = f"{headers['x-assay-timestamp']}.".encode() + body
        wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(headers["x-assay-signature"], f"v1={wanted}")
        assert (headers["x-assay-event"], headers["x-assay-delivery"]) == ("night.summarised", f"{number}-0")
        assert json.loads(body)["comparison"]["counts"]["new-failure"] == 1
    assert len(receiver.got) == 3

    to, mail = mails.mails[0]
    assert (len(mails.mails), to) == (1, ["team@example.org"])
    assert mail["subject"] == f"[assay] nightly, night {number}: 1 new-failure"
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and "Failing\n  simulated.simulated_2" in text.get_content()
    assert page is not None and "<table>" in page.get_content()


def test_a_webhook_goes_to_no_address_of_the_house_unless_it_may(farm: Farm) -> None:
    receiver = Receiver([])
    simulate(farm, {"pass": 1})
    assert farm.cli("secret", "add", "ci").returncode == 0
    assert farm.cli("drop", "main", "peer.hex").returncode == 0
    schedule(farm, notify={"webhook": {"url": receiver.url.replace("127.0.0.1", "localhost"), "secret": "ci"}})
    number = wait_summary(farm, begin(farm))["id"]
    found = wait_until(
        "it to be given up",
        lambda: next((d for d in night(farm, number)["deliveries"] if d["state"] != "pending"), None),
    )
    assert found["state"] == "failed" and "webhook-private" in found["text"] and not receiver.got


def test_a_receiver_that_never_answers_holds_no_other_up(farm: Farm) -> None:
    deaf, receiver = socket.create_server(("127.0.0.1", 0)), Receiver([])
    farm.end(farm.daemon)
    farm.start_daemon("--webhook-private", "yes", "--delivery-retry", "1h")
    simulate(farm, {"hang": 1})
    assert farm.cli("secret", "add", "ci").returncode == 0
    assert farm.cli("drop", "main", "peer.hex").returncode == 0

    def told(number: int) -> Json:
        return dict(night(farm, number)["deliveries"][0])

    def begin_night(name: str, url: str) -> int:
        schedule(farm, name=name, boards=1, notify={"webhook": {"url": url, "secret": "ci"}})
        return begin(farm, name)

    def end_night(number: int) -> None:
        job = night(farm, number)["cells"][0]["job"]
        assert farm.api("POST", f"jobs/{job}/cancel").status_code == 200

    def wait_delivered(number: int) -> None:
        wait_until("the other to be delivered", lambda: told(number)["state"] == "delivered")

    # A receiver is given 20 s, in which the other night only ends; where this machine takes longer, it is tried again.
    for _ in range(3):
        held = begin_night("held", f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        other = begin_night("other", receiver.url)
        end_night(held)
        taken, _ = deaf.accept()
        end_night(other)
        wait_summary(farm, other)
        wait_delivered(other)
        undisturbed = told(held)["tries"] == 0
        taken.close()
        if undisturbed:
            break
    assert undisturbed
    deaf.close()
    failed = wait_until("the first to be tried", lambda: (found := told(held))["tries"] and found)
    assert (failed["state"], failed["tries"]) == ("pending", 1)
    assert failed["next_at_us"] > time.time() * 1e6 and failed["text"]
    # What is for the same target waits with it, and says so.
    farm.end(farm.daemon)
    farm.start_daemon("--webhook-private", "yes", "--delivery-retry", "1h")
    assert told(held)["next_at_us"] == failed["next_at_us"]
