"""The HTTP interface: thin routes over the store, and the pages that people see."""
