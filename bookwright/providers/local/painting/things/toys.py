"""Toys, instruments and what belongs to feasts."""

from bookwright.providers.local.painting.pen import box, oval
from bookwright.providers.local.painting.things.forms import (
    DARK,
    GOLD,
    INK,
    LIGHT,
    MAIN,
    RED,
    WHITE,
    WOOD,
    Part,
    Thing,
)  # fmt: skip

_STAR = "M0 -44L12 -14L44 -12L19 8L28 40L0 22L-28 40L-19 8L-44 -12L-12 -14Z"

TOYS: dict[str, Thing] = {
    "balloon": Thing("#e2574c", (Part("M0 14q-10 12 2 20t-4 14", INK, 2), Part(oval(0, -16, 24, 29)), Part("M-6 18L6 18L0 11Z", DARK), Part(oval(-9, -27, 5, 8), LIGHT)), True),
    "kite": Thing("#e2574c", (Part("M0 30q-14 8 -4 12t-8 8", INK, 2), Part("M0 -46L30 -8L0 32L-30 -8Z"), Part("M0 -46L30 -8H0Z", GOLD), Part("M0 32L-30 -8H0Z", "#4fa3a5"), Part("M-12 40l10 4l-10 5Z", GOLD)), True),
    "ball": Thing("#e2574c", (Part(oval(0, 0, 40)), Part("M-16 -36Q6 0 -16 36Q-40 24 -40 0T-16 -36Z", WHITE), Part("M18 -35Q0 0 18 35Q40 22 40 0T18 -35Z", GOLD))),
    "drum": Thing("#d9483f", (Part("M-38 -22V22Q0 42 38 22V-22Z"), Part("M-38 -14L-20 26L0 -6L20 26L38 -14", GOLD, 3), Part(oval(0, -22, 38, 13), WHITE), Part("M-6 -26L-34 -46M8 -26L36 -46", WOOD, 5))),
    "trumpet": Thing("#f0bf45", (Part("M-42 -4H14", MAIN, 9), Part("M10 -8Q30 -10 44 -26V26Q30 8 10 4Z"), Part("M-14 0q-16 20 6 22h16q14 -4 4 -22", MAIN, 6), Part("M-10 -8v-10M2 -8v-10M-22 -8v-10", DARK, 5))),
    "guitar": Thing("#c9803f", (Part("M6 -8L38 -42", WOOD, 9), Part("M8 -10C24 0 18 16 8 20C10 40 -16 50 -32 36C-48 20 -34 -2 -20 -4C-18 -16 -4 -18 8 -10Z"), Part(oval(-10, 12, 9), INK), Part("M-26 26l8 8", INK, 4), Part("M34 -46l10 8", INK, 8))),
    "bell": Thing("#f0bf45", (Part("M0 -44v10", DARK, 7), Part("M-30 26Q-20 14 -20 -8Q-18 -36 0 -36T20 -8Q20 14 30 26Z"), Part(oval(0, 32, 8), DARK), Part(box(-34, 22, 68, 8, 4), LIGHT))),
    "teddy bear": Thing("#b98a5f", (Part(oval(-20, -38, 10)), Part(oval(20, -38, 10)), Part(oval(-26, 10, 11, 16)), Part(oval(26, 10, 11, 16)), Part(oval(-16, 40, 13, 9)), Part(oval(16, 40, 13, 9)), Part(oval(0, 16, 25, 27)), Part(oval(0, 18, 14, 16), LIGHT), Part(oval(0, -22, 26, 23)), Part(oval(0, -15, 11, 9), LIGHT), Part(oval(-9, -26, 3), INK), Part(oval(9, -26, 3), INK), Part(oval(0, -19, 4, 3), INK))),
    "doll": Thing("#ee86ab", (Part(oval(0, -26, 24, 22), "#6b4430"), Part("M0 -6L28 42H-28Z"), Part("M-12 8L-30 20M12 8L30 20", "#f2c9a5", 7), Part(oval(0, -24, 18, 17), "#f2c9a5"), Part("M-18 -28Q0 -48 18 -28Q0 -34 -18 -28Z", "#6b4430"), Part(oval(-6, -24, 2.4), INK), Part(oval(6, -24, 2.4), INK), Part("M-5 -16q5 5 10 0", RED, 2.4))),
    "train": Thing("#d9483f", (Part(box(-44, -6, 58, 32, 4)), Part(box(8, -34, 36, 60, 4), DARK), Part(box(16, -26, 20, 18, 2), "#cfe8f2"), Part(box(-38, -30, 14, 26, 3), INK), Part(box(-16, -18, 12, 14, 3), GOLD), Part(oval(-30, 30, 12), INK), Part(oval(-4, 30, 12), INK), Part(oval(28, 28, 15), INK), Part(oval(-30, 30, 5), GOLD), Part(oval(-4, 30, 5), GOLD), Part(oval(28, 28, 6), GOLD))),
    "car": Thing("#4a86cf", (Part("M-26 -6Q-20 -28 0 -28H10Q24 -28 30 -6Z", LIGHT), Part("M-44 22V4Q-44 -6 -32 -6H32Q44 -6 44 8V22Z"), Part(oval(-24, 24, 12), INK), Part(oval(24, 24, 12), INK), Part(oval(-24, 24, 5), WHITE), Part(oval(24, 24, 5), WHITE), Part(oval(40, 6, 4), GOLD))),
    "aeroplane": Thing("#e2574c", (Part("M-40 -24L-24 -2H-42Z", DARK), Part("M-44 0Q-10 -18 34 -12Q46 -6 40 4Q6 14 -40 8Z"), Part("M-6 2L-22 30H-8L16 4Z", LIGHT), Part(oval(22, -6, 5), "#cfe8f2"), Part(oval(8, -6, 5), "#cfe8f2"), Part(oval(-6, -6, 5), "#cfe8f2"), Part("M45 -18V14", INK, 4)), True),
    "rocket": Thing("#f4f1ea", (Part("M-10 34L0 48L10 34Z", "#f08a3c"), Part("M-14 18L-30 38L-12 34Z", RED), Part("M14 18L30 38L12 34Z", RED), Part("M0 -48C20 -26 20 6 14 34H-14C-20 6 -20 -26 0 -48Z"), Part("M0 -48C10 -38 14 -28 15 -20H-15C-14 -28 -10 -38 0 -48Z", RED), Part(oval(0, -2, 9), "#6fb8d9"))),
    "boat": Thing("#4a86cf", (Part("M0 16V-46", WOOD, 5), Part("M4 -44Q34 -20 32 8H4Z", WHITE), Part("M-4 -34Q-28 -12 -26 8H-4Z", GOLD), Part("M-44 14H44L30 38H-30Z"))),
    "spinning top": Thing("#8f6bb5", (Part("M0 -46V-24", WOOD, 7), Part("M-38 -10Q0 -40 38 -10L4 44H-4Z"), Part("M-37 -8Q0 10 37 -8L28 6Q0 20 -28 6Z", GOLD))),
    "dice": Thing("#fbf6ea", (Part(box(-36, -36, 72, 72, 14)), Part(oval(0, 0, 7), INK), Part(oval(-19, -19, 7), INK), Part(oval(19, 19, 7), INK), Part(oval(19, -19, 7), INK), Part(oval(-19, 19, 7), INK))),
    "gift": Thing("#4fa3a5", (Part(box(-36, -12, 72, 54, 4)), Part(box(-41, -24, 82, 18, 4), LIGHT), Part(box(-7, -24, 14, 66), RED), Part("M0 -24C-30 -50 -34 -20 0 -24C34 -20 30 -50 0 -24Z", RED))),
    "cake": Thing("#f2a9bd", (Part(box(-40, 2, 80, 38, 6), "#c98a5a"), Part("M-40 10V-4Q-40 -12 -30 -12H30Q40 -12 40 -4V10Q30 22 20 10Q10 22 0 10Q-10 22 -20 10Q-30 22 -40 10Z"), Part("M0 -14V-34", WHITE, 7), Part("M0 -48Q10 -36 0 -34Q-10 -36 0 -48Z", "#f6a23c"))),
    "candle": Thing("#f4e3c0", (Part(box(-34, 30, 68, 12, 6), GOLD), Part(box(-13, -18, 26, 52, 4)), Part("M0 -18v-8", INK, 3), Part("M0 -50Q16 -32 0 -24Q-16 -32 0 -50Z", "#f6a23c"))),
    "lantern": Thing("#d9483f", (Part("M-14 -30Q0 -52 14 -30", INK, 4), Part(box(-20, -32, 40, 10, 3), INK), Part("M-18 -22H18L26 26H-26Z", "#ffe08a"), Part("M-18 -22L-26 26M18 -22L26 26M0 -22V26", MAIN, 4), Part(box(-30, 26, 60, 12, 4)))),
    "paper lantern": Thing("#f08a3c", (Part("M0 -46v14M0 34v14", GOLD, 4), Part(oval(0, 0, 36, 32)), Part("M-14 -30Q-26 0 -14 30M14 -30Q26 0 14 30", DARK, 2.6), Part(box(-14, -38, 28, 9, 3), INK), Part(box(-14, 29, 28, 9, 3), INK)), True),
    "diya": Thing("#c9744f", (Part("M18 -4Q26 -30 16 -44Q4 -26 12 -4Z", "#f6a23c"), Part("M-42 -8H42Q40 30 0 30T-42 -8Z"), Part(oval(0, -7, 41, 8), DARK), Part("M-26 12l8 8l8 -8l8 8l8 -8l8 8", GOLD, 3))),
    "star": Thing("#f6c945", (Part(_STAR),), True),
    "flag": Thing("#e2574c", (Part("M-30 -46V46", WOOD, 6), Part("M-28 -44Q-4 -56 14 -42T42 -42V0Q24 10 8 -2T-28 0Z"))),
    "mask": Thing("#8f6bb5", (Part("M-46 -20Q-20 -30 0 -14Q20 -30 46 -20Q44 24 18 22Q4 18 0 8Q-4 18 -18 22Q-44 24 -46 -20Z"), Part(oval(-20, -2, 10, 7), WHITE), Part(oval(20, -2, 10, 7), WHITE), Part("M0 -14Q-4 -34 0 -46Q6 -32 0 -14Z", GOLD))),
    "crown": Thing("#f0bf45", (Part("M-36 30L-44 -24L-20 -2L0 -38L20 -2L44 -24L36 30Z"), Part(box(-36, 22, 72, 14, 3), LIGHT), Part(oval(0, 6, 7), RED), Part(oval(-20, 12, 5), "#4a86cf"), Part(oval(20, 12, 5), "#4a86cf"))),
    "wand": Thing("#f6c945", (Part("M-36 42L12 -12", WOOD, 8), Part("M20 -46L26 -28L46 -24L31 -10L34 10L17 0L0 8L5 -12L-8 -26L11 -28Z"))),
    "rocking horse": Thing("#c98f55", (Part("M-44 30Q0 54 44 30", RED, 7), Part("M-22 4L-28 34M18 6L26 34", MAIN, 9), Part("M-34 -14Q-10 -4 16 -8Q20 -40 38 -40Q50 -34 42 -22L34 -18Q34 16 14 14H-22Q-36 10 -34 -14Z"), Part("M16 -14Q14 -40 34 -44Q24 -34 24 -12Z", INK), Part(oval(35, -32, 2.6), INK), Part("M-34 -12q-14 6 -8 24", INK, 6), Part(box(-16, -12, 22, 12, 4), RED))),
}  # fmt: skip
