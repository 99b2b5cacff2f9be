"""The message store on LMDB: the contract, and what only a file on a disk can get wrong."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest

from app.store.drafts import NewMessage
from app.store.events import MessageEvent, decode_event
from app.store.lmdb_store import LmdbStore
from app.store.port import Accepted, Rejected
from tests.store.contract import StoreContract
from tests.store.world import SetClock, World

ROOT = Path(__file__).parents[2]


class TestLmdbStore(StoreContract):
    @pytest.fixture
    def store(self, clock: SetClock, tmp_path: Path) -> Iterator[LmdbStore]:
        store = LmdbStore(tmp_path / "messages", clock)
        yield store
        store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "messages"


def write_until_killed(folder: Path, author: str, channel: str, batch_size: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.writer", str(folder), author, channel, str(batch_size)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill a writer without warning; the texts it had acknowledged since its output was read last."""
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    lines = rest.split("\n")[:-1]  # what stands behind the last line end was never said
    return [text for line in lines for text in line.split()]


def read_lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [text for _ in range(count) for text in process.stdout.readline().split()]


def said_in(store: LmdbStore) -> list[str]:
    """The texts of the whole commit index, after a check that it is dense in g and in each channel."""
    log = store.commits(0, 1_000_000)
    assert [row.g for row in log] == list(range(1, len(log) + 1))
    latest: dict[str, int] = {}
    for row in log:
        assert row.seq == latest.get(row.channel_id, 0) + 1
        latest[row.channel_id] = row.seq
    events = [decode_event(row.body) for row in log]
    return [event.text or "" for event in events if isinstance(event, MessageEvent)]


def test_what_was_acknowledged_survives_kill_9_in_mid_commit(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    store.close()
    acknowledged: list[str] = []
    for round_ in range(3):
        writer = write_until_killed(folder, ann, channel, 40 + round_)
        acknowledged += read_lines(writer, 5 + 3 * round_)
        acknowledged += kill(writer)
    store = LmdbStore(folder, clock)
    said = said_in(store)
    state = store.channel(ben, channel)
    assert (state.head.seq, state.head.count, state.unread) == (len(said) + 1, len(said), len(said))
    assert len(said) - len(acknowledged) <= 3 * 42, "more than a batch in flight was written each time"
    for text in set(acknowledged):
        assert said.count(text) >= acknowledged.count(text)
    store.close()


def test_several_processes_write_one_dense_history(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    writers = [write_until_killed(folder, author, channel, 7) for author in (ann, ben)]
    acknowledged = [text for writer in writers for text in read_lines(writer, 5)]
    for number in range(20):
        world.say(ann, channel, f"own {number}")
    for writer in writers:
        acknowledged += kill(writer)
    said = said_in(store)
    assert set(acknowledged) <= set(said)
    assert len(said) == len(set(said))
    assert [text for text in said if text.startswith("own")] == [f"own {number}" for number in range(20)]
    assert store.channel(ann, channel).head.count == len(said)
    store.close()


def test_another_process_reads_what_this_one_committed(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    world.direct(*world.people(2))
    program = (
        "import sys; from pathlib import Path; from app.core.clock import SystemClock\n"
        "from app.store.lmdb_store import LmdbStore\n"
        "store = LmdbStore(Path(sys.argv[1]), SystemClock()); print(store.epoch(), store.head_g())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == [store.epoch(), "1"]
    store.close()


@pytest.mark.parametrize("restored", [False, True])
def test_processes_that_open_a_new_store_at_once_agree_on_its_epoch(folder: Path, restored: bool) -> None:
    if restored:
        made = LmdbStore(folder, SetClock())
        World(made, SetClock()).direct(*World(made, SetClock()).people(2))
        made.close()
        folder.with_name("messages.high-water").unlink()
    program = (
        "import sys; from pathlib import Path; from app.core.clock import SystemClock\n"
        "from app.store.lmdb_store import LmdbStore\n"
        "sys.stdin.readline(); print(LmdbStore(Path(sys.argv[1]), SystemClock()).epoch())"
    )
    command = [sys.executable, "-c", program, str(folder)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = {process.communicate(timeout=60)[0] for process in processes}
    assert len(answers) == 1
    assert len(answers.pop().strip()) == 32


def test_a_killed_reader_stops_pinning_old_pages_once_cleared(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    world.say(ann, channel)
    program = (
        "import sys, lmdb; env = lmdb.open(sys.argv[1], max_dbs=9); txn = env.begin(); print('reading', flush=True)\n"
        "sys.stdin.read()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "reading\n"
    reader.send_signal(signal.SIGKILL)
    reader.communicate()
    pinned = growth(folder, world, ann, channel)
    store.maintain()
    assert growth(folder, world, ann, channel) < pinned / 4
    store.close()


def growth(folder: Path, world: World, author: str, channel: str) -> int:
    """By how many bytes a hundred edits make the file grow."""
    before = (folder / "data.mdb").stat().st_size
    for number in range(100):
        outcome = world.edit(author, channel, 2, f"{number} of {before}")  # type: ignore[arg-type]
        assert isinstance(outcome, Accepted)
    return (folder / "data.mdb").stat().st_size - before


# Room


def test_a_full_store_refuses_what_grows_and_still_takes_deletes_leaves_and_reads(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock, map_bytes=2 << 20)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.group(ann, ben)
    draft = NewMessage(author_id=ann, channel_id=channel, text="x" * 2_000)
    while isinstance(outcome := store.append([draft] * 10)[0], Accepted):
        pass
    assert isinstance(outcome, Rejected)
    assert outcome.code == "unavailable"
    assert store.check() == "The message store is full."
    before = store.head_g()
    small = NewMessage(author_id=ann, channel_id=channel, text="x")
    assert isinstance(world.tell(small), Rejected)
    for seq in range(2, 12):
        assert isinstance(world.delete(ann, channel, seq), Accepted)
    assert isinstance(world.remove(ben, channel, ben), Accepted)
    assert store.head_g() == before + 11
    assert store.history(ann, channel).events
    assert said_in(store)
    store.close()


def test_a_batch_too_large_for_the_map_leaves_no_trace(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock, map_bytes=2 << 20, reserve_bytes=4096)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    here, rows = world.here(), world.events(ann, channel)
    drafts = [NewMessage(author_id=ann, channel_id=channel, text="x" * 4_000) for _ in range(600)]
    outcomes = store.append(drafts)
    assert {(type(outcome), getattr(outcome, "code", "")) for outcome in outcomes} == {
        (Rejected, "unavailable")
    }
    assert (world.here(), world.events(ann, channel)) == (here, rows)
    assert world.say(ann, channel) == 2, "rows changed and given up were taken for true"
    assert store.channel(ben, channel).unread == 1
    store.close()


def test_a_disk_that_is_nearly_full_is_noticed_beforehand(folder: Path) -> None:
    clock = SetClock()
    more_than_free = shutil.disk_usage(folder.parent).free + (1 << 30)
    store = LmdbStore(folder, clock, map_bytes=8 * more_than_free, reserve_bytes=more_than_free)
    world = World(store, clock)
    ann, ben = world.people(2)
    outcome = world.contact(ann, "block", ben)
    assert isinstance(outcome, Accepted), "what limits or ends something is taken from the reserve"
    assert store.check() == "The disk of the message store is full."
    store.close()


@pytest.mark.parametrize("room", [64 * 1024, 64 * 1024 + 1_000])
def test_a_disk_that_refuses_is_a_refusal_with_reads_still_up_and_passes(folder: Path, room: int) -> None:
    """The limit on the size of files stands in for a full disk; in the middle of a page LMDB sees a short write."""
    program = """
import resource, sys
from pathlib import Path
from app.store.lmdb_store import LmdbStore
from app.store.port import Accepted, Rejected
from tests.store.world import SetClock, World

clock = SetClock()
store = LmdbStore(Path(sys.argv[1]), clock)
world = World(store, clock)
ann, ben = world.people(2)
channel = world.direct(ann, ben)
size = (Path(sys.argv[1]) / "data.mdb").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]), resource.RLIM_INFINITY))
from app.store.drafts import NewMessage
draft = NewMessage(author_id=ann, channel_id=channel, text="x" * 9_000)
count = 0
while isinstance(outcome := world.tell(draft), Accepted):
    count += 1
assert 0 < count < 50, count
assert outcome == Rejected("unavailable", "The disk of the message store is full."), outcome
assert store.channel(ben, channel).unread == count
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert isinstance(world.tell(draft), Accepted)
assert [row.g for row in store.commits(0, 100)] == list(range(1, count + 3))
store.close()
"""
    command = [sys.executable, "-W", "error", "-c", program, str(folder), str(room)]
    subprocess.run(command, cwd=ROOT, check=True)


def test_a_small_address_space_gets_a_smaller_map(folder: Path) -> None:
    program = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
from pathlib import Path
from app.store.lmdb_store import LmdbStore
from tests.store.world import SetClock, World
clock = SetClock()
store = LmdbStore(Path(sys.argv[1]), clock)
world = World(store, clock)
world.direct(*world.people(2))
assert store.check() is None
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program, str(folder)], cwd=ROOT, check=True)


def test_a_store_opened_elsewhere_with_a_larger_map_is_followed(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock, map_bytes=2 << 20)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    writer = write_until_killed(folder, ann, channel, 400)
    read_lines(writer, 40)
    kill(writer)
    assert (folder / "data.mdb").stat().st_size > 2 << 20
    assert store.channel(ben, channel).unread >= 16_000
    world.say(ben, channel)
    store.close()


def test_a_store_that_does_not_answer_is_not_ready(folder: Path) -> None:
    store = LmdbStore(folder, SetClock())
    assert store.check() is None
    store.close()
    assert str(store.check()).startswith("The message store does not answer")


# What is in the file


def test_deleted_and_edited_away_text_is_in_no_row(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    for text in ("secret zero", "kept"):
        seq = world.say(ann, channel, text)
        if text != "kept":
            world.edit(ann, channel, seq, "secret one")
            world.edit(ann, channel, seq, "secret two")
            world.delete(ann, channel, seq)
    store.close()
    rows = every_row(folder)
    assert any(b"kept" in row for row in rows)
    assert not any(b"secret" in row for row in rows)


def every_row(folder: Path) -> list[bytes]:
    """All rows of all tables, read without any of our code."""
    with lmdb.open(str(folder), max_dbs=20, readonly=True) as env, env.begin() as txn:
        names = [bytes(name) for name, _ in txn.cursor()]
        assert len(names) == 6
        tables = [env.open_db(name, txn=txn, create=False) for name in names]
        return [bytes(row) for table in tables for _, row in txn.cursor(table)]


# Restores


def test_a_store_put_back_from_a_backup_begins_a_new_epoch(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    store.close()
    backup = folder.with_name("backup")
    shutil.copytree(folder, backup)
    store = world.store = LmdbStore(folder, clock)
    world.say(ann, channel, "lost by the restore")
    seen = store.note_high_water()
    store.close()
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)
    store = world.store = LmdbStore(folder, clock)
    assert store.epoch() != seen.epoch
    world.say(ann, channel, "said in its place")
    assert store.inbox(ben, seen).resync
    epoch = store.epoch()
    store.close()
    store = LmdbStore(folder, clock)
    assert store.epoch() == epoch, "one restore is one new epoch"
    store.close()


@pytest.mark.parametrize("note", [None, b"", b"not json", b'{"epoch": 7}'])
def test_a_history_of_which_nothing_legible_was_noted_begins_a_new_epoch(
    folder: Path, note: bytes | None
) -> None:
    """A backup on a new machine, most likely; what its devices saw since it was taken nobody here knows."""
    clock = SetClock()
    store = LmdbStore(folder, clock)
    World(store, clock).direct(*World(store, clock).people(2))
    epoch = store.epoch()
    store.close()
    path = folder.with_name("messages.high-water")
    path.unlink() if note is None else path.write_bytes(note)
    store = LmdbStore(folder, clock)
    assert (renewed := store.epoch()) != epoch
    store.close()
    store = LmdbStore(folder, clock)
    assert store.epoch() == renewed, "it was noted at once"
    store.close()


def test_a_new_store_is_noted_when_it_is_made(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    World(store, clock).direct(*World(store, clock).people(2))
    epoch = store.epoch()
    store.close()  # before anything else was noted
    store = LmdbStore(folder, clock)
    assert store.epoch() == epoch
    store.close()


def test_noting_leaves_one_file_and_does_not_write_the_same_twice(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    assert store.note_high_water() == store.position()
    note = folder.with_name("messages.high-water")
    written = note.stat().st_ino
    store.note_high_water()
    assert note.stat().st_ino == written
    World(store, clock).person()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["messages", "messages.high-water"]
    store.close()


def test_a_history_outlives_the_process(folder: Path) -> None:
    clock = SetClock()
    store = LmdbStore(folder, clock)
    world = World(store, clock)
    ann, ben = world.people(2)
    channel = world.direct(ann, ben)
    draft = NewMessage(
        author_id=ann, channel_id=channel, client_message_id="00000000-0000-7000-8000-000000000001", text="hi"
    )
    first = world.done(draft)
    heads = store.heads(ben)
    store.close()
    store = world.store = LmdbStore(folder, clock)
    assert store.heads(ben) == heads
    assert world.tell(draft) != Accepted([first])
    assert store.event(ben, channel, first.seq) == first
    store.close()


def test_the_files_are_for_their_owner_alone(folder: Path) -> None:
    store = LmdbStore(folder, SetClock())
    store.note_high_water()
    for path in (folder / "data.mdb", folder / "lock.mdb", folder.with_name("messages.high-water")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert folder.stat().st_mode & 0o077 == 0
    store.close()
