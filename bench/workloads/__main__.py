"""`python -m bench.workloads [NAMES…] [--small]`: measure, print tables, keep them in bench/results/workloads.json."""

import argparse

from bench.workloads.run import WORKLOADS, run
from bench.workloads.shape import Options


def main() -> None:
    names = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser(prog="python -m bench.workloads")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(names)}; none: all")
    parser.add_argument("--small", action="store_true", help="seconds, to see that it works")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"no workload is called {', '.join(sorted(unknown))}")
    run(arguments.names or names, Options(small=arguments.small))


if __name__ == "__main__":
    main()
