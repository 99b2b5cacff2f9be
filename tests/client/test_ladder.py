"""Which transport is used next, and when."""

import random

from tests.client.ladder import Ladder
from tests.client.wire import Closed, Problem, Unreachable

OLD, YOUNG = 60.0, 0.1


def ladder(limit: float = 30.0) -> Ladder:
    return Ladder(random.Random(1), limit)


def closed(code: int = 1006, lived: float = YOUNG) -> Closed:
    return Closed(code, "", lived)


def on_long_poll() -> Ladder:
    steps = ladder()
    steps.asked(None)
    assert steps.rung == "longpoll"
    return steps


def test_a_websocket_that_does_not_open_is_asked_about() -> None:
    assert ladder().socket_lost(Unreachable("refused")) == "ask"


def test_a_websocket_that_dies_young_twice_is_asked_about() -> None:
    steps = ladder()
    assert steps.socket_lost(closed()) == "again"
    assert steps.socket_lost(closed()) == "ask"


def test_a_websocket_that_lived_does_not_count_as_dying_young() -> None:
    steps = ladder()
    for lived in (YOUNG, OLD, YOUNG):
        assert steps.socket_lost(closed(lived=lived)) == "again"


def test_a_close_with_a_word_shows_that_websockets_work_here() -> None:
    steps = ladder()
    for code in (1001, 4008, 4029, 1009, 1001):
        assert steps.socket_lost(closed(code)) == "again"


def test_an_answer_to_the_question_means_long_poll() -> None:
    steps = ladder()
    assert steps.asked(None) == "again"
    assert (steps.rung, steps.probes) == ("longpoll", True)


def test_no_answer_or_503_means_the_server_is_away_and_the_rung_stays() -> None:
    steps = ladder()
    for loss in (Unreachable("down"), Problem(503, "unavailable", "")):
        assert steps.asked(loss) == "again"
    assert steps.rung == "websocket"


def test_401_means_sign_in_wherever_it_is_met() -> None:
    refusal = Problem(401, "unauthenticated", "")
    assert ladder().asked(refusal) == "sign_in"
    assert on_long_poll().request_lost(refusal) == "sign_in"
    assert ladder().socket_lost(closed(4001)) == "sign_in"
    assert ladder().socket_lost(closed(4003)) == "sign_in"


def test_1000_and_superseded_wait_to_be_wanted() -> None:
    assert ladder().socket_lost(closed(1000)) == "rest"
    assert ladder().socket_lost(closed(4009)) == "rest"
    assert on_long_poll().request_lost(Problem(409, "superseded", "")) == "rest"


def test_held_requests_cut_twice_in_a_row_mean_polling() -> None:
    steps = on_long_poll()
    for _ in range(2):
        assert steps.request_lost(Unreachable("cut")) == "ask"
        steps.asked(None)
    assert steps.rung == "poll"
    assert steps.request_lost(Unreachable("cut")) == "again"


def test_a_held_request_that_comes_back_forgives_the_cut_before() -> None:
    steps = on_long_poll()
    steps.asked(None)
    steps.held()
    steps.asked(None)
    assert steps.rung == "longpoll"


def test_a_probe_that_opens_leads_back_to_the_websocket() -> None:
    steps = on_long_poll()
    steps.probed()
    assert (steps.rung, steps.probes) == ("websocket", False)


def test_a_pinned_rung_stays_whatever_happens() -> None:
    steps = ladder()
    steps.pin("longpoll")
    assert steps.request_lost(Unreachable("cut")) == "again"
    steps.pin("websocket")
    for loss in (Unreachable("refused"), closed(), closed(), closed()):
        assert steps.socket_lost(loss) == "again"
    assert not steps.probes


def test_delays_double_up_to_the_limit_with_full_jitter_and_begin_anew_after_success() -> None:
    class Highest(random.Random):
        def uniform(self, a: float, b: float) -> float:
            assert a == 0
            return b

    steps = Ladder(Highest(), 30.0)
    assert [steps.delay() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    steps.worked()
    assert steps.delay() == 0.5


def test_a_delay_is_after_what_the_server_asked_for() -> None:
    assert 2.0 <= ladder().delay(after_ms=2000) <= 2.5
    assert 7.0 <= ladder().delay(retry_after=7) <= 7.5
