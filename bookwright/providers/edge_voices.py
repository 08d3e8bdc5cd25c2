"""The voices of Edge's read-aloud service for the languages offered here, as it listed them in 2026.

Shipped as a table, so that choosing a voice needs no network. The service has no voice for Punjabi and Odia. Of each
language the first region is the one that is taken when none is asked for, and its first voice the default.
"""

VOICES = {
    "ar": {"EG": "Salma Shakir", "SA": "Zariyah Hamed", "AE": "Fatima Hamdan", "MA": "Mouna Jamal"},
    "bn": {"IN": "Tanishaa Bashkar", "BD": "Nabanita Pradeep"},
    "de": {"DE": "Katja Conrad Amala Killian", "AT": "Ingrid Jonas", "CH": "Leni Jan"},
    "en": {
        "US": "Aria Guy Jenny Andrew Ava Brian Emma Christopher Michelle Eric Ana Roger Steffan",
        "GB": "Sonia Ryan Libby Thomas Maisie",
        "IN": "Neerja Prabhat",
        "AU": "Natasha",
        "CA": "Clara Liam",
        "IE": "Emily Connor",
        "NZ": "Molly Mitchell",
        "ZA": "Leah Luke",
        "KE": "Asilia Chilemba",
        "NG": "Ezinne Abeo",
    },
    "es": {
        "ES": "Elvira Alvaro Ximena",
        "MX": "Dalia Jorge",
        "AR": "Elena Tomas",
        "CO": "Salome Gonzalo",
        "US": "Paloma Alonso",
    },
    "fr": {
        "FR": "Denise Henri Eloise",
        "CA": "Sylvie Antoine Jean Thierry",
        "BE": "Charline Gerard",
        "CH": "Ariane Fabrice",
    },
    "gu": {"IN": "Dhwani Niranjan"},
    "hi": {"IN": "Swara Madhur"},
    "kn": {"IN": "Sapna Gagan"},
    "ml": {"IN": "Sobhana Midhun"},
    "mr": {"IN": "Aarohi Manohar"},
    "pt": {"BR": "Francisca Antonio", "PT": "Raquel Duarte"},
    "sw": {"KE": "Zuri Rafiki", "TZ": "Rehema Daudi"},
    "ta": {"IN": "Pallavi Valluvar", "LK": "Saranya Kumar", "MY": "Kani Surya", "SG": "Venba Anbu"},
    "te": {"IN": "Shruti Mohan"},
    "ur": {"PK": "Uzma Asad", "IN": "Gul Salman"},
}
"""BCP 47 primary subtag → region → names; a voice's id is then `hi-IN-SwaraNeural`."""
