"""The registry of questions: `Step` → `Question`. Importing `conversations.journey` fills it."""

from conversations.journey.flow.question import QUESTIONS
from conversations.journey.questions.at_risk import AtRiskQuestion
from conversations.journey.questions.choose import ChooseQuestion
from conversations.journey.questions.country import CountryQuestion
from conversations.journey.questions.country_check import CountryCheckQuestion
from conversations.journey.questions.idle import IdleQuestion
from conversations.journey.questions.letter.change import ChangeQuestion
from conversations.journey.questions.letter.own_words import OwnWordsQuestion
from conversations.journey.questions.letter.review import ReviewQuestion
from conversations.journey.questions.letter.rewrite import RewriteQuestion
from conversations.journey.questions.letter.subject import SubjectQuestion
from conversations.journey.questions.name import NameQuestion
from conversations.journey.questions.own import OwnQuestionAfter, OwnQuestionBefore
from conversations.journey.questions.proof.address import AddressQuestion
from conversations.journey.questions.proof.address_check import AddressCheckQuestion
from conversations.journey.questions.proof.bounced import BouncedQuestion
from conversations.journey.questions.proof.code import CodeQuestion
from conversations.journey.questions.sent import SentQuestion
from conversations.journey.questions.targets import TargetsQuestion
from conversations.journey.questions.warning import WarningQuestion
from conversations.journey.questions.welcome import WelcomeQuestion

# The order is that in which questions are asked.
QUESTIONS.update(
    (question.step, question)
    for question in (
        IdleQuestion(),
        ChooseQuestion(),
        WelcomeQuestion(),
        WarningQuestion(),
        NameQuestion(),
        CountryQuestion(),
        CountryCheckQuestion(),
        AtRiskQuestion(),
        OwnQuestionBefore(),
        AddressQuestion(),
        AddressCheckQuestion(),
        CodeQuestion(),
        BouncedQuestion(),
        OwnQuestionAfter(),
        TargetsQuestion(),
        ReviewQuestion(),
        OwnWordsQuestion(),
        RewriteQuestion(),
        ChangeQuestion(),
        SubjectQuestion(),
        SentQuestion(),
    )
)
