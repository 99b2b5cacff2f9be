"""Where an idle connection's memory goes."""

from xml.etree import ElementTree

from bench.memory import Line, draw, own_line, table
from tests.serving import PROJECT

LIBRARY = "/usr/lib/python3/json/decoder.py"


def test_what_a_library_asks_for_is_put_down_to_the_line_of_maru_that_called_it() -> None:
    app = str(PROJECT / "app/accounts/queries.py")
    assert own_line([(LIBRARY, 1), (app, 7), (LIBRARY, 2)]) == Line("accounts", "queries.py", 7)
    assert own_line([(LIBRARY, 1), (LIBRARY, 2)]) == Line("libraries", "decoder.py", 2)


def test_the_table_and_the_picture_show_the_largest_lines_and_the_whole() -> None:
    hub, here = Line("realtime", "hub.py", 1), Line("presence", "here.py", 1)
    found = {hub: 300.0, here: 100.0, Line("presence", "here.py", 2): 0.1}
    assert table(found).splitlines()[0].split()[:2] == ["300", "realtime/hub.py:1"]
    assert table(found).splitlines()[-1].split()[0] == "400"
    boxes = list(ElementTree.fromstring(draw(found)))
    titles = ["".join(box.itertext()) for box in boxes]
    assert any("realtime: 300 bytes" in title for title in titles)
    assert len(boxes) == 1 + 2 + 2 + 2  # the whole, parts, files, lines: what is too narrow is left out
