"""Processes of their own for what strangers have made: each has limits on memory, processor time and duration, knows no
key, writes no file, and takes nobody along when it ends."""
