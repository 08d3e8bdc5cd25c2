"""Which soundscape a scene gets: one that is there and serves, or a new one."""

from bookwright.contracts.book import TrackState
from bookwright.contracts.depicting import SoundSketch
from bookwright.contracts.ids import AssetId, BookId
from bookwright.contracts.scenes import Scene, Soundscape
from bookwright.contracts.spreads import Ambience
from bookwright.text.soundscapes import Wanted, plan_sounds

BOOK, OTHER = BookId("this"), BookId("other")


def wanted(number: int, setting: str, *, take: int = 0, heard: bool = False) -> Wanted:
    sketch = SoundSketch(setting=setting, time="day", weather="clear", mood="calm")
    return Wanted(Scene(number=number, pages=(2 * number - 1, 2 * number), sketch=sketch, prompt=setting), take, heard)


def there(number: int, setting: str, *, book: BookId = BOOK, take: int = 0) -> Soundscape:
    ambience = Ambience(sound=AssetId("a" * 64), media_type="audio/wav", duration_ms=9, loop=True, prompt=setting)
    return Soundscape(
        book_id=book,
        number=number,
        state=TrackState.COMPLETED,
        take=take,
        sketch=wanted(1, setting).scene.sketch,
        prompt=setting,
        ambience=ambience,
    )


def test_scenes_that_sound_alike_share_one_soundscape() -> None:
    plans = plan_sounds([wanted(1, "forest"), wanted(2, "harbour"), wanted(3, "forest")], [], [], BOOK)
    assert [plan.soundscape for plan in plans] == [1, 2, 1]


def test_what_the_book_has_comes_before_what_another_has() -> None:
    mine, theirs = there(4, "forest"), there(1, "forest", book=OTHER)
    (own,) = plan_sounds([wanted(1, "forest")], [mine], [theirs], BOOK)
    assert (own.soundscape, own.like) == (4, None)
    (borrowed,) = plan_sounds([wanted(1, "forest")], [there(4, "cave")], [theirs], BOOK)
    assert (borrowed.soundscape, borrowed.like) == (5, theirs)


def test_a_redo_gets_another_one_than_those_there_were() -> None:
    (plan,) = plan_sounds([wanted(1, "forest", take=10)], [there(1, "forest")], [there(1, "forest", book=OTHER)], BOOK)
    assert (plan.soundscape, plan.take, plan.like) == (2, 10, None)
    (again,) = plan_sounds([wanted(1, "forest", take=10)], [there(1, "forest"), there(2, "forest", take=10)], [], BOOK)
    assert again.soundscape == 2, "what was made for the redo is kept"


def test_a_scene_with_a_sound_from_before_there_were_scenes_keeps_it() -> None:
    (plan,) = plan_sounds([wanted(1, "forest", heard=True)], [], [there(1, "forest", book=OTHER)], BOOK)
    assert plan.soundscape is None
