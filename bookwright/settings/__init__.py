"""Settings: from the environment, and from `bookwright.env` in the home folder."""

from bookwright.settings.account import Account, KeyedAccount, RemoteAccount
from bookwright.settings.accounts import ACCOUNTS, Accounts, OpenAIAccount, ReplicateAccount
from bookwright.settings.capabilities import OFFERS, Capability, Chain, Provider
from bookwright.settings.core import LogLevel, Settings
from bookwright.settings.notices import NoticeSettings
from bookwright.settings.storage import AssetPlace, StorageSettings

__all__ = [
    "ACCOUNTS",
    "OFFERS",
    "Account",
    "Accounts",
    "AssetPlace",
    "Capability",
    "Chain",
    "KeyedAccount",
    "LogLevel",
    "NoticeSettings",
    "OpenAIAccount",
    "Provider",
    "RemoteAccount",
    "ReplicateAccount",
    "Settings",
    "StorageSettings",
]
