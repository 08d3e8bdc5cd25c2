"""Provider calls, what they cost, and budgets."""
