"""Outgoing webhooks, their deliveries, and alerts."""
