"""Benchmarks: each figure stands beside a baseline of the same run. `o2o bench` and `make bench` run them."""
