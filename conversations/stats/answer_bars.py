"""The answers to a campaign's own questions as lists of bars."""

from conversations.model.campaigns.campaign_questions import (
    COUNTED,
    NO,
    YES,
    OwnQuestion,
    QuestionKind,
)
from conversations.model.stats.chart import Bar, BarList, Label
from conversations.model.stats.few_answers import Told, hide_few
from conversations.model.stats.figures import MIN_SHOWN_COUNT, Figure, Figures, own_answer_of
from conversations.stats.chart_layout import BAR_OF_FEW, Words


def answer_bars(
    words: Words, slug: str, figures: Figures, *, show_few: bool
) -> tuple[BarList, ...]:
    """Return a list for each question of the campaign whose answers are counted.

    `show_few` also shows the exact counts where people are few. All campaigns together have none.
    """
    campaign = words.deployment.campaigns.get(slug)
    if campaign is None:
        return ()
    asked = (each for each in campaign.questions if each.kind in COUNTED)
    return tuple(_bars(words, each, figures, show_few=show_few) for each in asked)


def _bars(words: Words, question: OwnQuestion, figures: Figures, *, show_few: bool) -> BarList:
    is_yes_no = question.kind is QuestionKind.YES_NO
    counts = dict.fromkeys((YES, NO) if is_yes_no else question.options, 0)
    for value, count in figures.of(Figure.OWN_ANSWER).items():
        about, answer = own_answer_of(value)
        if about == question.id:
            counts[answer] = count
    told = dict(counts) if show_few else hide_few(counts)
    heading = _own(words, question.label, question.id)
    if told is None:
        return BarList(heading, (), words("stats.answers_few"))
    return BarList(
        heading,
        tuple(_bar(words, _name(words, question, answer), told[answer]) for answer in counts),
    )


def _bar(words: Words, label: Label, told: int | Told) -> Bar:
    match told:
        case Told.FEW:
            return Bar(label, BAR_OF_FEW, words("stats.few", most=MIN_SHOWN_COUNT))
        case Told.MANY:
            return Bar(label, MIN_SHOWN_COUNT, words("stats.many", least=MIN_SHOWN_COUNT))
        case count:
            return Bar(label, count, words.number(count))


def _name(words: Words, question: OwnQuestion, answer: str) -> Label:
    """Return the text of an answer; its id where the campaign no longer has it."""
    if question.kind is QuestionKind.YES_NO:
        return words(f"button.{answer}")
    return _own(words, question.options.get(answer, {}), answer)


def _own(words: Words, texts: dict[str, str], id_: str) -> Label:
    """Return a text of the campaign in the reader's language, else its first one."""
    text = texts.get(words.wording.reads) or next(iter(texts.values()), id_)
    return Label(text, id_)
