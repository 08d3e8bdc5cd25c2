"""Who paints which setting."""

from collections.abc import Callable

from bookwright.contracts.depicting import Setting
from bookwright.providers.local.painting import heights, landscapes, rooms, towns, waters
from bookwright.providers.local.painting.stage import Stage

_INSIDE = frozenset({"hall", "throne", "inside", "chamber", "ballroom", "corridor"})


def _castle(s: Stage) -> None:
    (rooms.hall if s.words & _INSIDE else towns.castle)(s)


SCENES: dict[Setting, Callable[[Stage], None]] = {
    Setting.FOREST: landscapes.forest,
    Setting.MEADOW: landscapes.meadow,
    Setting.MOUNTAINS: landscapes.mountains,
    Setting.BEACH: waters.beach,
    Setting.SEA: waters.sea,
    Setting.UNDERWATER: waters.underwater,
    Setting.RIVER: waters.river,
    Setting.LAKE: waters.lake,
    Setting.DESERT: landscapes.desert,
    Setting.VILLAGE: towns.village,
    Setting.CITY_STREET: towns.city,
    Setting.CASTLE: _castle,
    Setting.CAVE: rooms.cave,
    Setting.ROOM: rooms.room,
    Setting.KITCHEN: rooms.kitchen,
    Setting.SCHOOL: rooms.school,
    Setting.SKY: heights.sky,
    Setting.SPACE: heights.space,
    Setting.GARDEN: landscapes.garden,
    Setting.MARKET: towns.market,
    Setting.SNOW: landscapes.snow,
}
"""Each paints the stage, and sets where on it figures may stand."""
