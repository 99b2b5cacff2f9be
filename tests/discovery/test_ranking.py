"""Which server comes first."""

import random
from collections import Counter

from app.discovery.ranking import LAGGING_MS, Place, places, ranked
from app.discovery.registry import Entry


def place(name: str, region: str = "", load: float = 0.0, lagging: bool = False) -> Place:
    return Place(name, f"/s/{name}", region, load, lagging)


def order(found: list[Place], region: str = "", seed: int = 1) -> list[str]:
    return [one.id for one in ranked(found, region, random.Random(seed))]


def test_the_own_region_comes_first_however_loaded_it_is() -> None:
    found = [place("tokyo", "tokyo"), place("seoul", "seoul", load=0.9), place("nowhere")]
    assert all(order(found, "seoul", seed)[0] == "seoul" for seed in range(20))


def test_who_names_no_region_finds_all_equally_near() -> None:
    found = [place("tokyo", "tokyo", load=0.1), place("seoul", "seoul", load=0.9)]
    assert all(order(found, "", seed) == ["tokyo", "seoul"] for seed in range(20))


def test_a_server_that_lags_comes_after_the_others_of_its_region_and_before_other_regions() -> None:
    found = [place("far", "tokyo"), place("slow", "seoul", lagging=True), place("quick", "seoul", load=2.0)]
    assert all(order(found, "seoul", seed) == ["quick", "slow", "far"] for seed in range(20))


def test_of_two_the_less_loaded_one_is_always_first() -> None:
    assert all(
        order([place("full", load=0.5), place("free")], "", seed) == ["free", "full"] for seed in range(20)
    )


def test_two_that_are_loaded_alike_share_those_who_come_before_the_next_announcement() -> None:
    found = [place("more", load=0.34), place("less", load=0.31)]
    chance = random.Random(7)
    firsts = Counter(ranked(found, "", chance)[0].id for _ in range(1_000))
    assert min(firsts["more"], firsts["less"]) > 400


def test_of_many_the_less_loaded_ones_are_first_more_often_but_not_always_the_same_one() -> None:
    found = [place(f"{number}", load=number / 10) for number in range(8)]
    chance = random.Random(7)
    firsts = Counter(ranked(found, "", chance)[0].id for _ in range(4_000))
    assert firsts["7"] == 0
    assert list(dict(firsts.most_common())) == [f"{number}" for number in range(7)]
    assert firsts["0"] < 4_000 * 0.3


def test_everybody_is_in_the_list_once() -> None:
    found = [place(f"{number}", load=number % 3) for number in range(9)]
    assert sorted(order(found)) == sorted(one.id for one in found)


def test_processes_that_share_an_address_are_one_place() -> None:
    entries = [
        Entry(instance="s-2", id="s-2", capacity=100, connections=40, lag_ms=LAGGING_MS + 1),
        Entry(instance="s-1", id="s-1", capacity=300, connections=20),
        Entry(instance="s-3", id="a-1", address="/s/a-1", region="seoul", capacity=50, connections=25),
    ]
    assert places(entries) == [
        Place("s-1", "", "", 60 / 400, lagging=True),
        Place("a-1", "/s/a-1", "seoul", 0.5, lagging=False),
    ]
