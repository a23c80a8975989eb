import asyncio
from collections.abc import Callable

import httpx
import pytest

from shared.domain.errors import RemoteThrottled, RemoteUnavailable, SignInRefused
from shared.domain.ids import ConnectionId, CustomerId
from shared.domain.passwords import Secret
from shared.identity.tokens import Tokens, client_secret_name, refresh_token_name
from shared.partner_center.client import SCOPE
from simulator.faults import Fault
from tests.identity.northwind import QUICK, Northwind, a_new_customer

LIST = "http://simulator/partnercenter/v1/customers"
STRANGER = CustomerId("00000000-0000-4000-8000-000000000001")


async def ask(northwind: Northwind, auth: httpx.Auth) -> int:
    return (await northwind.http.get(LIST, auth=auth)).status_code


async def test_one_token_serves_many_calls(northwind: Northwind) -> None:
    auth = northwind.tokens.app_only(northwind.connection, SCOPE)

    answers = [await ask(northwind, auth) for _ in range(3)]

    assert answers == [200] * 3
    assert northwind.calls_to("login") == 1


async def test_many_calls_at_once_fetch_one_token(northwind: Northwind) -> None:
    auth = northwind.tokens.app_only(northwind.connection, SCOPE)

    await asyncio.gather(*(ask(northwind, auth) for _ in range(8)))

    assert northwind.calls_to("login") == 1


async def test_a_token_counts_as_expired_two_minutes_early(northwind: Northwind) -> None:
    moment = [0.0]
    tokens = Tokens(
        northwind.http,
        northwind.secrets,
        "http://simulator/login",
        retry=QUICK,
        ticks=lambda: moment[0],
    )
    auth = tokens.app_only(northwind.connection, SCOPE)
    await ask(northwind, auth)

    moment[0] = 3599 - 121
    await ask(northwind, auth)
    before = northwind.calls_to("login")
    moment[0] = 3599 - 119
    await ask(northwind, auth)

    assert (before, northwind.calls_to("login")) == (1, 2)


async def test_a_refused_token_is_renewed_once(northwind: Northwind) -> None:
    auth = northwind.tokens.app_only(northwind.connection, SCOPE)
    await ask(northwind, auth)
    northwind.world.faults.add(Fault(path="/v1/customers", status=401))

    recovered = await ask(northwind, auth)

    northwind.world.faults.add(Fault(path="/v1/customers", status=401, times=9))
    stayed = await ask(northwind, auth)
    assert (recovered, stayed) == (200, 401)
    assert northwind.calls_to("login") == 3


async def test_the_partners_authority_renews_the_refresh_token(northwind: Northwind) -> None:
    name = refresh_token_name(northwind.connection.id)
    before = await northwind.secrets.get(name)

    await ask(northwind, northwind.tokens.app_and_user(northwind.connection, SCOPE))

    after = await northwind.secrets.get(name)
    assert after not in (None, before)


async def test_many_calls_at_once_redeem_the_refresh_token_once(northwind: Northwind) -> None:
    auth = northwind.tokens.app_and_user(northwind.connection, SCOPE)

    answers = await asyncio.gather(*(ask(northwind, auth) for _ in range(8)))

    assert answers == [200] * 8
    assert northwind.calls_to("login") == 1


async def test_an_older_refresh_token_serves_a_host_that_read_it_before(
    northwind: Northwind,
) -> None:
    name = refresh_token_name(northwind.connection.id)
    older = await northwind.secrets.get(name)
    await ask(northwind, northwind.tokens.app_and_user(northwind.connection, SCOPE))
    newer = await northwind.secrets.get(name)
    assert older is not None
    await northwind.secrets.put(name, older)

    other_host = Tokens(northwind.http, northwind.secrets, "http://simulator/login", retry=QUICK)
    answer = await ask(northwind, other_host.app_and_user(northwind.connection, SCOPE))

    assert older != newer
    assert answer == 200


async def test_a_customers_authority_does_not(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = (await client.create_customer(a_new_customer(), "r1")).id
    await client.grant_consent(customer, "c1")
    name = refresh_token_name(northwind.connection.id)
    before = await northwind.secrets.get(name)

    await northwind.graph(customer).stocks()

    assert await northwind.secrets.get(name) == before


async def test_consent_that_was_just_given_counts_at_once(northwind: Northwind) -> None:
    client = northwind.partner_center
    customer = (await client.create_customer(a_new_customer(), "r1")).id
    with pytest.raises(SignInRefused) as caught:
        await northwind.graph(customer).stocks()

    await client.grant_consent(customer, "c1")

    assert caught.value.answer.code == "AADSTS65001"
    assert await northwind.graph(customer).stocks() == []


async def test_a_wrong_secret_says_what_to_do(northwind: Northwind) -> None:
    await northwind.secrets.put(client_secret_name(northwind.connection.id), Secret("wrong"))

    with pytest.raises(SignInRefused, match="client secret") as caught:
        await ask(northwind, northwind.tokens.app_only(northwind.connection, SCOPE))

    assert caught.value.answer.code == "AADSTS7000215"
    assert "wrong" not in str(caught.value)
    assert "Trace ID" not in caught.value.answer.message


@pytest.mark.parametrize("name", [client_secret_name, refresh_token_name])
async def test_a_secret_that_nobody_stored_is_missed(
    northwind: Northwind, name: Callable[[ConnectionId], str]
) -> None:
    await northwind.secrets.delete(name(northwind.connection.id))

    with pytest.raises(SignInRefused, match="store one first"):
        await ask(northwind, northwind.tokens.app_and_user(northwind.connection, SCOPE))


async def test_a_tenant_that_entra_does_not_know_yet_may_be_asked_again(
    northwind: Northwind,
) -> None:
    with pytest.raises(RemoteUnavailable):
        await northwind.graph(STRANGER).stocks()


async def test_a_sign_in_that_fails_for_a_moment_is_repeated(northwind: Northwind) -> None:
    northwind.world.faults.add(Fault(path="*/oauth2/v2.0/token", status=503, times=2))

    answer = await ask(northwind, northwind.tokens.app_only(northwind.connection, SCOPE))

    assert answer == 200


async def test_a_sign_in_that_is_throttled_for_long_is_left_to_the_queue(
    northwind: Northwind,
) -> None:
    northwind.world.faults.add(
        Fault(path="*/oauth2/v2.0/token", status=429, retry_after=60, times=9)
    )

    with pytest.raises(RemoteThrottled):
        await ask(northwind, northwind.tokens.app_only(northwind.connection, SCOPE))


async def test_forgotten_tokens_are_fetched_afresh(northwind: Northwind) -> None:
    auth = northwind.tokens.app_only(northwind.connection, SCOPE)
    await ask(northwind, auth)

    northwind.tokens.forget(northwind.connection.partner_tenant_id)
    await ask(northwind, auth)

    assert northwind.calls_to("login") == 2
