"""Descriptions in English that a text is compared with in meaning: one for each setting and mood. Times and weathers
are left to words: the model tells them apart no better than chance does."""

from bookwright.contracts.depicting import Mood, Setting
from bookwright.text.telling.words import Kind

ANCHORS: dict[Kind, dict[str, str]] = {
    Kind.SETTING: {
        Setting.FOREST: "They are in the forest, among the trees.",
        Setting.MEADOW: "They are out in the fields and meadows, on the grass.",
        Setting.MOUNTAINS: "They are high up in the mountains, on the rocks.",
        Setting.BEACH: "They are on the beach, by the harbour, on the sand of the shore.",
        Setting.SEA: "They are in a boat out on the open sea.",
        Setting.UNDERWATER: "They are deep under water, among fish and corals.",
        Setting.RIVER: "They are at the river, by the running water.",
        Setting.LAKE: "They are by the pond, at the lake.",
        Setting.DESERT: "They are in the desert, in the hot dunes.",
        Setting.VILLAGE: "They are in the village, among huts and cottages.",
        Setting.CITY_STREET: "They are in a street of the town, among houses and traffic.",
        Setting.CASTLE: "They are in the castle, in the king's palace.",
        Setting.CAVE: "They are in a cave, in a tunnel under the ground.",
        Setting.ROOM: "They are at home, in a room of the house.",
        Setting.KITCHEN: "They are in the kitchen, cooking and eating.",
        Setting.SCHOOL: "They are at school, in the classroom, in a lesson.",
        Setting.SKY: "They are flying in the sky, above the clouds.",
        Setting.SPACE: "They are in a spaceship, among the planets in outer space.",
        Setting.GARDEN: "They are in the garden, among flowers.",
        Setting.MARKET: "They are at the market, among stalls and crowds.",
        Setting.SNOW: "They are out in the snow and ice.",
    },
    Kind.MOOD: {
        Mood.CALM: "It is quiet and peaceful.",
        Mood.JOYFUL: "It is fun, they are happy and laugh.",
        Mood.TENSE: "It is dangerous, they are afraid.",
        Mood.SAD: "It is sad, they cry.",
        Mood.FESTIVE: "It is a feast, they celebrate with music and dance.",
        Mood.MYSTERIOUS: "It is strange and mysterious, there is a secret.",
        Mood.WARM: "It is loving and tender, they are together.",
        Mood.LONELY: "It is lonely and empty, nobody is there.",
    },
}
