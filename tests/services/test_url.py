"""A server of the user's own: checked first, cleaned after, its password never shown."""

from __future__ import annotations

import socket

import pytest

from conformance.core.errors import NoService
from conformance.provision.services import start
from conformance.provision.services.embedded import free_port
from conformance.provision.services.kinds import Kind, kind_for_image, kind_for_url, kind_of
from conformance.provision.services.kinds.postgres import _session
from conformance.provision.services.service import Service, namespace_name, with_path
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service

from .conftest import KINDS, start_embedded
from .stores import count, put


def test_it_is_used_and_cleaned_and_left_running(service: Service, kind: Kind) -> None:
    given = start_service(ServiceSpec(kind=service.kind), url=service.url)
    assert (given.how, given.version) == ("url", service.version)
    mine = kind.namespace(given.url, namespace_name(given.run, "x"), "database", None)
    put(service.kind, mine)
    given.stop()
    assert kind.check(service.url, 5.0) == service.version
    again = kind.namespace(given.url, namespace_name(given.run, "x"), "database", None)
    assert count(service.kind, again) == 0
    again.drop()


@pytest.mark.parametrize("name", KINDS)
def test_nothing_answers(name: str) -> None:
    url = kind_of(name).url("127.0.0.1", free_port(), {})
    with pytest.raises(NoService, match="Nothing answers at") as caught:
        start_service(ServiceSpec(kind=name), url=url)
    assert "port right" in caught.value.hint


@pytest.mark.parametrize("name", KINDS)
def test_another_scheme(name: str) -> None:
    with pytest.raises(NoService, match="is not an address of a") as caught:
        start_service(ServiceSpec(kind=name), url="mysql://localhost/x")
    assert f"{kind_of(name).SCHEMES[0]}://" in caught.value.hint


def test_another_server(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "_ANSWER_IN", 0.5)
    for name in set(KINDS) - {service.kind}:
        wrong = kind_of(name).url("127.0.0.1", service.port, {})
        with pytest.raises(NoService, match=r"cannot be used|Nothing answers"):
            start_service(ServiceSpec(kind=name), url=wrong)


def test_a_password_is_not_shown(service: Service) -> None:
    url = f"{kind_of(service.kind).SCHEMES[0]}://me:very-secret@127.0.0.1:{free_port()}/x"
    with pytest.raises(NoService) as caught:
        start_service(ServiceSpec(kind=service.kind), url=url)
    assert "very-secret" not in str(caught.value)
    assert "***" in str(caught.value)


def test_a_refused_login_is_told_from_silence(service: Service) -> None:
    """Redis and MongoDB without accounts refuse a password; our PostgreSQL trusts everybody it knows."""
    user = "nobody-we-know" if service.kind == "postgres" else "me"
    url = f"{kind_of(service.kind).SCHEMES[0]}://{user}:pw@127.0.0.1:{service.port}"
    with pytest.raises(NoService, match="cannot be used"):
        start_service(ServiceSpec(kind=service.kind), url=url)


def test_a_user_who_may_not_create_databases() -> None:
    service, kind = start_embedded("postgres"), kind_of("postgres")
    with _session(service.url) as session:
        session.run("CREATE ROLE poor LOGIN")
    poor = service.url.replace("postgres@", "poor@")
    with pytest.raises(NoService, match="permission denied to create database") as caught:
        kind.namespace(poor, "wc_x", "database", None)
    assert "right to create databases" in caught.value.hint
    service.stop()


def test_an_unknown_kind_is_only_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ws://127.0.0.1:{server.getsockname()[1]}/rpc"
        given = start_service(ServiceSpec(kind="surreal"), url=url)
        assert (given.version, given.how) == ("unknown version", "url")
        given.stop()


def test_words() -> None:
    assert with_path("postgres://u:p@h:1/a?sslmode=require", "b") == "postgres://u:p@h:1/b?sslmode=require"
    assert kind_for_url("rediss://x") == "redis"
    assert kind_for_url("mysql://x") == "other"
    assert kind_for_image("registry:5000/acme/mongo:7@sha256:1") == "mongodb"
    assert kind_for_image("acme/redis-thing") == "other"
    assert namespace_name("12345678", "Main gw0!") == "wc_12345678_main_gw0"
