"""What Maru alone does with further work: catching up, history, starts, a mixed day, several servers, single costs.
`python -m bench.workloads`; `run.run_all` for the whole bench. Nothing is imported here: `settle.py` patches first."""
