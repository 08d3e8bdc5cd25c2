"""What all workers share of each provider."""
