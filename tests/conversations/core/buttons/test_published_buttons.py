"""Buttons in people's chats keep working: each string here was packed by a version in use.

Add a line for a new button. Never change or remove one: where a class gets another field, its old
string stays beside the new one.
"""

import pytest

from conversations.core.buttons import (
    admin,
    broadcasts,
    campaigns,
    journey,
    new_campaign,
    persistent,
    stats,
)
from conversations.core.buttons.packing import (
    ButtonData,
    PersistentButtonData,
    TurnButtonData,
    pack_persistent,
    pack_turn,
    unpack_persistent,
    unpack_turn,
)
from conversations.model.journey import Step
from conversations.model.roles import Role
from conversations.model.scheduled import AnswerKind
from conversations.model.stats.figures import Period

ID = "0123456789abcdef0123456789abcdef"
KEY = ID[:8]
SLUG = "a-forest-with-the-longest-name"

OF_TURNS: list[tuple[str, TurnButtonData]] = [
    ("back", journey.Back()),
    ("cancel", journey.Cancel()),
    ("to:own_words", journey.GoTo(Step.OWN_WORDS)),
    ("to:rewrite", journey.GoTo(Step.REWRITE)),
    ("to:change", journey.GoTo(Step.CHANGE)),
    ("to:name", journey.GoTo(Step.NAME)),
    ("to:country", journey.GoTo(Step.COUNTRY)),
    ("to:address", journey.GoTo(Step.ADDRESS)),
    ("to:subject", journey.GoTo(Step.SUBJECT)),
    (f"own:{SLUG}", journey.AnswerOwn(SLUG)),
    ("kept", journey.KeepOwn()),
    ("skip", journey.SkipOwn()),
    ("options:2", journey.ListOptions(2)),
    (f"edit:{SLUG}", journey.ChangeOwn(SLUG)),
    ("changes:2", journey.ListChanges(2)),
    ("to:targets", journey.GoTo(Step.TARGETS)),
    ("campaign:hong-kong", journey.ChooseCampaign("hong-kong")),
    ("campaigns:2", journey.ListCampaigns(2)),
    ("switch", journey.SwitchCampaign()),
    ("restart", journey.StartOver()),
    ("stay", journey.Stay()),
    ("erase", journey.EraseEverything()),
    ("lang:zh-Hant", journey.ReadOnIn("zh-Hant")),
    ("write", journey.WriteLetter()),
    ("reuse", journey.ReuseDetails()),
    ("more", journey.ShowMore()),
    ("see", journey.ShowLetter()),
    ("safe", journey.ShowSafety()),
    ("language:1", journey.ShowLanguages()),
    ("use", journey.UseName()),
    ("country:HK", journey.ChooseCountry("HK")),
    ("another", journey.OtherCountry()),
    ("accept", journey.AcceptRisk()),
    ("without", journey.TakePartUnnamed()),
    ("keep", journey.UseAddress()),
    ("ask_discreet", journey.AskDiscreet()),
    ("discreet:yes", journey.SetDiscreet(discreet=True)),
    ("discreet:no", journey.SetDiscreet(discreet=False)),
    ("hide:yes", journey.HideAddress(hide=True)),
    ("hide:no", journey.HideAddress(hide=False)),
    ("yes", journey.TakeSuggestedAddress()),
    ("mine", journey.TakeTypedAddress()),
    ("not_there", journey.CodeNotThere()),
    ("resend", journey.ResendCode()),
    ("other", journey.OtherAddress()),
    ("send", journey.SendLetter()),
    ("remove", journey.RemoveOwnWords()),
    ("original", journey.RestoreLetter()),
    ("subject:2", journey.ChooseSubject(2)),
    ("tick:3", journey.TickTarget(3)),
    ("ticks:2", journey.ListTargets(2)),
    ("ticks_all", journey.EndTargetSearch()),
    ("ticked", journey.FinishTargets()),
]

PERSISTENT: list[tuple[str, PersistentButtonData]] = [
    (f"undo:{ID}", persistent.UndoSend(ID)),
    (f"copy:{ID}", persistent.RequestCopy(ID)),
    (f"correct:{ID}", persistent.CorrectCopyAddress(ID)),
    ("card:hong-kong", persistent.SendShareCard("hong-kong")),
    (
        "updates:hong-kong:this",
        persistent.ChooseUpdates("hong-kong", persistent.UpdatesChoice.THIS),
    ),
    ("updates:hong-kong:all", persistent.ChooseUpdates("hong-kong", persistent.UpdatesChoice.ALL)),
    ("updates:hong-kong:no", persistent.ChooseUpdates("hong-kong", persistent.UpdatesChoice.NO)),
    (
        "updates:hong-kong:decline",
        persistent.ChooseUpdates("hong-kong", persistent.UpdatesChoice.DECLINE),
    ),
    ("updates:*:this", persistent.ChooseUpdates("*", persistent.UpdatesChoice.THIS)),
    (f"remember:{ID}:yes", persistent.RememberDetails(ID, remember=True)),
    (f"remember:{ID}:no", persistent.RememberDetails(ID, remember=False)),
    ("details", persistent.DropDetails()),
    ("unsubscribe", persistent.EndUpdates()),
    ("unsubscribe_here", persistent.EndUpdatesHere()),
    ("lang:zh-Hant", persistent.SpeakLanguage("zh-Hant")),
    ("languages:1", persistent.ListLanguages()),
    ("clear", persistent.ClearMessages()),
    (f"take_back:send:{ID}", persistent.TakeBackConsent(persistent.ConsentKind.SEND, ID)),
    ("take_back:remember:", persistent.TakeBackConsent(persistent.ConsentKind.REMEMBER)),
    ("take_back:updates:", persistent.TakeBackConsent(persistent.ConsentKind.UPDATES)),
    (f"opt_out:{ID}", persistent.TakeBackOptIn(ID)),
    ("take_back:answer:", persistent.TakeBackConsent(persistent.ConsentKind.ANSWER)),
    (f"ask_answer:{ID}:yes", persistent.AgreeToQuestion(ID, ask=True)),
    (f"answer:{ID}:automatic", persistent.ReportAnswer(ID, AnswerKind.AUTOMATIC)),
    (f"no_answer:{SLUG}:{ID[:16]}", persistent.WriteReminder(SLUG, ID[:16])),
    (f"reminder:{SLUG}", persistent.OfferReminder(SLUG)),
    (f"remind:{SLUG}:20", persistent.RemindMe(SLUG, 20)),
    ("no_reminder", persistent.DropReminders()),
    (f"continue:{SLUG}", persistent.ContinueLetter(SLUG)),
    ("mydata_file", persistent.SaveMyData()),
    *(
        (f"stored:{what}:{said}", persistent.KeepStored(what, keep))
        for what in persistent.Stored
        for said, keep in (("yes", True), ("no", False))
    ),
    ("invite:campaigner", admin.InviteButton(Role.CAMPAIGNER)),
    ("team:list::2", admin.TeamButton(admin.TeamAction.LIST, page=2)),
    (f"team:ask:{ID[:16]}:1", admin.TeamButton(admin.TeamAction.ASK_REMOVE, ID[:16])),
    (f"team:remove:{ID[:16]}:1", admin.TeamButton(admin.TeamAction.REMOVE, ID[:16])),
    (f"team:renew:{ID[:16]}:1", admin.TeamButton(admin.TeamAction.RENEW, ID[:16])),
    ("role", admin.ConfirmRoleButton()),
    ("pause", admin.PauseAllButton()),
    ("panic:yes", admin.PanicButton(admin.PanicAnswer.YES)),
    ("panic:no", admin.PanicButton(admin.PanicAnswer.NO)),
    ("audit:2", admin.AuditPageButton(2)),
    ("status:look", admin.StatusButton(admin.StatusAction.REFRESH)),
    ("status:pause", admin.StatusButton(admin.StatusAction.ASK_PAUSE)),
    ("status:ask", admin.StatusButton(admin.StatusAction.ASK_PAUSE_BELOW)),
    ("status:pause-yes", admin.StatusButton(admin.StatusAction.PAUSE)),
    ("status:resume", admin.StatusButton(admin.StatusAction.ASK_RESUME)),
    ("status:resume-yes", admin.StatusButton(admin.StatusAction.RESUME)),
    ("campaigns:list::2", admin.CampaignButton(admin.CampaignAction.LIST, page=2)),
    *(
        (f"campaigns:{action}:{SLUG}:1", admin.CampaignButton(action, SLUG))
        for action in admin.CampaignAction
        if action is not admin.CampaignAction.LIST
    ),
    (f"links:{SLUG}:list::12", admin.LinksButton(SLUG, admin.LinksAction.LIST, page=12)),
    ("links:hong-kong:new::1", admin.LinksButton("hong-kong", admin.LinksAction.NEW)),
    (f"links:{SLUG}:link:{KEY}:1", admin.LinksButton(SLUG, admin.LinksAction.LINK, KEY)),
    (
        f"links:{SLUG}:remove:{KEY}:12",
        admin.LinksButton(SLUG, admin.LinksAction.REMOVE, KEY, 12),
    ),
    (f"targets:{SLUG}:list::2500", admin.TargetsButton(SLUG, admin.TargetsAction.LIST, page=2500)),
    *(
        (f"targets:{SLUG}:{action}:{KEY}:1", admin.TargetsButton(SLUG, action, KEY))
        for action in admin.TargetsAction
    ),
    ("block:ask:", admin.BlockButton(admin.BlockAction.ASK_CODE)),
    ("disowned", admin.DisownedButton()),
    (f"read:{ID}", persistent.ReadNotice(ID)),
    ("command:stats", admin.CommandButton(admin.StaffCommand.STATS)),
    (
        "versions:restore:hong-kong:3",
        admin.VersionsButton(admin.VersionAction.RESTORE, "hong-kong", 3),
    ),
    (
        "e:p:hong-kong:zh-Hant:title:1",
        campaigns.EditButton(campaigns.EditAction.PART, "hong-kong", "zh-Hant", "title"),
    ),
    (
        "new:move:3:story",
        new_campaign.NewCampaignButton(new_campaign.NewAction.MOVE, 3, "story"),
    ),
    ("screens:hong-kong:zh-Hant:0", admin.ScreensButton("hong-kong", "zh-Hant")),
    ("block:no:", admin.BlockButton(admin.BlockAction.CANCEL)),
    (f"block:yes:{ID}", admin.BlockButton(admin.BlockAction.BLOCK, ID)),
    (f"block:undo:{ID}", admin.BlockButton(admin.BlockAction.UNBLOCK, ID)),
    ("resume:hong-kong", admin.ResumeCampaignButton("hong-kong")),
    ("show:hong-kong", admin.ShowPausedButton("hong-kong")),
    ("again:hong-kong", admin.SendAgainButton("hong-kong")),
    ("leave:hong-kong", admin.DropUncertainButton("hong-kong")),
    ("seen:hong-kong", admin.BouncesSeenButton("hong-kong")),
    ("astray:hong-kong", admin.OtherFailuresSeenButton("hong-kong")),
    ("spam:hong-kong", admin.ComplaintsSeenButton("hong-kong")),
    ("late:hong-kong", admin.DisputedSeenButton("hong-kong")),
    ("replies:hong-kong", admin.ForwardsSeenButton("hong-kong")),
    ("try:", admin.TryServerButton()),
    (f"got:{ID}", admin.TakeAlertButton(ID)),
    *(
        (f"draft:{ID[:12]}:{action}::1", broadcasts.DraftButton(ID[:12], action))
        for action in broadcasts.DraftAction
    ),
    (
        f"draft:{ID[:12]}:lang:zh-Hant:3",
        broadcasts.DraftButton(ID[:12], broadcasts.DraftAction.LANGUAGE, "zh-Hant", 3),
    ),
    (
        f"draft:{ID[:12]}:scope:{SLUG}:12",
        broadcasts.DraftButton(ID[:12], broadcasts.DraftAction.SCOPE, SLUG, 12),
    ),
    (
        f"draft:{ID[:12]}:send:{ID}:1",
        broadcasts.DraftButton(ID[:12], broadcasts.DraftAction.SEND, ID),
    ),
    (f"approve:{ID[:12]}:{ID}", broadcasts.ApproveButton(ID[:12], ID)),
    *(
        (f"notice:{ID[:12]}:{action}:{ID}:1", broadcasts.NoticeButton(ID[:12], action, ID))
        for action in broadcasts.NoticeAction
    ),
    *(
        (f"broadcast:{action}:{ID}", broadcasts.ControlButton(action, ID))
        for action in broadcasts.ControlAction
    ),
    *(
        (f"stats:{action}:{SLUG}:month:1", stats.StatsButton(action, SLUG, Period.MONTH))
        for action in stats.StatsAction
    ),
    ("stats:of:*:all:2", stats.StatsButton(stats.StatsAction.CHOOSE_CAMPAIGN, "*", Period.ALL, 2)),
]

OLDER: list[tuple[str, PersistentButtonData]] = [
    ("languages", persistent.ListLanguages(1)),
    ("team:list:", admin.TeamButton(admin.TeamAction.LIST)),
    *(
        (f"team:{action}:{ID[:16]}", admin.TeamButton(action, ID[:16]))
        for action in (
            admin.TeamAction.ASK_REMOVE,
            admin.TeamAction.REMOVE,
            admin.TeamAction.RENEW,
        )
    ),
    ("campaigns:list:", admin.CampaignButton(admin.CampaignAction.LIST)),
    *(
        (f"campaigns:{action}:hong-kong", admin.CampaignButton(action, "hong-kong"))
        for action in admin.CampaignAction
        if action not in (admin.CampaignAction.LIST, admin.CampaignAction.MORE)
    ),
    ("links:hong-kong:list:", admin.LinksButton("hong-kong", admin.LinksAction.LIST)),
    ("links:hong-kong:new:", admin.LinksButton("hong-kong", admin.LinksAction.NEW)),
    (f"links:{SLUG}:link:{KEY}", admin.LinksButton(SLUG, admin.LinksAction.LINK, KEY)),
    (f"links:{SLUG}:remove:{KEY}", admin.LinksButton(SLUG, admin.LinksAction.REMOVE, KEY)),
    *(
        (f"draft:{ID[:12]}:{action}:", broadcasts.DraftButton(ID[:12], action))
        for action in broadcasts.DraftAction
    ),
    (
        f"draft:{ID[:12]}:lang:zh-Hant",
        broadcasts.DraftButton(ID[:12], broadcasts.DraftAction.LANGUAGE, "zh-Hant"),
    ),
    (
        f"draft:{ID[:12]}:act:{SLUG}",
        broadcasts.DraftButton(ID[:12], broadcasts.DraftAction.ACT, SLUG),
    ),
    *(
        (f"notice:{ID[:12]}:{action}:{ID}", broadcasts.NoticeButton(ID[:12], action, ID))
        for action in broadcasts.NoticeAction
        if action is not broadcasts.NoticeAction.MORE
    ),
    *(
        (f"stats:{action}:{SLUG}:month", stats.StatsButton(action, SLUG, Period.MONTH))
        for action in stats.StatsAction
    ),
    ("stats:show:*:all", stats.StatsButton(stats.StatsAction.SHOW, "*", Period.ALL)),
]
"""Buttons as they were packed before their class got its newest fields."""


@pytest.mark.parametrize(("packed", "button"), OF_TURNS, ids=[each for each, _ in OF_TURNS])
def test_a_button_of_a_turn_still_unpacks(packed: str, button: TurnButtonData) -> None:
    data = f"t:{ID[:16]}:12:{packed}"
    assert unpack_turn(data) == (button, ID[:16], 12)
    assert pack_turn(button, ID, 12) == data


@pytest.mark.parametrize(("packed", "button"), PERSISTENT, ids=[each for each, _ in PERSISTENT])
def test_a_button_that_outlives_its_turn_still_unpacks(
    packed: str, button: PersistentButtonData
) -> None:
    assert unpack_persistent(f"s:{packed}") == button
    assert pack_persistent(button) == f"s:{packed}"


@pytest.mark.parametrize(("packed", "button"), OLDER, ids=[each for each, _ in OLDER])
def test_a_button_without_its_newer_fields_still_unpacks(
    packed: str, button: PersistentButtonData
) -> None:
    assert unpack_persistent(f"s:{packed}") == button


def test_a_button_of_a_turn_without_its_newer_fields_still_unpacks() -> None:
    assert unpack_turn(f"t:{ID[:16]}:12:language") == (journey.ShowLanguages(1), ID[:16], 12)


@pytest.mark.parametrize(
    ("kind", "listed"), [(TurnButtonData, OF_TURNS), (PersistentButtonData, PERSISTENT)]
)
def test_every_class_is_listed(
    kind: type[ButtonData], listed: list[tuple[str, ButtonData]]
) -> None:
    ours = {each for each in kind.registry.values() if each.__module__.startswith("conversations")}
    assert ours == {type(button) for _, button in listed}
