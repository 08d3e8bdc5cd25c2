"""Benchmarks: each compares with a reference in the same run, on this machine."""
