"""Pictures without a key or a network: scenes that are composed from a depiction, drawn as SVG and finished as WebP."""
