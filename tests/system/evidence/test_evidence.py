# SPDX-License-Identifier: Apache-2.0
"""Evidence from end to end: a job on a virtual board is sealed, fetched, and checked with the farm's own verifier and
with nothing but tar, sha256sum and minisign."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.farm import BUILD, FIRMWARE, PATIENT, ROOT, Farm
from tests.support.processes import wait_until

Json = dict[str, Any]
BIN = BUILD / "bin"
BOARD = "microbit"


def entry(name: str, **more: Any) -> Json:
    return {"type": BOARD, "image": str(FIRMWARE / f"{name}-{BOARD}.elf"), **more}


def mixed_job() -> Json:
    """A run that passes, with a measurement; one that fails; one that crashes; one that says nothing."""
    soon = {"when": "summary", "silence": "4s", "limit": "5m"}
    # Before it crashes it prints line by line: between two of them a slow machine may need long.
    later = {**soon, "silence": "20s"}
    return {
        "name": "mixed",
        "require": {"groups": ["Input"]},
        "end": {"when": "summary", **PATIENT},
        "runs": [entry("measures"), entry("fails"), entry("crashes", end=later), entry("silent", end=soon)],
    }


@pytest.fixture(scope="module")
def job(farm: Farm) -> Json:
    return farm.run_job(mixed_job())


@pytest.fixture(scope="module")
def key(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "farm.pub"
    path.write_text(farm.cli("keys", "--public").stdout)
    return path


def seal(farm: Farm, number: int, to: Path) -> Path:
    done = farm.cli("seal", str(number), "-o", to)
    assert done.returncode == 0, done.stderr
    return to


@pytest.fixture(scope="module")
def bundle(farm: Farm, job: Json, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seal(farm, job["id"], tmp_path_factory.mktemp("sealed") / "job.tar")


def verify(bundle: Path, key: Path) -> subprocess.CompletedProcess[str]:
    """With an empty environment: there is no farm to ask."""
    argv: list[str | Path] = [BIN / "assay", "verify", bundle, "--key", key]
    return subprocess.run(argv, capture_output=True, text=True, env={}, check=False)


def test_it_holds_without_a_farm(job: Json, bundle: Path, key: Path) -> None:
    done = verify(bundle, key)
    assert done.returncode == 0, done.stdout + done.stderr
    causes = {run["id"]: run["cause"] for run in job["runs"]}
    assert sorted(causes.values()) == sorted(["all-required-seen", "case-failed", "crash", "no-output"])
    for number, cause in causes.items():
        assert f"run {number}: " in done.stdout
        assert f"{cause}: follows from the console" in done.stdout


def test_whoever_has_only_tar_sha256sum_and_minisign(job: Json, bundle: Path, key: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", bundle, "-C", tmp_path], check=True)
    subprocess.run(["minisign", "-V", "-q", "-p", key, "-m", "manifest.json"], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    jsonschema.validate(manifest, json.loads((ROOT / "schema/json/manifest.schema.json").read_text()))
    sums = next(one for one in manifest["files"] if one["path"] == "SHA256SUMS")
    assert sums["sha256"] == hashlib.sha256((tmp_path / "SHA256SUMS").read_bytes()).hexdigest()
    listed = {one["path"] for one in manifest["files"]} | {"manifest.json", "manifest.json.minisig"}
    assert listed == {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    for run in job["runs"]:
        folder = tmp_path / "runs" / str(run["id"])
        segments = json.loads((folder / "console.chain.json").read_text())
        head = hashlib.sha256(b"assay console chain 1 run %d\n" % run["id"]).digest()
        console = (folder / "console.bin").read_bytes()
        for one in segments:
            piece = console[one["offset"] : one["offset"] + one["size"]]
            numbers = one["offset"].to_bytes(8, "big") + one["at_us"].to_bytes(8, "big")
            head = hashlib.sha256(head + hashlib.sha256(piece).digest() + numbers).digest()
        assert head.hex() == next(one["chain"] for one in manifest["runs"] if one["run"] == run["id"])


def test_what_is_in_it(farm: Farm, job: Json, bundle: Path) -> None:
    with tarfile.open(bundle) as archive:
        names = archive.getnames()
        assert names[:2] == ["manifest.json", "manifest.json.minisig"]

        def read(path: str) -> bytes:
            return archive.extractfile(path).read()  # type: ignore[union-attr]

        assert json.loads(read("job.json"))["spec"]["runs"]
        assert json.loads(read(f"board-types/{BOARD}.json"))["name"] == BOARD
        for name in ("report.txt", "report.json", "report.junit.xml", "report.html"):
            assert read(f"reports/{name}")
        for run in job["runs"]:
            base = f"runs/{run['id']}"
            identity = json.loads(read(f"{base}/identity.json"))
            assert identity["dpidr"].startswith("0x")
            assert identity["unique_id"] == farm.boards()["mb"]["unique_id"]
            assert identity["tools"]["agent"] and "Open On-Chip Debugger" in identity["tools"]["openocd"]
            assert json.loads(read(f"{base}/asked.json"))["require"]["groups"]
            assert json.loads(read(f"{base}/facts.json"))["console_bytes"] == run["console"]["bytes"]
            assert {step["step"] for step in json.loads(read(f"{base}/steps.json"))} >= {"flash", "capture", "judge"}
            assert hashlib.sha256(read(f"images/{run['image']['sha256']}")).hexdigest() == run["image"]["sha256"]
        measured = read(f"runs/{job['runs'][0]['id']}/measurements.ndjson").splitlines()
        assert "latency" in {json.loads(line)["name"] for line in measured}


def test_sealed_twice_only_the_time_differs(farm: Farm, job: Json, bundle: Path, tmp_path: Path) -> None:
    again = seal(farm, job["id"], tmp_path / "again.tar")
    manifests = []
    for path in (bundle, again):
        with tarfile.open(path) as archive:
            manifests.append(json.load(archive.extractfile("manifest.json")))  # type: ignore[arg-type]
    for manifest in manifests:
        del manifest["created_at_us"]
        # Reports tell of the history too, which has grown only if something else ran meanwhile.
    assert manifests[0] == manifests[1]


def test_a_flipped_byte_of_each_file_is_named(bundle: Path, key: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(bundle) as archive:
        members = [(one.name, one.offset, one.offset_data, one.size) for one in archive.getmembers()]
    for name, header, data, size in members:
        for at in {header + 3, header + 140, data + size // 2} if size else {header + 3}:
            shutil.copyfile(bundle, damaged)
            with damaged.open("r+b") as file:
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 0x20]))
            done = verify(damaged, key)
            assert done.returncode == 1, (name, at, done.stdout)
            assert f"BROKEN {name}: " in done.stdout, (name, at, done.stdout)


def test_what_cannot_be_checked(bundle: Path, key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x" * 4096)
    assert verify(other, key).returncode == 2
    assert verify(tmp_path / "nothing", key).returncode == 2
    assert verify(bundle, other).returncode == 2


def test_a_passed_verdict_put_in_by_hand_does_not_hold(bundle: Path, key: Path, tmp_path: Path) -> None:
    """The record is changed, and manifest and sums with it: what cannot be made again is the signature."""
    root = tmp_path / "in"
    root.mkdir()
    subprocess.run(["tar", "-xf", bundle, "-C", root], check=True)
    text = (root / "manifest.json").read_text()
    assert '"failed"' in text
    (root / "manifest.json").chmod(0o644)
    (root / "manifest.json").write_text(text.replace('"failed"', '"passed"'))
    forged = tmp_path / "forged.tar"
    names = [line["path"] for line in json.loads(text)["files"]]
    subprocess.run(
        ["tar", "--format=ustar", "-cf", forged, "-C", root, "manifest.json", "manifest.json.minisig", *names],
        check=True,
    )
    assert verify(forged, key).returncode == 1


def test_an_old_key_still_verifies_what_it_signed(
    farm: Farm, job: Json, bundle: Path, key: Path, tmp_path: Path
) -> None:
    past = json.loads(farm.cli("keys", "--json").stdout)["current"]["id"]
    done = farm.cli("keys", "--rotate")
    assert done.returncode == 0, done.stderr
    keys = farm.get("keys")
    assert keys["past"][0]["id"] == past != keys["current"]["id"]
    assert keys["past"][0]["public"] == key.read_text()
    assert verify(bundle, key).returncode == 0
    newer = seal(farm, job["id"], tmp_path / "newer.tar")
    wrong = verify(newer, key)
    assert wrong.returncode == 1 and f"signed with key {keys['current']['id']}" in wrong.stdout
    new_key = tmp_path / "new.pub"
    new_key.write_text(keys["current"]["public"])
    assert verify(newer, new_key).returncode == 0
    listed = subprocess.run(
        [BIN / "assayd", "keys", "list", "--state-dir", farm.state],
        capture_output=True,
        text=True,
        check=True,
    )
    assert past in listed.stdout and keys["current"]["id"] in listed.stdout


def test_cancelled_retried_and_unfinished(farm: Farm, tmp_path: Path) -> None:
    new_key = tmp_path / "now.pub"
    new_key.write_text(farm.get("keys")["current"]["public"])
    number = farm.submit({**mixed_job(), "runs": [entry("hangs")], "end": {"when": "summary", "silence": "60s"}})
    refused = farm.cli("seal", str(number), "-o", tmp_path / "no.tar")
    assert refused.returncode == 2 and "only a finished job can be sealed" in refused.stderr
    assert not (tmp_path / "no.tar").exists()
    assert farm.api("GET", f"jobs/{number}/evidence").status_code == 404

    def captures() -> bool:
        runs = farm.job(number)["runs"]
        return any(step["step"] == "capture" for run in runs for step in run.get("steps", []))

    wait_until("the run listens", captures)
    assert farm.cli("cancel", str(number)).returncode == 0
    assert farm.wait_job(number)["verdict"] == "cancelled"
    done = verify(seal(farm, number, tmp_path / "cancelled.tar"), new_key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert farm.cli("seal", "99999", "-o", tmp_path / "no.tar").returncode == 2
