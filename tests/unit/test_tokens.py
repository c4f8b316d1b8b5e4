"""Tokens: one fetch for all workers, stored before use, no loop against a vendor that refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.ports import Secret
from connector.token_store import TokenLease
from connector.tokens import BearerAuthorizer, StaticBearer, Token, TokenCache, reconnect_needed, reconnect_shown
from connector.transport import Reply, Request, Transport
from tests.support.clock import VirtualClock
from tests.support.world import World

HOUR = timedelta(hours=1)
NAME = "acme/shop/token"
CALL = Request("POST", "https://vendor.example/orders", "orders.create", write=True)


@dataclass
class Vendor:
    """A token endpoint with rotating refresh tokens: the newest works once, a spent one kills the grant."""

    clock: VirtualClock
    lifetime: timedelta = HOUR
    refresh: str = "refresh-0"
    rotates: bool = True
    calls: int = 0
    fail: list[VendorFault] = field(default_factory=list)
    lose_answers: int = 0
    accepted: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, previous: Token | None) -> Token:
        with self.lock:
            self.calls += 1
            if self.fail:
                raise self.fail.pop(0)
            if previous is None or previous.refresh != self.refresh:
                raise VendorFault("shop", FaultKind.FORBIDDEN, "invalid_grant", status=400)
            if self.rotates:
                self.refresh = f"refresh-{self.calls}"
            self.accepted = f"access-{self.calls}"
            if self.lose_answers:
                self.lose_answers -= 1
                raise VendorFault("shop", FaultKind.UNAVAILABLE, "no whole answer came back", Executed.MAYBE)
            return Token(self.accepted, self.clock() + self.lifetime, self.refresh if self.rotates else None, "orders")


def cache(world: World, vendor: Vendor, **options: object) -> TokenCache:
    """The cache of a worker in a process of its own."""
    services = replace(world.services, memory={})
    return TokenCache(services, "acme", "shop", vendor.fetch, **options)  # type: ignore[arg-type]


def authorized(world: World | None = None, **options: object) -> tuple[World, Vendor]:
    """A connection that a person has authorized a moment ago, without an access token yet."""
    world = world or World()
    vendor = Vendor(world.clock, **options)  # type: ignore[arg-type]
    world.secrets.write("acme/shop", json.dumps({"client_id": "c", "client_secret": "s"}))
    world.secrets.write(NAME, json.dumps({"refresh": "refresh-0"}))
    return world, vendor


def failure(act: Callable[[], object]) -> VendorFault:
    with pytest.raises(VendorFault) as caught:
        act()
    return caught.value


def unavailable(kind: FaultKind = FaultKind.UNAVAILABLE, retry_at: datetime | None = None) -> VendorFault:
    return VendorFault("shop", kind, "the token endpoint is down", Executed.MAYBE, 503, retry_at=retry_at)


def stored(world: World) -> dict[str, object]:
    secret = world.secrets.read(NAME)
    assert secret is not None
    document: dict[str, object] = json.loads(secret.current)
    return document


# The ordinary way.


def test_memory_first_then_the_secret_then_the_vendor() -> None:
    world, vendor = authorized()
    worker = cache(world, vendor)
    token = worker.current()
    assert (token.access, token.refresh, token.scope) == ("access-1", "refresh-1", "orders")
    reads = world.secrets.reads
    assert worker.current() == token
    assert world.secrets.reads == reads
    assert cache(world, vendor).current().access == "access-1"
    assert vendor.calls == 1


def test_without_any_token_fetch_is_asked_with_none() -> None:
    world = World()
    asked: list[Token | None] = []

    def fetch(previous: Token | None) -> Token:
        asked.append(previous)
        return Token("first", world.clock() + HOUR)

    assert TokenCache(world.services, "acme", "shop", fetch).current().access == "first"
    assert asked == [None]


@pytest.mark.parametrize(
    ("lifetime", "kept_for"),
    [
        (HOUR, timedelta(minutes=55)),
        (timedelta(hours=4), timedelta(minutes=235)),
        (timedelta(minutes=6), timedelta(minutes=3)),
    ],
)
def test_renewed_before_its_end_from_the_stated_lifetime(lifetime: timedelta, kept_for: timedelta) -> None:
    world, vendor = authorized(lifetime=lifetime)
    worker = cache(world, vendor)
    worker.current()
    world.clock.advance(kept_for - timedelta(seconds=1))
    assert worker.current().access == "access-1"
    world.clock.advance(1)
    assert worker.current().access == "access-2"


def test_a_vendor_that_answers_no_refresh_token_keeps_the_old_one() -> None:
    world, vendor = authorized(rotates=False)
    worker = cache(world, vendor)
    for number in range(1, 4):
        assert worker.current().access == f"access-{number}"
        assert stored(world)["refresh"] == "refresh-0"
        world.clock.advance(HOUR)


def test_a_token_says_nothing_when_printed() -> None:
    token = Token("s3cr3t-access", datetime.fromisoformat("2026-03-02T00:00:00+00:00"), "s3cr3t-refresh")
    assert "s3cr3t" not in repr(token)


def test_two_hundred_workers_fetch_one_token() -> None:
    world, vendor = authorized()
    workers = [cache(world, vendor) for _ in range(200)]
    barrier = threading.Barrier(len(workers))
    got: list[str] = []
    waiting: list[VendorFault] = []

    def work(worker: TokenCache) -> None:
        barrier.wait()
        try:
            got.append(worker.current().access)
        except VendorFault as fault:
            waiting.append(fault)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vendor.calls == 1
    assert len(got) + len(waiting) == 200
    assert set(got) == {"access-1"}
    for fault in waiting:
        assert (fault.kind, fault.executed) == (FaultKind.BUDGET, Executed.NO)
        assert fault.retry_at is not None
        assert timedelta(seconds=2) <= fault.retry_at - world.clock() <= timedelta(seconds=4)
    world.clock.advance(4)
    assert {worker.current().access for worker in workers} == {"access-1"}
    assert vendor.calls == 1


def test_while_one_renews_the_others_use_the_old_token() -> None:
    world, vendor = authorized()
    other = cache(world, vendor)
    other.current()
    world.clock.advance(timedelta(minutes=56))
    seen: list[str] = []

    def slow(previous: Token | None) -> Token:
        seen.append(other.current().access)
        return vendor.fetch(previous)

    assert TokenCache(replace(world.services, memory={}), "acme", "shop", slow).current().access == "access-2"
    assert seen == ["access-1"]


def test_the_new_token_is_durable_before_it_is_used() -> None:
    world, vendor = authorized()
    order: list[str] = []
    world.step = lambda label: order.append(label) if label.startswith("secrets.write") else None
    token = cache(world, vendor).current()
    assert order == ["secrets.write.before", "secrets.write.after"]
    assert stored(world)["access"] == token.access
    assert stored(world)["refresh"] == token.refresh


# Rejected tokens.


def test_a_rejected_token_is_renewed_once_for_all() -> None:
    world, vendor = authorized()
    workers = [cache(world, vendor) for _ in range(5)]
    for worker in workers:
        worker.current()
    world.clock.advance(timedelta(minutes=10))
    assert [worker.renew("access-1") for worker in workers] == [True] * 5
    assert vendor.calls == 2
    assert {worker.current().access for worker in workers} == {"access-2"}


def test_a_fresh_token_that_is_rejected_is_not_renewed() -> None:
    world, vendor = authorized()
    worker = cache(world, vendor)
    worker.current()
    world.clock.advance(29)
    assert worker.renew("access-1") is False
    assert vendor.calls == 1


def test_a_vendor_that_rejects_everything_costs_a_handful_of_tokens_a_day() -> None:
    world, vendor = authorized()
    worker = cache(world, vendor)
    for _ in range(24 * 60):
        worker.renew(worker.current().access)
        world.clock.advance(60)
    assert vendor.calls < 60


def test_a_rejected_token_is_not_used_while_another_renews() -> None:
    world, vendor = authorized()
    worker = cache(world, vendor)
    worker.current()
    world.clock.advance(timedelta(minutes=10))
    assert TokenLease(world.services, "acme", "shop").take()
    fault = failure(lambda: worker.renew("access-1"))
    assert fault.kind is FaultKind.BUDGET


class Shop:
    """The vendor's business address: accepts the newest access token only."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.seen: list[str] = []

    def exchange(self, request: Request) -> Reply:
        self.seen.append(request.headers["Authorization"])
        return Reply(200 if request.headers["Authorization"] == f"Bearer {self.vendor.accepted}" else 401, {}, b"")


class Open:
    """A gate that lets everything pass."""

    def enter(self, request: Request) -> None:
        return

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        return


def rejected(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    return VendorFault("shop", FaultKind.EXPIRED, "token rejected", status=401) if reply.status == 401 else None


def test_transport_renews_once_and_sends_once_more() -> None:
    world, vendor = authorized()
    shop = Shop(vendor)
    authorizer = BearerAuthorizer(cache(world, vendor))
    transport = Transport("shop", shop, authorizer, Open(), rejected, world.clock, world.services.log)
    assert transport.send(CALL).status == 200
    vendor.accepted = "revoked"
    world.clock.advance(timedelta(minutes=10))
    assert transport.send(CALL).status == 200
    assert shop.seen == ["Bearer access-1", "Bearer access-1", "Bearer access-2"]


def test_a_lost_token_answer_never_looks_like_a_sent_write() -> None:
    """The Ledger decides by `executed`: the order was not sent, whatever became of the token call."""
    world, vendor = authorized(lose_answers=1)
    transport = Transport(
        "shop", Shop(vendor), BearerAuthorizer(cache(world, vendor)), Open(), rejected, world.clock, world.services.log
    )
    fault = failure(lambda: transport.send(CALL))
    assert (fault.kind, fault.executed) == (FaultKind.UNAVAILABLE, Executed.NO)
    assert "the request was not sent" in fault.message


# Failing refreshes.


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.NOT_SENT, FaultKind.THROTTLED])
def test_passing_failures_keep_the_refresh_token_and_all_workers_wait_together(kind: FaultKind) -> None:
    world, vendor = authorized()
    vendor.fail = [unavailable(kind)]
    fault = failure(cache(world, vendor).current)
    assert (fault.kind, fault.executed) == (kind, Executed.NO)
    assert failure(cache(world, vendor).current).kind is FaultKind.BUDGET
    assert vendor.calls == 1
    assert fault.retry_at is not None
    world.clock.set(fault.retry_at)
    assert cache(world, vendor).current().access == "access-2"
    assert world.alerts.sent == []


def test_a_lane_without_budget_does_not_keep_the_others_from_renewing() -> None:
    world, vendor = authorized()
    at = world.clock() + timedelta(minutes=1)
    vendor.fail = [unavailable(FaultKind.BUDGET, at)]
    fault = failure(cache(world, vendor, daily_limit=1).current)
    assert (fault.kind, fault.executed, fault.retry_at) == (FaultKind.BUDGET, Executed.NO, at)
    assert cache(world, vendor, daily_limit=1).current().access == "access-2"


def test_the_old_token_serves_while_the_vendor_is_down() -> None:
    world, vendor = authorized()
    worker = cache(world, vendor)
    worker.current()
    world.clock.advance(timedelta(minutes=56))
    vendor.fail = [unavailable()]
    assert worker.current().access == "access-1"
    assert worker.current().access == "access-1"
    assert vendor.calls == 2


def test_an_outage_of_hours_is_asked_ever_more_rarely() -> None:
    world, vendor = authorized()
    vendor.fail = [unavailable() for _ in range(10_000)]
    worker = cache(world, vendor)
    for _ in range(6 * 3600 // 5):
        failure(worker.current)
        world.clock.advance(5)
    assert vendor.calls < 300


def test_the_vendors_hint_is_honoured() -> None:
    world, vendor = authorized()
    vendor.fail = [unavailable(FaultKind.THROTTLED, world.clock() + timedelta(minutes=20))]
    failure(cache(world, vendor).current)
    world.clock.advance(timedelta(minutes=19))
    failure(cache(world, vendor).current)
    assert vendor.calls == 1
    world.clock.advance(timedelta(minutes=2))
    cache(world, vendor).current()


def test_a_refused_refresh_alerts_once_and_is_never_repeated() -> None:
    world, vendor = authorized(refresh="other")
    workers = [cache(world, vendor) for _ in range(10)]
    for _ in range(50):
        for worker in workers:
            fault = failure(worker.current)
            assert fault.kind is FaultKind.EXPIRED
            assert fault.executed is Executed.NO
            assert fault.alarm
            assert fault.retry_at is not None
            assert "invalid_grant" in fault.message
        world.clock.advance(timedelta(minutes=7))
    assert vendor.calls == 1
    assert len(world.alerts.sent) == 1
    assert "ml-connector connections authorize acme --system shop" in world.alerts.sent[0].text
    assert "refresh-0" not in world.alerts.sent[0].text
    assert len(world.metrics()["TokenRefreshFailed"]) > 1
    reason = reconnect_needed(world.services, "acme", "shop")
    assert reason is not None
    assert reason.why == "invalid_grant"
    assert reconnect_shown(world.services, "acme", "shop") == (reason.since, reason.why)


def test_an_alert_that_could_not_be_sent_is_sent_by_the_next_worker() -> None:
    world, vendor = authorized(refresh="other")

    def broken(label: str) -> None:
        if label == "alerts.send.before":
            raise RuntimeError("the topic does not answer")

    world.step = broken
    with pytest.raises(RuntimeError):
        cache(world, vendor).current()
    world.step = lambda label: None
    world.clock.advance(timedelta(minutes=2))
    failure(cache(world, vendor).current)
    assert (vendor.calls, len(world.alerts.sent)) == (1, 1)


def test_new_credentials_end_the_refusal() -> None:
    world, vendor = authorized()
    vendor.fail = [VendorFault("shop", FaultKind.FORBIDDEN, "invalid_client", status=401)]
    worker = cache(world, vendor)
    failure(worker.current)
    world.secrets.write("acme/shop", json.dumps({"client_id": "c", "client_secret": "corrected"}))
    world.clock.advance(61)
    assert worker.current().access == "access-2"
    assert "reconnect" not in stored(world)
    assert reconnect_needed(world.services, "acme", "shop") is None
    assert reconnect_shown(world.services, "acme", "shop") is None


def test_a_new_authorization_ends_the_refusal_for_every_worker() -> None:
    world, vendor = authorized(refresh="other")
    worker = cache(world, vendor)
    failure(worker.current)
    cache(world, vendor).store(Token("from-a-person", world.clock() + HOUR, "other"))
    world.clock.advance(61)
    assert worker.current().access == "from-a-person"
    assert reconnect_needed(world.services, "acme", "shop") is None
    assert reconnect_shown(world.services, "acme", "shop") is None


def test_a_second_refusal_alerts_again() -> None:
    world, vendor = authorized(refresh="other")
    failure(cache(world, vendor).current)
    world.clock.advance(timedelta(days=1))
    cache(world, vendor).store(Token("old", world.clock() - HOUR, "wrong again"))
    failure(cache(world, vendor).current)
    assert len(world.alerts.sent) == 2


def test_a_refusal_after_a_lost_answer_says_so() -> None:
    world, vendor = authorized(lose_answers=1)
    fault = failure(cache(world, vendor).current)
    assert fault.retry_at is not None
    world.clock.set(fault.retry_at)
    fault = failure(cache(world, vendor).current)
    assert fault.kind is FaultKind.EXPIRED
    assert "an earlier attempt ended without an answer" in fault.message
    assert vendor.calls == 2


def test_a_lost_answer_of_a_vendor_that_does_not_rotate_recovers_by_itself() -> None:
    world, vendor = authorized(lose_answers=1, rotates=False)
    fault = failure(cache(world, vendor).current)
    assert fault.retry_at is not None
    world.clock.set(fault.retry_at)
    assert cache(world, vendor).current().access == "access-2"
    assert world.alerts.sent == []


def test_a_refusal_caused_by_anothers_success_is_none() -> None:
    """A worker that lost its lease while frozen comes back with a spent refresh token; the stored one is newer."""
    world, vendor = authorized()
    late = cache(world, vendor)
    in_time = cache(world, vendor)

    def frozen(previous: Token | None) -> Token:
        world.clock.advance(121)
        assert in_time.current().access == "access-1"
        return vendor.fetch(previous)

    late.fetch = frozen
    assert late.current().access == "access-1"
    assert world.alerts.sent == []
    assert "reconnect" not in stored(world)


def test_an_old_copy_of_the_secret_never_spends_a_refresh_token_twice() -> None:
    """Secrets may be read late. The table says which version is the newest."""
    world, vendor = authorized()
    cache(world, vendor).current()
    old = world.secrets.read(NAME)
    world.clock.advance(HOUR)
    cache(world, vendor).current()

    @dataclass(frozen=True)
    class Late:
        def read(self, name: str) -> Secret | None:
            return old if name == NAME else world.secrets.read(name)

        def write(self, name: str, text: str) -> str:
            return world.secrets.write(name, text)

    late = TokenCache(replace(world.services, memory={}, secrets=Late()), "acme", "shop", vendor.fetch)
    fault = failure(late.current)
    assert fault.kind is FaultKind.BUDGET
    assert vendor.calls == 2
    assert world.alerts.sent == []


def test_a_secret_written_by_a_person_is_believed_after_a_while() -> None:
    world, vendor = authorized()
    cache(world, vendor).current()
    world.secrets.write(NAME, json.dumps({"refresh": vendor.refresh}))
    world.clock.advance(timedelta(minutes=6))
    assert cache(world, vendor).current().access == "access-2"


NO_TOKENS = ("", "[]", "7", "{", '{"access": 7}', '{"access": "a"}', '{"access": "a", "expires_at": "soon"}')


@pytest.mark.parametrize("text", NO_TOKENS)
def test_a_secret_that_is_no_token_names_itself(text: str) -> None:
    world, vendor = authorized()
    world.services.secrets.write(NAME, text or " ")
    with pytest.raises(ConfigurationFault, match=r"acme/shop/token.*connections authorize acme --system shop"):
        cache(world, vendor).current()


def test_missing_credentials_leave_the_lease_free() -> None:
    world, vendor = authorized()

    def fetch(previous: Token | None) -> Token:
        raise ConfigurationFault("acme", "the secret is missing")

    for _ in range(2):
        with pytest.raises(ConfigurationFault):
            TokenCache(replace(world.services, memory={}), "acme", "shop", fetch).current()
    assert cache(world, vendor).current().access == "access-1"


# The daily number.


def test_the_daily_number_is_a_hard_stop_and_announced_before() -> None:
    world = World()
    vendor = Vendor(world.clock, rotates=False)
    world.secrets.write(NAME, json.dumps({"refresh": "refresh-0"}))
    world.clock.set(datetime.fromisoformat("2026-03-02T00:00:00+00:00"))
    vendor.lifetime = timedelta(minutes=10)
    worker = cache(world, vendor, daily_limit=10)
    for _ in range(7):
        worker.current()
        world.clock.advance(timedelta(minutes=20))
    assert world.alerts.sent == []
    worker.current()
    assert len(world.alerts.sent) == 1
    assert "8 of 10 token calls" in world.alerts.sent[0].text
    for _ in range(2):
        world.clock.advance(timedelta(minutes=20))
        worker.current()
    world.clock.advance(timedelta(minutes=20))
    for _ in range(3):
        fault = failure(worker.current)
        assert (fault.kind, fault.executed, fault.alarm) == (FaultKind.BUDGET, Executed.NO, True)
        assert fault.retry_at is not None
        assert fault.retry_at >= datetime.fromisoformat("2026-03-03T00:00:00+00:00")
    assert vendor.calls == 10
    assert len(world.alerts.sent) == 2
    assert world.metrics()["TokensToday"] == list(range(1, 11))
    world.clock.set(datetime.fromisoformat("2026-03-03T00:05:00+00:00"))
    worker.current()
    assert vendor.calls == 11


# Crashes.


class Death(BaseException):
    """The process is gone; no handler sees it."""


def labels_of_a_refresh() -> list[str]:
    world, vendor = authorized()
    seen: list[str] = []
    world.step = seen.append
    cache(world, vendor).current()
    return seen


@pytest.mark.parametrize("at", range(len(labels_of_a_refresh())))
def test_death_at_any_point_of_a_refresh(at: int) -> None:
    """Everything recovers by itself, except death between the vendor's answer and its storage: a person is told."""
    world, vendor = authorized()
    steps = iter(range(10_000))

    def die(label: str) -> None:
        if next(steps) == at:
            raise Death(label)

    world.step = die
    with pytest.raises(Death):
        cache(world, vendor).current()
    lost = vendor.calls == 1 and "access" not in stored(world)
    world.step = lambda label: None
    world.clock.advance(121)
    if lost:
        fault = failure(cache(world, vendor).current)
        assert "an earlier attempt ended without an answer" in fault.message
        assert len(world.alerts.sent) == 1
        assert vendor.calls == 2
    else:
        assert cache(world, vendor).current().access == "access-1"
        assert vendor.calls == 1
        assert world.alerts.sent == []
    assert labels_of_a_refresh()[at] == "secrets.write.before" if lost else True


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["current", "current", "renew", "cold", "down", "refused_at_shop"]),
            st.sampled_from([0.0, 3, 31, 300, 3300, 3700]),
        ),
        max_size=60,
    )
)
def test_any_interleaving_keeps_the_connection(steps: list[tuple[int, str, float]]) -> None:
    """However workers start, renew and meet outages: the refresh token is never lost, nobody is told anything."""
    world, vendor = authorized()
    workers = [cache(world, vendor) for _ in range(4)]
    for number, action, pause in steps:
        if action == "cold":
            workers[number] = cache(world, vendor)
        elif action == "down":
            vendor.fail = [unavailable(FaultKind.NOT_SENT)]
        else:
            try:
                token = workers[number].current()
                if action == "renew":
                    workers[number].renew(token.access)
                elif action == "refused_at_shop":
                    workers[number].renew("access-0")
                assert token.expires_at > world.clock()
            except VendorFault as fault:
                if fault.kind not in (FaultKind.BUDGET, FaultKind.NOT_SENT):
                    raise
        world.clock.advance(pause)
    vendor.fail = []
    world.clock.advance(timedelta(minutes=10))
    token = cache(world, vendor).current()
    assert token.access == vendor.accepted
    assert token.refresh == vendor.refresh
    assert world.alerts.sent == []


# Credentials and personal tokens.


def test_credentials_are_read_once_in_five_minutes() -> None:
    world, _ = authorized()
    credentials = Credentials(world.services, "acme", "shop")
    for _ in range(5):
        assert credentials.read("client_id", "client_secret")["client_secret"] == "s"
    assert world.secrets.reads == 1
    world.secrets.write("acme/shop", json.dumps({"client_id": "c", "client_secret": "t"}))
    world.clock.advance(timedelta(minutes=5))
    assert Credentials(world.services, "acme", "shop").read("client_secret")["client_secret"] == "t"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "does not exist"),
        ("token=abc", "is not JSON"),
        ('["abc"]', "is not a JSON object"),
        ('{"other": "x"}', "lacks 'token'"),
        ('{"token": ""}', "lacks 'token'"),
        ('{"token": 7}', "lacks 'token'"),
        ('{"token": "s3cr3t\\n"}', "line break or control character in 'token'"),
    ],
)
def test_wrong_credentials_name_the_secret_the_problem_and_the_command(text: str | None, problem: str) -> None:
    world = World()
    if text is not None:
        world.secrets.write("acme/shop", text)
    with pytest.raises(ConfigurationFault) as caught:
        Credentials(world.services, "acme", "shop").read("token")
    message = str(caught.value)
    assert problem in message
    assert "'acme/shop'" in message
    assert "`ml-connector secrets set acme/shop`" in message
    assert "s3cr3t" not in message
    assert "abc" not in message


def test_a_corrected_secret_is_used_at_once_after_a_fault() -> None:
    world = World()
    credentials = Credentials(world.services, "acme", "shop")
    with pytest.raises(ConfigurationFault):
        credentials.read("token")
    world.secrets.write("acme/shop", '{"token": "pat"}')
    assert credentials.read("token")["token"] == "pat"


def test_a_personal_token_has_nothing_to_renew_unless_a_person_replaced_it() -> None:
    world = World()
    world.secrets.write("acme/shop", '{"token": "pat-1"}')
    bearer = StaticBearer(Credentials(world.services, "acme", "shop"))
    sent = bearer.apply(CALL)
    assert sent.headers["Authorization"] == "Bearer pat-1"
    assert bearer.renew(sent) is False
    world.secrets.write("acme/shop", '{"token": "pat-2"}')
    assert bearer.apply(CALL).headers["Authorization"] == "Bearer pat-1"
    assert bearer.renew(sent) is True
    assert bearer.apply(CALL).headers["Authorization"] == "Bearer pat-2"
