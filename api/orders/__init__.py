"""What comes in: uploads, and orders for books that are there."""
