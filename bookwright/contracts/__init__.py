"""What the parts of Bookwright say to each other: payloads, ports, errors and names.

Nothing here does work. Only the standard library, pydantic and `temporalio.common` may be imported, so that every
other part, workflows included, can depend on it.
"""
