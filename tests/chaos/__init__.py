"""Maru broken on purpose: people who go on talking, faults that come meanwhile, and a checker that looks at everything
afterwards. docs/chaos.md says how to add an action, a fault or a rule."""
