"""The `bookwright` command, and nothing else: whoever imports the command line gets no process set up for it."""

import gc


def main() -> None:
    """Entry point."""
    gc.disable()  # nothing becomes garbage while modules are loaded, which takes half as long so
    from bookwright.cli import main as run
    from bookwright.memory import spare_the_collector

    spare_the_collector()
    run()
