"""Batches of orders, and the schedules that make them."""
