"""Jobs: taken in, admitted, followed, listed."""
