"""What the API answers, in its exact field names."""
