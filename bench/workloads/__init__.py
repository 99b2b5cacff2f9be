"""What Maru alone does with further work: catching up, history, starts, a mixed day, several servers, single costs."""

from bench.workloads.run import run_all

__all__ = ["run_all"]
