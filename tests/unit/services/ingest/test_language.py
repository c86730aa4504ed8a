"""The language of usual letters is told, and of what does not tell nothing is said."""

import time

import pytest

from services.ingest.language import MAX_CHARS, language_of

LETTERS = {
    "cs": "Dobrý den, prosím zašlete nám nabídku na tiskárny. Děkuji, jsme tady pro vás",
    "da": "Hej, vi vil gerne have et tilbud på printerne. Tak og venlig hilsen, med jeres pris også",
    "de": "Sehr geehrte Damen und Herren, bitte senden Sie uns ein Angebot für die Drucker. Vielen Dank",
    "en": "Hello, please send us your offer for the two printers. Thank you and kind regards",
    "es": "Hola, por favor envíe su oferta para las impresoras. Muchas gracias y saludos de la empresa",
    "fi": "Hei, voisitteko lähettää tarjouksen? Kiitos ja terveisin, tämä on meille",
    "fr": "Bonjour, merci de nous envoyer votre offre pour les imprimantes. Cordialement",
    "hu": "Tisztelt Uram! Kérem küldje el az ajánlatot, és köszönöm, hogy ezt is",
    "it": "Buongiorno, vi chiediamo di inviare la vostra offerta per le stampanti. Grazie e cordiali saluti",
    "ja": "こんにちは、見積書をお送りください。",
    "ko": "안녕하세요, 견적을 보내 주세요",
    "nl": "Goedemorgen, kunt u ons een offerte sturen voor de printers? Met vriendelijke groet en bedankt",
    "pl": "Dzień dobry, proszę o przesłanie oferty na drukarki. Dziękuję i pozdrawiam",
    "pt": "Olá, você não está em casa e obrigado por uma oferta para as impressoras do escritório",
    "ro": "Bună ziua, vă rog să ne trimiteți oferta pentru imprimante. Mulțumesc și o zi bună",
    "ru": "Здравствуйте, пришлите нам пожалуйста предложение на принтеры. С уважением и спасибо за ответ",  # noqa: RUF001
    "sv": "Hej, vi vill gärna ha en offert för skrivarna. Tack så mycket och med vänliga hälsningar",
    "tr": "Merhaba, yazıcılar için bir teklif gönderir misiniz? Çok teşekkürler ve saygılar",  # noqa: RUF001
    "uk": "Добрий день, надішліть нам будь ласка пропозицію. Дякую за відповідь",
    "zh": "您好,请给我们发送报价。谢谢",
}


@pytest.mark.parametrize("language", LETTERS)
def test_a_letter_tells_its_language(language: str) -> None:
    assert language_of(LETTERS[language]) == language
    assert language_of(LETTERS[language].upper()) == language


@pytest.mark.parametrize(
    "text", ["", "ok", "12345 99", "FYI", "de", "la de que", "Muster AG, Zürich", "the letter \u0391 alone"]
)
def test_what_does_not_tell_has_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_two_languages_in_equal_parts_are_none() -> None:
    assert language_of("thank you and kind regards your offer bitte vielen dank und die") == ""


def test_only_the_beginning_counts() -> None:
    assert language_of("x " * (MAX_CHARS // 2) + LETTERS["de"]) == ""
    assert language_of(LETTERS["de"] + LETTERS["en"] * 1_000) == "de" or len(LETTERS["de"]) < MAX_CHARS // 2


def test_a_text_of_4000_characters_takes_no_time() -> None:
    began = time.process_time()
    for text in ("и" * 4_000, ("a," * 2_000), "漢 " * 2_000, "the and " * 500):
        language_of(text)
    assert time.process_time() - began < 0.2
