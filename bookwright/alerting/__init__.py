"""Alerts: what operators are told of, and in which words."""
