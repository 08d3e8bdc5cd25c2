"""What voices say when they are tried: one sentence in each language that books are made for."""

SENTENCES = {
    "en": "The lamp was lit, the rain had stopped, and somebody began to read aloud.",
    "hi": "दीया जल चुका था, बारिश थम गई थी, और किसी ने ज़ोर से पढ़ना शुरू किया।",
    "bn": "প্রদীপ জ্বলছিল, বৃষ্টি থেমে গিয়েছিল, আর কেউ একজন জোরে জোরে পড়তে শুরু করল।",
    "ta": "விளக்கு எரிந்தது, மழை நின்றது, யாரோ ஒருவர் உரக்கப் படிக்கத் தொடங்கினார்.",
    "te": "దీపం వెలిగింది, వాన ఆగిపోయింది, ఎవరో గట్టిగా చదవడం మొదలుపెట్టారు.",
    "mr": "दिवा लागला होता, पाऊस थांबला होता, आणि कोणीतरी मोठ्याने वाचू लागले.",
    "gu": "દીવો પ્રગટ્યો હતો, વરસાદ થંભી ગયો હતો, અને કોઈએ મોટેથી વાંચવાનું શરૂ કર્યું.",
    "kn": "ದೀಪ ಬೆಳಗಿತ್ತು, ಮಳೆ ನಿಂತಿತ್ತು, ಯಾರೋ ಗಟ್ಟಿಯಾಗಿ ಓದಲು ಆರಂಭಿಸಿದರು.",
    "ml": "വിളക്ക് തെളിഞ്ഞു, മഴ തോർന്നു, ആരോ ഉറക്കെ വായിക്കാൻ തുടങ്ങി.",
    "pa": "ਦੀਵਾ ਜਗ ਪਿਆ ਸੀ, ਮੀਂਹ ਰੁਕ ਗਿਆ ਸੀ, ਅਤੇ ਕਿਸੇ ਨੇ ਉੱਚੀ ਆਵਾਜ਼ ਵਿੱਚ ਪੜ੍ਹਨਾ ਸ਼ੁਰੂ ਕੀਤਾ।",
    "or": "ଦୀପ ଜଳୁଥିଲା, ବର୍ଷା ଛାଡ଼ିଯାଇଥିଲା, ଆଉ କେହି ଜଣେ ବଡ଼ ପାଟିରେ ପଢ଼ିବା ଆରମ୍ଭ କଲେ।",
    "ur": "چراغ جل چکا تھا، بارش تھم گئی تھی، اور کسی نے اونچی آواز میں پڑھنا شروع کیا۔",
    "es": "La lámpara estaba encendida, había dejado de llover y alguien empezó a leer en voz alta.",
    "fr": "La lampe était allumée, la pluie avait cessé, et quelqu’un se mit à lire à voix haute.",
    "de": "Die Lampe brannte, der Regen hatte aufgehört, und jemand begann vorzulesen.",
    "pt": "A lâmpada estava acesa, a chuva tinha parado e alguém começou a ler em voz alta.",
    "ar": "أُضيء المصباح، وتوقف المطر، وبدأ أحدهم يقرأ بصوت عالٍ.",
    "sw": "Taa iliwashwa, mvua ilikuwa imekwisha, na mtu mmoja akaanza kusoma kwa sauti.",
}
"""By BCP 47 primary subtag."""


def sentence(language: str) -> str | None:
    """The sentence in a BCP 47 language; None where none is written."""
    return SENTENCES.get(language.partition("-")[0].lower())
