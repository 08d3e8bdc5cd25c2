"""The ports: what activities need from the outside, as protocols. The composition root decides who stands behind."""
