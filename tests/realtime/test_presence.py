"""How connections and requests bear on presence: who counts as here, and who is told."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.core.ids import ChannelId, SessionId, UserId
from app.realtime.sync import SyncQuery
from app.store.drafts import TellProfile
from app.store.events import ProfileChanged
from tests.presence.hall import Hall, frames, shown, state


@dataclass
class Caller:
    user_id: UserId
    session_id: SessionId
    is_admin: bool = False


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def pair(hall: Hall) -> tuple[UserId, UserId]:
    """Two friends."""
    ann, ben = hall.world.people(2)
    hall.friends(ann, ben)
    return ann, ben


def test_a_connection_counts_from_its_hello_and_watches_from_when_it_is_live(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    anns = hall.come(hall.one, ann)
    bens = hall.other.connect(ben)
    hall.settle()
    assert state(anns, ben) == "offline"
    bens.transport.stuck = True  # the welcome does not leave, so it never comes to be live
    bens.hello()
    hall.settle()
    assert state(anns, ben) == "online"
    assert frames(bens) == 0
    bens.transport.release()
    hall.settle()
    assert [frame["type"] for frame in bens.heard()][-2:] == ["live", "presence"]


@pytest.mark.parametrize(("query", "expected"), [({"active": True}, "online"), ({}, "away")])
def test_a_poll_counts_as_being_here(
    hall: Hall, pair: tuple[UserId, UserId], query: dict[str, Any], expected: str
) -> None:
    ann, ben = pair
    anns = hall.come(hall.one, ann)
    hall.other.sync.answer(Caller(ben, hall.other.session()), SyncQuery(**query))
    hall.settle()
    assert state(anns, ben) == expected


def test_a_connection_whose_session_ended_is_told_nothing_and_leaves_nothing_behind(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, _ = pair
    anns = hall.one.connect(ann)
    hall.one.hub.end_session(anns.connection.session_id)
    anns.hello()
    hall.settle()
    assert frames(anns) == 0
    assert not hall.one.presence.viewers.viewers
    hall.let_pass(30)
    assert len(hall.one.presence.here) == 0


def test_one_that_never_said_hello_is_nobody(hall: Hall, pair: tuple[UserId, UserId]) -> None:
    ann, _ = pair
    hall.one.connect(ann).connection.gone()
    hall.settle()
    assert len(hall.one.presence.here) == 0


def test_a_frame_that_cannot_be_sent_ends_that_connection_alone(
    hall: Hall, pair: tuple[UserId, UserId], caplog: pytest.LogCaptureFixture
) -> None:
    ann, ben = pair
    broken, well = hall.come(hall.one, ann), hall.come(hall.one, ann)
    broken.transport.breaking = True
    hall.come(hall.other, ben)
    assert broken.transport.aborted
    assert state(well, ben) == "online"
    assert "no room for a frame" in caplog.text


def test_what_a_person_chose_reaches_every_server_by_the_event_of_it(
    hall: Hall, pair: tuple[UserId, UserId]
) -> None:
    ann, ben = pair
    anns = hall.come(hall.one, ann)
    hall.come(hall.other, ben)
    assert state(anns, ben) == "online"
    hall.other.visible_to[ben] = "nobody"
    hall.world.done(
        TellProfile(author_id=ben, channel_id=ChannelId(ben), profile=ProfileChanged(presence="nobody"))
    )
    hall.catch_up()
    assert shown(anns)[ben] == {"state": "unknown", "last_active_at": None}
