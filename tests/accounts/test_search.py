"""Finding people by name gives the same people in the same order on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from app.accounts import queries
from app.core.ids import UserId
from tests.accounts.house import House
from tests.postgres import Postgres

NAMES = {
    "bae.po": "배포 담당", "baek_ho": "백호", "b-a-e": "Bae 100%", "jeomsim": "점심 먹자", "zoe": "Zoë/ß",
    "emile": "Émile", "Öztürk": "İpek", "민수": "김민수", "민_수": "박민수", "ara": "ㅂㅍ", "sara": "A_B%C\\D",
}  # fmt: skip
QUERIES = [
    "", "배", "배ㅍ", "ㅂㅍ", "ㅂ", "ㅈㅅ", "점심", "bae", "BAE", "e", "ë", "é", "ß", "ss", "i", "İ",
    "민수", "ㅁㅅ", "%", "_", "/", "\\", "100%", "a_b", "b%c", "김", "ㄱㅁㅅ", " ", "\0", "배\0포", "'", "zz",
]  # fmt: skip


@pytest.fixture(scope="module")
def houses(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[House]]:
    """The same people on both."""
    folder = tmp_path_factory.mktemp("search")
    with postgres.database() as url:
        houses = [House(url, folder) for url in (f"sqlite:///{folder / 'maru.db'}", url)]
        for house in houses:
            for username, name in NAMES.items():
                house.person(username, name)
        yield houses
        for house in houses:
            house.close()


def found(house: House, query: str, limit: int) -> list[str]:
    """Usernames, page after page."""
    names: list[str] = []
    after: UserId | None = None
    while True:
        page = house.database.read(
            lambda session, beyond=after: queries.page_users(session, query, beyond, limit)  # type: ignore[misc]
        )
        names += [user.username for user in page]
        if len(page) < limit:
            return names
        after = UserId(page[-1].id)


@pytest.mark.parametrize("query", QUERIES)
def test_both_find_the_same_people_in_the_same_order(houses: list[House], query: str) -> None:
    here, there = (found(house, query, 3) for house in houses)
    assert here == there
    assert len(set(here)) == len(here)


def test_the_queries_find_something_and_not_everything(houses: list[House]) -> None:
    counts = {query: len(found(houses[0], query, 100)) for query in QUERIES}
    assert counts[""] == len(NAMES)
    assert sum(0 < count < len(NAMES) for count in counts.values()) >= 10
    assert counts["배ㅍ"] == counts["zz"] + 1
