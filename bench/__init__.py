"""What Maru can do, measured: `make bench`. See docs/performance.md."""
