"""The sounds that prompts and analyses name in English, and what stands for them: single sounds (`banks`), `beds`."""

from collections.abc import Mapping


def _words(**lists: str) -> Mapping[str, str]:
    return {word.strip(): name.replace("_", " ") for name, words in lists.items() for word in words.split(",")}


NAMED = _words(
    applause="applause, clapping, ovation",
    bees="bee, bumblebee, fly, flies, mosquito",
    bells="bell, church bell, bells, gong, temple bell",
    birds="bird, birdsong, chirp, tweet, sparrow, robin, songbird, nightingale, parrot",
    brook="waterfall, water running, trickle, trickling, fountain, gurgling, gurgle",
    carts="cart, carriage, wagon, wheels",
    cars="car, engine, traffic, bus, truck, motorcycle",
    children="children, kids, laughter, laughing, giggle, giggling",
    clinks="dishes, glass, glasses, clink, clinking, coins, plates, cutlery, pots, spoon",
    clock="clock, ticking, tick",
    creaks="creak, door, floorboard, squeak, hinge, rope",
    crickets="cricket, cicada, crickets, insects at night",
    crowd="crowd, voices, chatter, murmur, people talking, murmuring, whispers",
    crows="crow, raven, caw, cawing",
    dogs="dog, bark, barking, puppy",
    drips="drip, dripping, droplets, drops",
    drums="drum, drumming, drumbeat, heartbeat",
    fire="fire, campfire, hearth, flames, crackling, bonfire, torch, fireplace",
    fireworks="firework, firecracker, explosion",
    frogs="frog, toad, croak, croaking",
    growls="growl, roar, dragon, lion, bear, tiger, snarl, monster, snore, snoring",
    gulls="gull, seagull, seabird",
    hum="machine, hum of, humming, engine room",
    depths="bubble",
    hand_bells="sheep, cow, goat, small bell, chime, doorbell, cowbell, jingle, jingling, anklet, school bell",
    horns="horn, foghorn, ship's horn",
    horses="horse, hoof, hooves, hoofbeat, gallop, galloping, trotting",
    insects="insect, grasshopper, buzz, buzzing, humming insects",
    knocks="knock, knocking, hammer, hammering, axe, chopping, pounding, thud",
    leaves="leaves, rustling leaves, foliage, branches",
    owls="owl, hoot, hooting",
    pupils="playground, pupils",
    rain="rain, raindrop, rainfall",
    roosters="rooster, cock, cockerel, hen, chicken",
    rustles="rustle, rustling, page turning, pages, cloth, scurrying, mouse",
    shimmers="shimmer, sparkle, magic, twinkling, tinkling, glimmer, crystal",
    snow_steps="crunch, crunching, gravel",
    splashes="splash, splashing, paddle, oar, rowing, fish, swimming",
    steps="footstep, footsteps, step, walking, running, running feet",
    swords="sword, metal, clang, clanging, armour, armor, chain, anvil",
    thunder="thunder, rumble, rumbling, lightning",
    trains="train, railway, locomotive",
    waves="wave, surf, tide",
    whales="whale, dolphin",
    wind="wind, breeze, gust, howling wind",
    wings="wings, flapping, flap, wingbeat, bat, bats",
    wolves="wolf, wolves, howl, howling",
)
