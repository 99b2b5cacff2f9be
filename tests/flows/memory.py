"""How much memory a process has for itself."""

from pathlib import Path


def resident_bytes(pid: int) -> int:
    """What is in RAM and its own; not the pages shared with files, of which the store's map has many."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines)
    return int(found["RssAnon"].split()[0]) * 1024
