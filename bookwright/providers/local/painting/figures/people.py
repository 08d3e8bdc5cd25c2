"""People: bodies with clothes on."""

from bookwright.providers.local.painting.colour import darker, lighter, mix
from bookwright.providers.local.painting.figures import faces, hair
from bookwright.providers.local.painting.figures.looks import Looks
from bookwright.providers.local.painting.figures.poses import Pose
from bookwright.providers.local.painting.figures.puppet import BUILDS, EDGE, Puppet
from bookwright.providers.local.painting.figures.wings import fairy_wings
from bookwright.providers.local.painting.pen import Pen, box, number, oval, smooth
from bookwright.providers.local.painting.sky import sparkle

_LONG = {
    "sari": 0.98,
    "robe": 0.98,
    "lehenga": 0.98,
    "kurta": 0.42,
    "dress": 0.5,
    "coat": 0.52,
    "armour": 0.2,
    "uniform": 0.3,
    "apron": 0.4,
}
"""How far down the legs a garment reaches."""


def person(pen: Pen, looks: Looks, pose: Pose) -> float:
    """A person in a pose; answers their height."""
    build = BUILDS[looks.age]
    puppet = Puppet(pen, looks, pose, build)
    x, y = puppet.head
    r = build.head
    tailed = "fishtail" in looks.kind.marks
    dress = "dress" if tailed else looks.dress
    if (looks.kind.marks and "wings" in looks.kind.marks) or "wings" in looks.worn:
        fairy_wings(pen, puppet.neck_y + 10, looks.third)
    if "cape" in looks.worn:
        _cape(pen, puppet, looks)
    if looks.worn & {"headscarf"} or dress == "space":
        pass
    else:
        hair.behind(pen, looks, x, y, r)
    if "backpack" in looks.worn:
        pen.shape(
            box(-build.shoulder - 5, puppet.neck_y + 4, build.shoulder * 2 + 6, build.torso * 0.72, 6),
            looks.third,
            edge=EDGE,
        )
    if tailed:
        _fishtail(pen, puppet, looks)
    else:
        _legs(pen, puppet, looks, dress)
    raised = pose.near_arm[0] > 100
    _arm(pen, puppet, looks, dress, near=False)
    _torso(pen, puppet, looks, dress)
    pen.shape(box(-4.2, puppet.neck_y - 6, 8.4, 12, 3), darker(looks.skin, 0.12), volume=0, edge=0)
    if "scarf" in looks.worn:
        _scarf(pen, puppet, looks)
    if "necklace" in looks.worn:
        pen.line(f"M-7 {number(puppet.neck_y + 3)}q7 11 14 0", "#f0c245", 1.4)
        pen.plain(oval(0, puppet.neck_y + 9.5, 2.2), "#d9483f")
    if not raised:
        _arm(pen, puppet, looks, dress, near=True)
    with pen.moved(x, y + r, turn=pose.nod):
        _head(pen, looks, pose, 0, -r, r, dress)
    if raised:
        _arm(pen, puppet, looks, dress, near=True)
    puppet.draw_held()
    return -(y - r * 1.2)


def _head(pen: Pen, looks: Looks, pose: Pose, x: float, y: float, r: float, dress: str) -> None:
    skin = looks.skin
    if "headscarf" not in looks.worn:
        for side in (-1, 1):
            pen.shape(oval(x + side * r * 1.0, y + r * 0.2, r * 0.19, r * 0.24), darker(skin, 0.05), edge=EDGE)
    pen.shape(
        smooth(
            [
                (x, y - r),
                (x + r * 0.76, y - r * 0.66),
                (x + r * 1.03, y + r * 0.12),
                (x + r * 0.7, y + r * 0.78),
                (x, y + r),
                (x - r * 0.7, y + r * 0.78),
                (x - r * 1.03, y + r * 0.12),
                (x - r * 0.76, y - r * 0.66),
            ]
        ),
        skin,
        edge=EDGE,
        volume=0.55,
    )
    if pen.realistic:
        pen.glow(x - r * 0.3, y - r * 0.3, r * 0.9, "#fff4e0", 0.28)
    brows = darker(looks.hair, 0.15) if looks.hairstyle != "bald" or looks.age != "elder" else "#9a9498"
    hair.beard(pen, looks, x, y, r)
    faces.human_face(pen, x, y, r, skin, looks.eyes, brows, pose.eyes, pose.mouth, looks.age == "elder", looks.lashes)
    if "bindi" in looks.worn:
        pen.plain(oval(x + r * 0.13, y - r * 0.24, r * 0.075), "#c0283a")
    if looks.age == "baby" and "headscarf" not in looks.worn:
        pen.line(f"M{x - 2:.1f} {y - r * 0.98:.1f}q2 -6 6 -4q-3 3 -1 6", looks.hair, 1.6)
    elif "headscarf" not in looks.worn:
        hair.over(pen, looks, x, y, r)
    if "glasses" in looks.worn:
        faces.glasses(pen, x + r * 0.12, y + r * 0.1, r * 0.38, r * 0.3)
    hair.worn_on_head(pen, looks, x, y, r)
    if dress == "space":
        pen.plain(oval(x, y, r * 1.4), "#cfeaf7", 0.25)
        pen.line(oval(x, y, r * 1.4), "#eef3f7", 2.6)
        pen.line(
            f"M{x - r * 0.95:.1f} {y - r * 0.6:.1f}q{r * 0.4:.1f} {-r * 0.5:.1f} {r * 0.9:.1f} {-r * 0.45:.1f}",
            "#ffffff",
            2.2,
            0.8,
        )


def _legs(pen: Pen, puppet: Puppet, looks: Looks, dress: str) -> None:
    build = puppet.build
    trousers = {
        "tee": looks.second,
        "overalls": looks.main,
        "coat": darker(looks.second, 0.2),
        "shirt": darker(looks.second, 0.3),
        "kurta": mix(looks.second, "#fdf6e8", 0.6),
        "space": "#eef1f5",
        "armour": "#a9b4c2",
        "uniform": "#3f4f7a",
        "apron": darker(looks.second, 0.25),
    }.get(dress)
    short = dress in ("tee", "uniform") and looks.age == "child" and looks.seed % 2 == 0
    for side, points in zip((-1, 1), puppet.legs(), strict=True):
        bare = looks.skin if looks.age != "baby" else looks.second
        puppet.draw_limb(points, trousers if trousers and not short else bare, build.limb)
        if trousers and short:
            puppet.draw_limb(points, trousers, build.limb + 1.2, 0.52)
        elif not trousers and looks.age == "child":
            pen.line(f"M{number(points[2][0] - 2.5)} {number(points[2][1] - 4)}h5", "#fdfaf2", build.limb * 0.8)
        shoe = "#e8ebf0" if dress == "space" else darker(looks.third, 0.12) if looks.age != "elder" else "#6b4f42"
        toe = 1 if puppet.pose.sits or puppet.pose.near_leg[0] > 15 else side
        puppet.draw_shoe((points[2][0], points[2][1] + 0.4), toe, shoe, build.limb * 0.98)


def _torso(pen: Pen, puppet: Puppet, looks: Looks, dress: str) -> None:
    build = puppet.build
    top, hip, s, h = puppet.neck_y, puppet.hip_y, build.shoulder, build.hip
    long = _LONG.get(dress, 0.0)
    hem = hip + (2 if not long else min(build.leg * long, -hip - 1.5 if not puppet.pose.sits else build.leg * 0.3))
    flare = h * (1.75 if dress in ("dress", "lehenga") else 1.4 if dress in ("robe",) else 1.22 if long else 1.02)
    colour = {"space": "#f4f6f9", "armour": "#b9c3cf", "uniform": "#fbf8f0"}.get(dress, looks.main)
    if dress in ("overalls", "apron"):
        colour = looks.second if dress == "overalls" else mix(looks.main, "#ffffff", 0.2)
    body = smooth(
        [
            (-s * 0.52, top + 1),
            (0, top + 2.4),
            (s * 0.52, top + 1),
            (s, top + 5.5),
            (h * 0.98, hip - build.torso * 0.3),
            (flare, hem - 1),
            (flare * 0.5, hem + 1.2),
            (-flare * 0.5, hem + 1.2),
            (-flare, hem - 1),
            (-h * 0.98, hip - build.torso * 0.3),
            (-s, top + 5.5),
        ]
    )
    pen.shape(body, colour, edge=EDGE)
    light = lighter(colour, 0.45)
    with pen.within(body):
        if dress == "overalls":
            pen.shape(box(-h * 1.3, hip - build.torso * 0.42, h * 2.6, build.torso * 0.6), looks.main, edge=EDGE)
            pen.shape(box(-h * 0.62, top + build.torso * 0.26, h * 1.24, build.torso * 0.4, 2), looks.main, edge=EDGE)
            for side in (-1, 1):
                pen.line(
                    f"M{number(side * h * 0.5)} {number(top + build.torso * 0.3)}"
                    f"L{number(side * s * 0.55)} {number(top)}",
                    looks.main,
                    3,
                )
                pen.plain(oval(side * h * 0.5, top + build.torso * 0.32, 1.5), "#f6d55c")
            pen.line(
                f"M{number(-h * 0.35)} {number(top + build.torso * 0.5)}h{number(h * 0.7)}v4q0 3 "
                f"{number(-h * 0.35)} 3t{number(-h * 0.35)} -3Z",
                darker(looks.main, 0.3),
                0.9,
            )
        elif dress == "sari":
            for n in range(4):
                pen.line(
                    f"M{number(-2 + n * 3.2)} {number(hip)}L{number(-5 + n * 4.6)} {number(hem)}",
                    darker(colour, 0.25),
                    0.9,
                    0.6,
                )
            pen.line(f"M{number(-flare - 2)} {number(hem - 1.4)}H{number(flare + 2)}", "#f0c245", 3)
            pen.shape(
                f"M{number(s)} {number(top)}L{number(s * 0.1)} {number(top)}Q{number(-h * 0.5)} "
                f"{number(hip - 14)} {number(-h * 1.4)} {number(hip - 4)}v10Q{number(h * 0.6)} "
                f"{number(hip - 2)} {number(s + 3)} {number(top + 14)}Z",
                looks.second,
                edge=EDGE,
            )
            pen.line(
                f"M{number(s * 0.1)} {number(top)}Q{number(-h * 0.5)} {number(hip - 14)} "
                f"{number(-h * 1.4)} {number(hip - 4)}",
                "#f0c245",
                1.6,
            )
        elif dress in ("kurta", "robe", "coat", "lehenga"):
            pen.line(
                f"M0 {number(top + 2)}V{number(hem if dress == 'coat' else hip - 6)}", darker(colour, 0.35), 1.1, 0.8
            )
            for n in range(3):
                pen.plain(
                    oval(1.6 if dress == "coat" else 0, top + 8 + 6.5 * n, 1.1),
                    "#f0c245" if dress != "coat" else lighter(colour, 0.6),
                )
            pen.line(
                f"M{number(-flare - 2)} {number(hem - 0.6)}H{number(flare + 2)}", mix(looks.third, "#f0c245", 0.4), 2.6
            )
            if dress == "lehenga":
                pen.line(f"M{number(-flare)} {number(hip - 3)}H{number(flare)}", "#f0c245", 2)
        elif dress == "shirt":
            pen.line(f"M0 {number(top + 3)}V{number(hip + 2)}", darker(colour, 0.35), 1.1, 0.8)
            pen.plain("".join(oval(1.8, top + 9 + 7 * n, 0.9) for n in range(4)), lighter(colour, 0.6))
            pen.line(f"M{number(-h * 1.3)} {number(hip)}H{number(h * 1.3)}", darker(looks.second, 0.5), 3)
        elif dress == "space":
            pen.shape(box(-6, top + 12, 12, 8, 1.5), "#c3ccd6", edge=EDGE)
            pen.plain(oval(-3, top + 16, 1.4), "#d9483f")
            pen.plain(oval(1, top + 16, 1.4), "#4a86cf")
            pen.line(f"M{number(-h * 1.4)} {number(hip - 2)}H{number(h * 1.4)}", looks.main, 3)
        elif dress == "armour":
            pen.line(
                f"M0 {number(top + 2)}V{number(hip)}M{number(-h * 1.2)} {number(hip - 6)}H{number(h * 1.2)}",
                "#7f8a99",
                1.3,
            )
        elif dress == "apron":
            pen.shape(box(-h * 0.72, top + 8, h * 1.44, build.torso * 0.8 + build.leg * 0.4, 3), "#fbf8f0", edge=EDGE)
            pen.line(f"M{number(-h * 1.2)} {number(hip - 8)}H{number(h * 1.2)}", "#e6e0d2", 1.8)
        elif dress == "uniform":
            pen.plain(f"M-3 {number(top + 1)}h6l1.5 16-4.5 5-4.5-5Z", looks.main)
            pen.line(f"M{number(-h * 1.3)} {number(hip + 1)}H{number(h * 1.3)}", "#3f4f7a", 5)
        elif looks.pattern == "stripes":
            for n in range(4):
                pen.line(f"M{number(-s - 6)} {number(top + 8 + 7 * n)}H{number(s + 6)}", light, 2.6)
        elif looks.pattern == "dots":
            pen.plain(
                "".join(
                    oval((n % 4 - 1.5) * 6.5 + (3 if (n // 4) % 2 else 0), top + 8 + 7 * (n // 4), 1.5)
                    for n in range(24)
                ),
                light,
            )
        elif looks.pattern == "star":
            pen.plain(sparkle(0, top + build.torso * 0.46, 8), light)
        if looks.pattern == "hem" or dress == "dress":
            pen.line(
                f"M{number(-flare - 3)} {number(hem - 1.2)}Q0 {number(hem + 2.4)} "
                f"{number(flare + 3)} {number(hem - 1.2)}",
                light,
                2.4,
            )
        if dress in ("dress", "tee", "robe"):
            if dress == "dress":
                pen.line(
                    f"M{number(-h * 1.3)} {number(hip - build.torso * 0.3)}Q0 "
                    f"{number(hip - build.torso * 0.24)} {number(h * 1.3)} "
                    f"{number(hip - build.torso * 0.3)}",
                    looks.second,
                    2.8,
                )
        if pen.realistic:
            pen.plain(
                f"M{number(h * 0.2)} {number(top)}Q{number(h * 1.5)} {number(hip)} "
                f"{number(h * 0.4)} {number(hem + 6)}H{number(flare + 6)}V{number(top)}Z",
                darker(colour, 0.7),
                0.14,
            )
    if dress in ("tee", "uniform", "coat", "shirt") and not pen.flat:
        pen.line(
            f"M{number(-s * 0.5)} {number(top + 1.4)}Q0 {number(top + 6)} {number(s * 0.5)} {number(top + 1.4)}",
            light,
            1.6,
        )


def _arm(pen: Pen, puppet: Puppet, looks: Looks, dress: str, near: bool) -> None:
    build = puppet.build
    points = puppet.arm(near)
    sleeve = {
        "space": "#f4f6f9",
        "armour": "#a9b4c2",
        "uniform": "#fbf8f0",
        "overalls": looks.second,
        "apron": mix(looks.main, "#ffffff", 0.2),
        "sari": looks.second,
    }.get(dress, looks.main)
    width = build.limb * 0.86
    long = dress in ("coat", "robe", "space", "armour", "kurta", "shirt") or looks.age == "baby"
    puppet.draw_limb(points, looks.skin, width)
    puppet.draw_limb(points, sleeve, width + 1.4, 0.92 if long else 0.42)
    puppet.draw_hand(points[2], points[1], "#e8ebf0" if dress == "space" else looks.skin, build.limb * 0.62)
    if dress in ("sari", "lehenga"):
        hx, hy = points[2][0] + (points[1][0] - points[2][0]) * 0.2, points[2][1] + (points[1][1] - points[2][1]) * 0.2
        pen.plain(oval(hx, hy, 2.6, 1.8), "#f0c245")


def _cape(pen: Pen, puppet: Puppet, looks: Looks) -> None:
    top, low, s = puppet.neck_y, min(puppet.hip_y + puppet.build.leg * 0.62, -3), puppet.build.shoulder
    pen.shape(
        smooth(
            [
                (-s * 0.8, top + 3),
                (s * 0.8, top + 3),
                (s * 1.5, low - 6),
                (s * 0.6, low),
                (-s * 0.6, low - 2),
                (-s * 1.7, low - 2),
                (-s * 1.5, top + 26),
            ]
        ),
        looks.third,
        edge=EDGE,
    )


def _scarf(pen: Pen, puppet: Puppet, looks: Looks) -> None:
    top, s = puppet.neck_y, puppet.build.shoulder
    pen.shape(
        f"M{number(-s * 0.9)} {number(top - 1)}q{number(s * 0.9)} 8 {number(s * 1.8)} 0q3 7 -3 8.5"
        f"q{number(-s * 0.7)} 4 {number(-s * 1.3)} 0q-6 -2 -3 -8.5Z",
        looks.wrap,
        edge=EDGE,
    )
    pen.shape(f"M{number(-s * 0.5)} {number(top + 6)}l-3 20l7.5 1l3 -19Z", darker(looks.wrap, 0.1), edge=EDGE)


def _fishtail(pen: Pen, puppet: Puppet, looks: Looks) -> None:
    hip, h = puppet.hip_y, puppet.build.hip
    colour = looks.second
    pen.shape(
        f"M{number(-h)} {number(hip - 4)}Q{number(-h * 1.2)} {number(hip + 20)} -2 -6L-14 4"
        f"Q-2 3 2 -2Q6 4 18 3L7 -7Q{number(h * 1.4)} {number(hip + 14)} {number(h)} "
        f"{number(hip - 4)}Z",
        colour,
        edge=EDGE,
    )
    for row in range(3):
        pen.line(
            "".join(f"M{number(-h + 4 + 5.4 * n)} {number(hip + 4 + 7 * row)}q2.7 4 5.4 0" for n in range(3)),
            lighter(colour, 0.4),
            1,
            0.7,
        )
