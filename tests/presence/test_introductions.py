"""Who may see newcomers is asked for many at once, and no answer is older than its question."""

from collections.abc import Callable, Iterable

import pytest

from app.accounts.wire import Visibility
from app.core.errors import Unavailable
from app.core.ids import UserId
from app.presence import introductions
from app.presence.introductions import Introductions

MINJI, JIHO = UserId("minji"), UserId("jiho")


class Database:
    """Answers when it is told to; `meanwhile` happens while it is asked."""

    def __init__(self) -> None:
        self.settings: dict[UserId, Visibility] = {MINJI: "everyone", JIHO: "contacts"}
        self.asked: list[list[UserId]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.failing = False

    def ask(self, user_ids: Iterable[UserId]) -> dict[UserId, Visibility]:
        self.asked.append(list(user_ids))
        answer = dict(self.settings)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if self.failing:
            raise Unavailable("not now")
        return answer


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def answers() -> list[tuple[UserId, Visibility]]:
    return []


@pytest.fixture
def spawned() -> list[Callable[[], None]]:
    return []


@pytest.fixture
def asking(
    database: Database, answers: list[tuple[UserId, Visibility]], spawned: list[Callable[[], None]]
) -> Introductions:
    return Introductions(database.ask, lambda user, setting: answers.append((user, setting)), spawned.append)


def test_those_who_come_together_are_one_question(
    asking: Introductions,
    database: Database,
    answers: list[tuple[UserId, Visibility]],
    spawned: list[Callable[[], None]],
) -> None:
    for user in (MINJI, JIHO, UserId("nobody")):
        asking.add(user)
    assert len(spawned) == 1
    spawned.pop()()
    assert database.asked == [[MINJI, JIHO, "nobody"]]
    assert answers == [(MINJI, "everyone"), (JIHO, "contacts"), ("nobody", "nobody")]


def test_a_large_crowd_is_several_questions(
    asking: Introductions,
    database: Database,
    spawned: list[Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(introductions, "ASKED_AT_ONCE", 2)
    for number in range(5):
        asking.add(UserId(f"{number}"))
    spawned.pop()()
    assert [len(question) for question in database.asked] == [2, 2, 1]


def test_an_answer_that_was_overtaken_is_not_given(
    asking: Introductions,
    database: Database,
    answers: list[tuple[UserId, Visibility]],
    spawned: list[Callable[[], None]],
) -> None:
    def hide() -> None:
        database.settings[MINJI] = "nobody"
        asking.add(MINJI)

    database.meanwhile = hide
    asking.add(MINJI)
    spawned.pop()()
    assert answers == [(MINJI, "nobody")]
    assert spawned == []


def test_while_the_database_is_away_it_is_asked_again_later(
    asking: Introductions,
    database: Database,
    answers: list[tuple[UserId, Visibility]],
    spawned: list[Callable[[], None]],
) -> None:
    database.failing = True
    asking.add(MINJI)
    spawned.pop()()
    assert answers == []
    database.failing = False
    asking.go_on()
    spawned.pop()()
    assert answers == [(MINJI, "everyone")]
    asking.go_on()
    assert spawned == []
