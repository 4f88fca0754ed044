# SPDX-License-Identifier: Apache-2.0
"""Holds the JSON Schemas of schema/json to their examples, and to the files of share/."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "schema" / "json"
FILES = sorted(SCHEMAS.rglob("*.schema.json"))
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in (json.loads(path.read_text()) for path in FILES)
)
EXAMPLES = SCHEMAS / "examples"
WIRE = SCHEMAS / "wire" / "examples"


class Loader(yaml.SafeLoader):
    """YAML as Assay reads it: `on` and `off` are words, as they are in YAML 1.2."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false|yes|no)$"), list("tfyn"))


def validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference}, registry=REGISTRY)


def mistakes(reference: str, value: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(reference).iter_errors(value)]


def load(path: Path) -> Any:
    return yaml.load(path.read_text(), Loader)


def of_kind(quality: str) -> list[tuple[str, Path]]:
    kinds = ("job", "suite", "board-type", "rack", "schedule", "load", "night")
    return [(kind, path) for kind in kinds for path in sorted((EXAMPLES / kind / quality).iterdir())]


def names(found: list[tuple[str, Path]]) -> list[str]:
    return [f"{kind}/{path.stem}" for kind, path in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_schema_is_one(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize(("kind", "path"), of_kind("good"), ids=names(of_kind("good")))
def test_good_files(kind: str, path: Path) -> None:
    assert mistakes(f"urn:assay:{kind}", load(path)) == []


@pytest.mark.parametrize(("kind", "path"), of_kind("bad"), ids=names(of_kind("bad")))
def test_bad_files(kind: str, path: Path) -> None:
    assert mistakes(f"urn:assay:{kind}", load(path))


@pytest.mark.parametrize("path", sorted((ROOT / "share/board-types").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_board_types(path: Path) -> None:
    assert mistakes("urn:assay:board-type", load(path)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "share/suites").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_suites(path: Path) -> None:
    assert mistakes("urn:assay:suite", load(path)) == []


@pytest.mark.parametrize("path", sorted((WIRE / "good").glob("*.json")), ids=lambda path: path.stem)
def test_good_messages(path: Path) -> None:
    message = json.loads(path.read_text())
    side = path.stem.partition("-")[0]
    assert mistakes(f"urn:assay:wire:{message['type']}", message) == []
    assert mistakes(f"urn:assay:wire:message#/$defs/{side}", message) == []
    assert mistakes("urn:assay:wire:message", message) == []


@pytest.mark.parametrize("path", sorted((WIRE / "bad").glob("*.json")), ids=lambda path: path.stem)
def test_bad_messages(path: Path) -> None:
    """What only the decoder can tell, the example says so itself."""
    example = json.loads(path.read_text())
    if example["schema"]:
        assert mistakes(f"urn:assay:wire:message#/$defs/{example['from']}", example["message"])


def test_every_message_has_a_good_and_a_bad_example() -> None:
    types = {path.name.partition(".")[0] for path in (SCHEMAS / "wire").glob("*.schema.json")} - {"message"}
    good = {json.loads(path.read_text())["type"] for path in (WIRE / "good").glob("*.json")}
    bad = {path.stem.partition("-")[0] for path in (WIRE / "bad").glob("*.json")}
    assert types == good
    # ack, ping and stale hold nothing that the examples of unknown, null and wrong fields do not show.
    assert types - bad <= {"ack", "ping", "stale", "event"}
