"""The seven stages of a life story.

A life told well is neither a list of dates nor one arc: it is a row of chapters that have a question each. The seven
here go by what the psychology of life stories has found people to tell:

- They tell their lives in chapters, in the order of time, with high, low and turning points (D. McAdams, *The Life
  Story Interview*, 1995): hence an order of time, and one stage that is about what turned.
- Ages put questions: whom to trust, who to be, whom to love, what to leave behind (E. Erikson, *Childhood and Society*,
  1950; eight ages, of which the first are before memory, and told by others): hence roots, childhood, growing up,
  setting out, building, and looking back, and no stage for infancy alone.
- What is remembered most lies between ten and thirty (the reminiscence bump: Rubin, Wetzler and Nebes, 1986): hence the
  stages of that time get more pages.

1. **Roots**: where and whom they come from, before they can remember. What was given to them?
2. **Childhood**: the first home, the first memories. What was the world like when it was small?
3. **Growing up**: school, friends, the first choices of their own. Who did they want to be?
4. **Setting out**: leaving, learning a trade, first work, first love. What did they dare?
5. **Building**: work, family, a place of their own. What did they make?
6. **Turning points**: what broke, what was lost, what they got through. What changed them?
7. **Looking back**: what it came to, and what they pass on. What stays?

What the notes say nothing of is not made up: a stage without facts is told by what stands around it, and is short.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class LifeStage:
    """One of them."""

    key: str
    title: str
    """In English."""
    question: str
    """What its chapters answer."""
    weight: float
    """Its share of the pages, beside the others'."""


LIFE_STAGES = (
    LifeStage("roots", "Roots", "Where and whom do they come from? What was given to them?", 1.0),
    LifeStage("childhood", "Childhood", "What was the world like when it was small?", 1.4),
    LifeStage("growing_up", "Growing up", "Who did they want to be?", 1.5),
    LifeStage("setting_out", "Setting out", "What did they dare: leaving, learning, first work, first love?", 1.5),
    LifeStage("building", "Building", "What did they make: work, family, a place of their own?", 1.3),
    LifeStage("turning_points", "Turning points", "What broke or was lost, and how did it change them?", 1.2),
    LifeStage("looking_back", "Looking back", "What did it come to, and what do they pass on?", 1.0),
)
