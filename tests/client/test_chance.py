"""Ids made of time and chance."""

import random
import uuid

from tests.client.chance import RealClock, uuid7
from tests.client.device import well_formed


def test_an_id_is_a_version_7_uuid_of_its_moment() -> None:
    class Fixed(RealClock):
        def wall_ms(self) -> int:
            return 0x0123456789AB

    made = uuid.UUID(uuid7(Fixed(), random.Random(7)))
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, 0x0123456789AB)


def test_the_same_chance_makes_the_same_id_and_ids_differ() -> None:
    clock, chance = RealClock(), random.Random(7)
    made = {uuid7(clock, chance) for _ in range(1000)}
    assert len(made) == 1000
    assert all(str(uuid.UUID(one)) == one for one in made)


def test_lone_surrogates_are_replaced_and_pairs_joined() -> None:
    assert well_formed("a\ud800b") == "a\ufffdb"
    assert well_formed("\ud83d\ude00") == "😀"
    assert well_formed("마루") == "마루"
