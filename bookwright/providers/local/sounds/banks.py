"""All single sounds by their names."""

from bookwright.providers.local.sounds.animals import (
    bees,
    birds,
    crows,
    dogs,
    frogs,
    growls,
    gulls,
    horses,
    owls,
    roosters,
    whales,
    wings,
    wolves,
)
from bookwright.providers.local.sounds.elements import (
    bubbles,
    crackles,
    drips,
    drops,
    rustles,
    shimmers,
    snow_steps,
    splashes,
    thunder,
)
from bookwright.providers.local.sounds.people import (
    bells,
    cars,
    carts,
    children,
    claps,
    clinks,
    clocks,
    creaks,
    drums,
    fireworks,
    hand_bells,
    horns,
    knocks,
    murmurs,
    steps,
    swords,
    trains,
)
from bookwright.providers.local.sounds.shapes import Maker

BANKS: dict[str, Maker] = {
    "applause": claps, "bees": bees, "bells": bells, "birds": birds, "bubbles": bubbles, "cars": cars, "carts": carts,
    "children": children, "clinks": clinks, "clock": clocks, "crackles": crackles, "creaks": creaks, "crows": crows,
    "dogs": dogs, "drips": drips, "drops": drops, "drums": drums, "fireworks": fireworks, "frogs": frogs,
    "growls": growls, "gulls": gulls, "hand bells": hand_bells, "horns": horns, "horses": horses, "knocks": knocks,
    "murmurs": murmurs, "owls": owls, "roosters": roosters, "rustles": rustles, "shimmers": shimmers,
    "snow steps": snow_steps, "splashes": splashes, "steps": steps, "swords": swords, "thunder": thunder,
    "trains": trains, "whales": whales, "wings": wings, "wolves": wolves,
}  # fmt: skip
