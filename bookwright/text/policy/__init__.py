"""What may not be in a book for children: a policy of our own, by the age of its readers, in seventeen languages.

It goes by words and phrases (`lexicons/*.toml`), also disguised ones, and by the shapes of personal data. It knows no
context beyond a few words, so it is a floor under a provider's own safety rules and not a substitute for them:
`AllOf` puts both together, and `check_text` is what orders and generated texts go through.
"""

from bookwright.text.policy.checking import check_picture, check_text
from bookwright.text.policy.judging import LANGUAGES, Category, judge
from bookwright.text.policy.moderators import AllOf, PolicyModerator

__all__ = ["LANGUAGES", "AllOf", "Category", "PolicyModerator", "check_picture", "check_text", "judge"]
