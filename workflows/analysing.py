"""Having pages analysed: by a chapter, for its pictures, or by `SceneScoring` where nothing but scenes needs it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.analysis import Analysis
    from bookwright.contracts.orders import Track
    from workflows import policies
    from workflows.line import Work

PAGES_PER_BATCH = 8
"""Pages one activity works through: 6 events for 8 pages instead of for each."""
BATCHES_AT_ONCE = 4

ANALYSING = Work(
    Track.ANALYSIS,
    "Analyse",
    Analysis.analyse,
    Analysis.give_up,
    policies.ANALYSIS,
    policies.GIVE_ANALYSIS_UP,
    PAGES_PER_BATCH,
    BATCHES_AT_ONCE,
    traced=True,
)
