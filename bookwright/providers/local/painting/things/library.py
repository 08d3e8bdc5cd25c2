"""The words that mean things."""

import difflib

from bookwright.providers.local.painting.figures.looks import COLOURS
from bookwright.providers.local.painting.reading import words_of
from bookwright.providers.local.painting.things.stock import THINGS

_WORDS: dict[str, str] = {
    "key": "चाबी", "balloon": "balloons गुब्बारा", "kite": "पतंग", "ball": "football marble globe गेंद", "drum": "dholak tabla dhol ढोल",
    "trumpet": "horn bugle flute whistle pipe recorder", "guitar": "violin ukulele lute sitar banjo veena", "bell": "घंटी jingle",
    "teddy bear": "teddy toy cuddly", "doll": "puppet figurine गुड़िया", "train": "engine locomotive railway", "car": "lorry truck van taxi bus auto",
    "aeroplane": "airplane plane jet glider helicopter", "rocket": "spaceship spacecraft", "boat": "ship sailboat canoe raft नाव", "spinning top": "top yoyo yo",
    "dice": "die cube block brick domino", "gift": "present parcel box package तोहफा", "cake": "cupcake muffin pie pastry", "candle": "मोमबत्ती",
    "lantern": "lamppost torch flashlight लालटेन", "paper lantern": "kandil", "diya": "दीया deepak", "flag": "banner pennant झंडा", "wand": "stick staff",
    "crown": "tiara मुकुट", "teapot": "kettle केतली", "cup": "mug teacup glass goblet प्याला", "spoon": "ladle fork whisk चम्मच", "pot": "pan cauldron saucepan matka मटका",
    "basket": "hamper टोकरी", "bottle": "flask potion vial बोतल", "jar": "honey jam vase urn", "umbrella": "parasol छाता", "hat": "bonnet sombrero टोपी",
    "cap": "helmet beanie", "boot": "boots shoe shoes sandal slipper जूता", "sock": "socks stocking मोज़ा", "glove": "gloves mitten mittens", "scarf": "shawl ribbon",
    "glasses": "spectacles goggles binoculars चश्मा", "ring": "bracelet bangle अंगूठी", "book": "books diary notebook journal किताब", "pencil": "pen crayon chalk quill पेंसिल",
    "brush": "paintbrush comb hairbrush", "letter": "envelope postcard note scroll चिट्ठी", "map": "chart नक्शा", "compass": "dial sundial", "clock": "watch alarm घड़ी",
    "magnifying glass": "magnifier lens magnifying", "telescope": "spyglass", "lamp": "oil genie", "broom": "broomstick mop rake झाड़ू", "bucket": "pail बाल्टी",
    "ladder": "steps सीढ़ी", "hammer": "axe mallet spade shovel pickaxe", "saw": "", "bag": "backpack satchel purse suitcase sack rucksack बस्ता",
    "treasure chest": "chest treasure trunk casket खजाना", "coin": "coins medal button penny सिक्का", "gem": "jewel diamond ruby emerald crystal sapphire pearl हीरा",
    "feather": "plume पंख", "pillow": "cushion blanket तकिया", "apple": "सेब", "banana": "केला", "mango": "आम", "orange": "tangerine lemon lime peach संतरा",
    "cherry": "cherries berry berries grapes", "strawberry": "raspberry", "watermelon": "melon तरबूज", "pumpkin": "squash gourd", "carrot": "गाजर radish turnip",
    "corn": "maize cob", "bread": "loaf bun roti sandwich", "cheese": "", "ice cream": "icecream cone popsicle lolly कुल्फी", "sweet": "candy toffee lollipop laddu मिठाई",
    "egg": "eggs अंडा", "acorn": "nut walnut chestnut pinecone conker", "leaf": "leaves clover fern पत्ता", "flower": "rose daisy tulip blossom poppy lily bluebell फूल",
    "lotus": "waterlily कमल", "mushroom": "toadstool", "shell": "seashell conch शंख", "snail": "slug घोंघा", "butterfly": "moth तितली", "bee": "bumblebee wasp fly मधुमक्खी",
    "ladybird": "ladybug beetle bug spider", "frog": "toad मेंढक", "mouse": "rat चूहा", "fish": "goldfish मछली", "bird": "robin sparrow parrot चिड़िया",
    "owl": "उल्लू", "duck": "duckling rubber बतख", "cat": "kitten बिल्ली", "turtle": "tortoise कछुआ", "moon": "crescent चाँद", "sun": "सूरज", "star": "तारा",
    "heart": "दिल", "stone": "rock pebble", "log": "wood branch", "wheel": "cartwheel tyre", "windmill": "pinwheel", "birdhouse": "house", "rocking horse": "horse pony",
}  # fmt: skip
_BY_WORD = {word: name for name in THINGS for word in _WORDS.get(name, "").split()} | {
    name: name for name in THINGS if " " not in name
}
_NEAR = 0.84
_HELD = frozenset(
    "key balloon kite ball drum trumpet guitar bell doll gift cake candle lantern diya flag wand crown teapot cup spoon "
    "basket bottle jar umbrella book pencil brush letter map compass clock hourglass lamp broom bucket bag coin gem "
    "feather apple banana mango orange carrot pumpkin strawberry flower sunflower lotus shell egg acorn heart".split()
) | {"teddy bear", "magnifying glass", "ice cream"}
_STANDING = ("treasure chest", "tent", "ladder", "telescope", "rocking horse", "windmill", "nest", "log")


def props_told(words: frozenset[str]) -> tuple[str | None, str | None]:
    """The thing that an action's words put into somebody's hand, and the one that stands beside them."""
    told = [_BY_WORD[word] for word in sorted(words) if word in _BY_WORD]
    return (
        next((name for name in told if name in _HELD), None),
        next((name for name in told if name in _STANDING), None),
    )


def thing_of(name: str) -> tuple[str, str | None] | None:
    """The thing that a name means, and the colour that it is said to have: `a red balloon`, `golden keys`. Its last
    word counts, a misspelt one for the nearest. None for a name that means nothing in the library."""
    words = words_of(name)
    colour = next((COLOURS[word] for word in words if word in COLOURS and word != words[-1]), None)
    whole = " ".join(words)
    for named in THINGS:
        if " " in named and named in whole:
            return named, colour
    for word in reversed(words):
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if form in _BY_WORD:
                return _BY_WORD[form], colour
    for word in reversed(words):
        near = difflib.get_close_matches(word, _BY_WORD, 1, _NEAR) if len(word) > 3 else []
        if near:
            return _BY_WORD[near[0]], colour
    return None
