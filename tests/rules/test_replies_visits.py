"""Specimens of what patients write about a visit or their skin, and of what only sounds like it."""

import pytest
from texting.rules.replies import meaning

MOVES = [
    "I have a work thing then. What's your next availability",  # a clash and a question move, neither does alone
    "can't do mornings anymore, do you have evenings?",
    "Tues got crazy, wed?",
    "tengo junta en la escuela, ¿puedo ir otro día?",
    "no puedo a las 10, a las 12 sí",
    "yes but can it be at 1",
    "the wrong day, I asked for Friday",
]
DROPS = [
    "we're canceling Monday. Will I get the deposit back?",
    "cancel it, I'm holding off until after the wedding",  # why it is dropped, no wish for another time
    "do not hold my spot",
    "se me ponchó una llanta, no llego",
    "my cat can't breathe, rushing to the vet, sorry won't make it",  # somebody else's danger is the reason
]
KEEPS = [
    "Will be there 15 min early",
    "2pm works. I'll be there",
    "can't wait to see everyone tomorrow",
    "sí, a las 3 está perfecto",
    "great, thank you for the reminder",
]
NEITHER = [
    "I have a work thing then",
    "is it ok to come if I have a cold?",
    "what if I need to cancel",
    "take me off the waitlist for Saturday",
    "the bandage won't come off, do I just pull it",
    "I lost the paper, can I get another copy",
    "can I exercise tomorrow",
    "we're confirmed?",  # a question agrees to nothing
    "yes I'm taking aspirin",  # answers something else
    "no, no estoy embarazada",
    "me salió un moretón chiquito",
    "¿puedo cambiar de doctora?",
]
TOLD = [
    "not waking up all the way, keeps passing out on the couch",
    "bleeding through every bandage, soaked two towels",
    "I can't make out anything with my left eye",
    "se me está poniendo negra la punta de la nariz",
    "he had a seizure in your parking lot just now",  # told as past, and here
    "I don't feel right, throat swelling and my voice is gone",  # the denial is of feeling right
    "nobody would miss me if I was gone tonight",  # the "if" belongs to the sign
    "should I be worried that I can't see out of my right eye?",
]
LOOKS = [
    "my lips are naturally purple, can you tint them",
    "I want to get rid of the purple veins on my nose",
    "moretón morado en el cachete pero no duele",
    "I tend to pass out when I see needles, just a heads up",
    "no puedo hablar ahorita, estoy trabajando",
    "no emergency, just curious about my balance",
]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        *((text, "reschedule") for text in MOVES),
        *((text, "cancel_appointment") for text in DROPS),
        *((text, "confirm") for text in KEEPS),
        *((text, "question_or_other") for text in (*NEITHER, *LOOKS)),
        *((text, "emergency") for text in TOLD),
    ],
)
def test_a_visit_is_moved_dropped_kept_or_let_be_as_it_was_meant(text: str, intent: str) -> None:
    """What the sentence means decides, not the words it shares with others."""
    assert meaning(text).intent == intent
