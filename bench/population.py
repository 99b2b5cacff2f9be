"""Who takes part in a measurement: what `bench.populate` writes into `people.json`. Patches nothing when imported."""

import msgspec

GROUP_SIZE = 100


class Person(msgspec.Struct, frozen=True):
    """Somebody who is signed in, and whom they talk to."""

    user_id: str
    token: str
    direct: str


class Population(msgspec.Struct, frozen=True):
    """Neighbours (0 and 1, 2 and 3, …) share a direct channel; the first hundred are in the group."""

    group: str
    people: list[Person]
