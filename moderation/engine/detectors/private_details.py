"""Private details: telephone, e-mail, street address, card and identity numbers, each checked by library or checksum."""

import ipaddress
import re
from collections.abc import Iterator

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Span

_MAYBE, _SURE = 0.6, 0.92
_REGIONS = ("US", "AM")  # where a number without a country code is likely to ring
_MAY_BE_A_PLACE = frozenset(
    [
        "live",
        "lives",
        "living",
        "reside",
        "resides",
        "house",
        "home",
        "stays",
        "number",
        "mobile",
        "phone",
        "cell",
        "call",
    ]
)
_DATE = re.compile(r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[\s–to-]*){1,2}")
_STREETS = frozenset(
    [
        "st",
        "street",
        "ave",
        "avenue",
        "blvd",
        "boulevard",
        "rd",
        "road",
        "dr",
        "drive",
        "ln",
        "lane",
        "ct",
        "court",
        "pl",
        "place",
        "way",
        "terrace",
        "ter",
        "circle",
        "cir",
    ]
)
_DOCUMENTS = frozenset(
    ["passport", "ssn", "social", "security", "license", "licence", "card", "identity", "id"]
)
_NUMBERS = frozenset(["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
_PLATES = frozenset(["plate", "plates"])
_TELLING = _STREETS | _MAY_BE_A_PLACE | _DOCUMENTS | _NUMBERS | _PLATES
_YEARS = re.compile(r"\d{4}[-–/ ]\d{4}")
_MANY = 20  # details in one comment that are looked at one by one; a list that is longer is held as one
_AROUND = 8  # characters beside a run of digits that can belong to a telephone number ("+1 (")
# In the shape of a text: eight digits with no more between them than a number has; a house number before its street;
# the four numbers of a network address.
_FEWEST_DIGITS = 8
_LONG_NUMBER = re.compile(r"1(?:[ (-]{0,3}1){7}")
_HOUSE_NUMBER = re.compile(r"1a? a")
_FOUR_NUMBERS = re.compile(r"1-1{1,3}-1{1,3}-1")
_DIGITS = re.compile(r"\d(?:[\s().\-/]{0,3}\d){7,14}")  # no more than 15 (E.164)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_STREET = re.compile(
    r"(?<![\w-])\d{1,5}[A-Za-z]? (?:(?:N|S|E|W|North|South|East|West)\.? )?(?:[A-Za-z][\w.'-]* ){1,3}"
    r"(?i:St|Street|Ave|Avenue|Blvd|Boulevard|Rd|Road|Dr|Drive|Ln|Lane|Ct|Court|Pl|Place|Way|Terrace|Ter|Circle|Cir)\b\.?"
    r"(?:,? (?:Apt|Unit|Suite|#)\.? ?\w+)?"
)
_PASSPORT = re.compile(
    r"\b(?:passport|ssn|social security|driver'?s licen[sc]e|id card|identity card)(?: (?:no|number|#|is))*[:.# ]{1,3}([A-Z]{0,2}\d{6,9})\b",
    re.IGNORECASE,
)
_NETWORK = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_PLATE = re.compile(
    r"\b(?:licen[sc]e |number )?plates?(?: (?:no|number|is))*[:.# ]{1,3}([A-Z0-9]*\d[A-Z0-9-]{3,8})\b",
    re.IGNORECASE,
)
_FEWEST_SPELLED = 7  # words for digits, where none is written as a digit
_SPELLED = re.compile(
    r"\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|\d{1,4})[ ,.-]{1,3}){6,}"
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|\d{1,4})\b",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"\b(?:lives?|living|resides?|house is|home is|stays) (?:on|at|in|off) (?:[A-Z][\w'.-]* ){1,3}"
    r"(?:St|Street|Ave|Avenue|Blvd|Boulevard|Rd|Road|Dr|Drive|Ln|Lane|Ct|Court|Pl|Place)\b"
)
_ROLE = re.compile(
    r"(?:editor(?:ial)?s?|info|office|contact|news(?:room)?|admin|support|letters?|press|media|subscri\w+|help|hello|mail|webmaster)@",
    re.IGNORECASE,
)
# Words that tie a detail to a private person, and words that tie it to an office.
_OF_A_PERSON = re.compile(
    r"\b(?:call|text|ring|phone) my \w+|\b(?:his|her|their|your|my|'s) (?:\w+ )?(?:home|house|address|phone|number|cell|mobile|e-?mail|card|passport|ssn)\b|"
    r"\b(?:he|she|they|who|family|wife|husband|parents|kids|children) (?:lives?|live|living|stays?|resides?|works?) (?:at|on|in)\b|"
    r"\b(?:lives?|resides?|living) (?:at|on)\b|home address|personal (?:phone|number|e-?mail|cell)|\b(?:call|text|visit|harass|tell) (?:him|her|them) (?:at|on|up)\b|"
    r"\bgo to (?:his|her|their) (?:house|home)\b"
)
_AT_HOME = re.compile(r"\b(?:his|her|my|home|lives?|cousin|neighbou?r|private|personal)\b")
_OF_AN_OFFICE = re.compile(
    r"\b(?:office|embassy|consulate|hotline|hot line|white house|congress\w*|senat\w+|representative|capitol|switchboard|"
    r"ministry|department|help ?line|newsroom|editorial|church|foundation|museum|library|school board|city hall|anca|911|toll[- ]free|donat\w+|fund)\b"
)


# Where the numbers of each length begin that issuers give out (ISO/IEC 7812); the others are barcodes and orders.
_ISSUED = {13: ("4",), 14: ("30", "36", "38", "39"), 15: ("34", "37")}
_LONGER = ("3", "4", "5", "6")
# Addresses of everybody's name servers, and houses of offices and of fiction.
_EVERYBODYS = frozenset(["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"])
_FAMOUS = re.compile(
    r"(?:10|11) Downing|221B? Baker|1600 Pennsylvania|1428 Elm|4 Privet|12 Grimmauld|124 Conch|742 Evergreen|1313 Mockingbird"
)
_DRAWN = re.compile(
    r"\b(?:winning|lucky|lottery|lotto|powerball|bingo|raffle|isbn|issn|barcode|serial|tracking|invoice|docket)\b",
    re.IGNORECASE,
)


def _luhn(digits: str) -> bool:
    """Tell whether the digits carry a valid check digit (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        number = int(char) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


class PrivateDetails:
    """Details by which a private person can be found, called or robbed."""

    name, version = "private_details", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:  # noqa: ARG002
        """Yield a signal for each detail; the words around it say whether it is a person's or an office's."""
        original, has_digits = text.original, text.has_digits
        telling = text.vocabulary & _TELLING
        # Without a digit there are only addresses and what is spelled out in several words.
        if not (has_digits or len(telling) > 1 or "@" in original):
            return
        taken = bytearray(len(original))
        for span, kind, known in self._found(text, original, telling, has_digits=has_digits):
            if taken.find(1, span.start, span.end) >= 0:
                continue
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            score = known or self._weigh(original, span)
            if score:
                yield Signal.of(
                    self, "private-details", score, (span,), matched_as=kind, note=f"Looks like {kind}."
                )

    def _found(
        self, text: Text, original: str, telling: frozenset[str], *, has_digits: bool
    ) -> Iterator[tuple[Span, str, float]]:
        """Yield (span, kind, score), score 0 where the words around decide."""
        if has_digits:
            shape = text.shape
            if shape.count("1") >= _FEWEST_DIGITS and _LONG_NUMBER.search(shape):
                yield from self._cards(original)
                yield from self._numbers(original)
            if telling & _DOCUMENTS and "111111" in shape:
                for match in _PASSPORT.finditer(original):
                    yield Span(match.start(1), match.end(1)), "a document number", _SURE
            if telling & _STREETS and _HOUSE_NUMBER.search(shape):
                for match in _STREET.finditer(original):
                    if _FAMOUS.match(match.group()):
                        continue
                    yield Span(match.start(), match.end()), "a street address", 0.0
            if "numbers joined" in text.suspected and _FOUR_NUMBERS.search(shape):
                for match in _NETWORK.finditer(original):
                    if match.group() in _EVERYBODYS:
                        continue
                    if ipaddress.ip_address(match.group()).is_global or "IP" in original:
                        yield Span(match.start(), match.end()), "a network address", _MAYBE
            if telling & _PLATES:
                for match in _PLATE.finditer(original):
                    yield Span(match.start(1), match.end(1)), "a number plate", _MAYBE
        numbers = telling & _NUMBERS
        if len(numbers) > 2 and (has_digits or sum(map(text.word_list.count, numbers)) >= _FEWEST_SPELLED):
            for match in _SPELLED.finditer(original):
                yield Span(match.start(), match.end()), "a telephone number", _MAYBE
        if telling & _STREETS and telling & _MAY_BE_A_PLACE:
            for match in _HOME.finditer(original):
                yield Span(match.start(), match.end()), "where somebody lives", _MAYBE
        if "@" in original:
            for number, match in enumerate(_MAIL.finditer(original)):
                if number == _MANY:
                    yield Span(match.start(), len(original)), "a list of addresses", _MAYBE
                    return
                try:
                    # Reserved names such as example.com are refused as deliverable, yet here they look like an address.
                    validate_email(
                        match.group().rstrip("."), check_deliverability=False, test_environment=True
                    )
                except EmailNotValidError:
                    continue
                if not _ROLE.match(match.group()):
                    named = "." in match.group().partition("@")[0]  # first and last name
                    yield Span(match.start(), match.end()), "an e-mail address", _SURE if named else 0.0

    @staticmethod
    def _cards(original: str) -> Iterator[tuple[Span, str, float]]:
        for match in _CARD.finditer(original):
            digits = re.sub(r"\D", "", match.group())
            if (
                13 <= len(digits) <= 19
                and len(set(digits)) > 1
                and _luhn(digits)
                and digits.startswith(_ISSUED.get(len(digits), _LONGER))
            ):
                yield Span(match.start(), match.end()), "a card number", _SURE

    @staticmethod
    def _numbers(original: str) -> Iterator[tuple[Span, str, float]]:
        for match in _SSN.finditer(original):
            yield Span(match.start(), match.end()), "a social security number", _SURE
        for number_of_run, run in enumerate(_DIGITS.finditer(original)):
            if number_of_run == _MANY:
                yield Span(run.start(), len(original)), "a list of numbers", _MAYBE
                return
            first = max(0, run.start() - _AROUND)
            around = original[first : run.end() + _AROUND]
            for region in _REGIONS:
                for phone in phonenumbers.PhoneNumberMatcher(around, region, phonenumbers.Leniency.POSSIBLE):
                    number = phone.raw_string
                    digits = sum(char.isdigit() for char in number)
                    shaped = bool(re.search(r"[+()\-.]|\d \d", number)) and digits >= 9
                    drawn = _DRAWN.search(original, max(0, first - 40), run.start())
                    if drawn or _DATE.fullmatch(number.strip()) or _YEARS.fullmatch(number):
                        continue
                    if phonenumbers.is_valid_number(phone.number) or shaped:
                        yield Span(first + phone.start, first + phone.end), "a telephone number", 0.0

    @staticmethod
    def _weigh(original: str, span: Span) -> float:
        around = original[max(0, span.start - 80) : span.end + 60].casefold()
        if _OF_AN_OFFICE.search(around) and not _AT_HOME.search(around):
            return 0.0
        if _OF_A_PERSON.search(around):
            return _SURE
        return _MAYBE


DETECTOR = PrivateDetails()
