"""Jobs as they stand and as they go on."""
