"""The page measured in a real browser, against the bars it has to hold: `make bench-ui`."""
