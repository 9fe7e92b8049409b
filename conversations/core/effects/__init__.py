"""Effects: the changes that a conversation asks for, saved in one transaction with the journey.

An effect is a frozen dataclass. The conversation only creates it; `storage` has exactly one handler
for each class, and the class itself says which worker to wake and what the audit log records. To
add an effect, define its class in the module of its domain, extend that module's union, and write a
handler in the `effects` module of the same domain in `storage`.
"""

from conversations.core.effects.admin import AdminEffect
from conversations.core.effects.broadcasts import BroadcastEffect
from conversations.core.effects.campaigns import CampaignEffect
from conversations.core.effects.journey import JourneyEffect
from conversations.core.effects.letters import LetterEffect
from conversations.core.effects.new_campaigns import NewCampaignEffect
from conversations.core.effects.stats import StatsEffect

Effect = (
    AdminEffect
    | BroadcastEffect
    | CampaignEffect
    | JourneyEffect
    | LetterEffect
    | NewCampaignEffect
    | StatsEffect
)
