"""Stories that were written: what they were ordered as, their sheet, outline and chapters."""
