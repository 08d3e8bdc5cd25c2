"""All things by their names."""

from bookwright.providers.local.painting.things.forms import Thing
from bookwright.providers.local.painting.things.household import HOUSEHOLD
from bookwright.providers.local.painting.things.nature import NATURE
from bookwright.providers.local.painting.things.toys import TOYS

THINGS: dict[str, Thing] = {**TOYS, **HOUSEHOLD, **NATURE}
