"""The tables say what was not measured, and what is missed, as clearly as what is met."""

from typing import Any

from bench.report import tables

DELAYS = {"p50": 1.0, "p90": 2.0, "p99": 3.0, "max": 4.0, "count": 5}


def result(**fields: Any) -> dict[str, Any]:
    usual = {"acked": 1_000.0, "delivered": 100_000.0, "server_cpu": 0.5, "beside_cpu": 0.1, "seconds": 2.0}
    delays = {"ack_ms": DELAYS, "delivery_ms": DELAYS, "live_ms": DELAYS, "opening_seconds": 1.5}
    memory = {"connections": 5_000, "memory_before_kib": 1_000, "memory_after_kib": 51_000}
    return {**usual, **delays, **memory, "generator_cpu": 0.3, "gaps": 0, **fields}


def run(*live: dict[str, Any], **fields: Any) -> dict[str, Any]:
    machine = {"cpu": "a processor", "cores": 2, "kernel": "6.1", "python": "3.11", "commit": "abc"}
    proof = {"ceiling_group": result(), "ceiling_pairs": result()}
    about = {"machine": machine, "rounds": len(live), "seconds": 2, "minutes": 3, "proof": proof}
    return {**about, "live": list(live), "idle": {}, "versions": {}, "missing": {}, **fields}


def test_a_target_is_met_or_missed_by_the_medians() -> None:
    maru = [{"peer": "maru", "group_16": result(delivered=rate)} for rate in (700_000.0, 100.0, 350_000.0)]
    other = {"peer": "socketio", "group_16": result(), "group_1": result()}
    shown = tables(run(*maru, other))
    assert "| group deliveries, Maru / socketio | ≥ 3.5 | 3.50 | met |" in shown
    slow = {"peer": "maru", "group_1": result(delivered=99_000.0)}
    assert "| ≥ 1 | 0.99 | **missed** |" in tables(run(slow, other))


def test_memory_of_an_idle_connection_is_compared() -> None:
    idle = {"idle_5000 maru": result(memory_after_kib=21_000), "idle_5000 socketio": result()}
    live = [{"peer": peer, "group_16": result()} for peer in ("maru", "socketio")]
    shown = tables(run(*live, idle=idle))
    assert "| memory an idle connection, Maru / socketio | ≤ 0.25 | 0.40 | **missed** |" in shown
    assert "| 5,000 idle: KiB each | 4 | 10 |" in shown


def test_nothing_that_went_wrong_is_left_out_silently() -> None:
    live = {"peer": "ws", "group_16": {"failed": "it fell over"}, "group_1": result(unclean="3 gaps")}
    silent = [{"peer": peer, "pairs_4": result(acked=0.0)} for peer in ("maru", "prosody")]
    shown = tables(run(live, *silent, missing={"ejabberd": "only root\ncan do that"}))
    assert "ws, group_16: it fell over" in shown
    assert "ws, group_1: 3 gaps" in shown
    assert "| ejabberd, archive in Mnesia | not measured | only root can do that |" in shown
