"""The OpenAPI document: valid, and complete enough to write a client from."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from api.access.guard import COOKIE, is_open
from tests.support.library import Shelved

Operation = dict[str, Any]
SILENT = ("204", "304", "416")
"""Answers without a body."""
FILES = ("application/pdf", "application/epub+zip", "application/zip", "audio/", "image/")


@pytest.fixture(scope="module")
def document(shelved: Shelved) -> dict[str, Any]:
    return shelved.home.app().openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Path, method and operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def contents(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every body that is taken or answered: where, as which media type, and what is said of it."""
    for _, _, operation in operations(document):
        bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for name, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                yield f"{operation['operationId']} {name}", media_type, content


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself of one that may be a reference."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def examples(document: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    """The examples of a body: its own, or those of its schema or, where it may be one of several, of the first."""
    if "example" in content:
        return [content["example"]]
    schema = resolved(document, content.get("schema", {}))
    for choice in ("oneOf", "anyOf"):
        if "examples" not in schema and choice in schema:
            schema = resolved(document, schema[choice][0])
    return list(schema.get("examples", ()))


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    for schema in document["components"]["schemas"].values():
        meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    found = list(operations(document))
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names)) > 30
    for path, method, operation in found:
        assert operation["summary"] and operation["description"] and operation["tags"], (method, path)


def test_every_operation_says_who_is_let_in(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert (schemes["key"]["type"], schemes["key"]["scheme"]) == ("http", "bearer")
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", COOKIE)
    for path, method, operation in operations(document):
        wanted: list[dict[str, list[str]]] = [] if is_open(path) else [{"key": []}, {"session": []}]
        assert operation["security"] == wanted, (method, path)


def test_every_operation_names_the_errors_that_anybody_may_get(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if not is_open(path):
            assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys(), (method, path)
        if "{" in path:
            assert "404" in operation["responses"], (method, path)


def test_errors_are_problems_but_where_the_contract_has_another_shape(document: dict[str, Any]) -> None:
    shapes = {("application/problem+json", "Problem"), ("application/json", "Fail"), ("application/json", "Readiness")}
    shapes.add(("application/json", "SoundscapesFailed"))  # the contract's own body for that
    own = {"uploadBook", "getBookStatus", "getBookPages"}
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status < "400" or status in SILENT:
                continue
            [(media_type, content)] = answer["content"].items()
            shape = content["schema"]["$ref"].rpartition("/")[2]
            assert (media_type, shape) in shapes, (method, path, status)
            assert (shape == "Fail") == (operation["operationId"] in own), (method, path, status)


def test_every_body_has_an_example_and_it_is_right(document: dict[str, Any]) -> None:
    for where, media_type, content in contents(document):
        if media_type.startswith(FILES):
            continue
        found = examples(document, content)
        assert found, (where, media_type)
        schema = {"components": document["components"], **content.get("schema", {})}
        for example in found:
            errors = Draft202012Validator(schema, validate_formats=True).iter_errors(example)
            assert [error.message for error in errors] == [], (where, media_type)


def test_everything_that_stands_in_a_path_has_an_example(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter["in"] != "path" or "example" in parameter, (method, path, parameter["name"])


def test_links_lead_to_operations_with_all_that_their_paths_need(document: dict[str, Any]) -> None:
    paths = {operation["operationId"]: operation for _, _, operation in operations(document)}
    led = set()
    for _, _, operation in operations(document):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                target = paths[link["operationId"]]
                needed = {f"path.{part['name']}" for part in target["parameters"] if part["in"] == "path"}
                assert link["parameters"].keys() == needed
                led.add(link["operationId"])
    assert {"readPage", "watchJob", "revokeKey", "choosePageVersion", "downloadChapter"} <= led
