"""Comments as readers write them, as many different ones as a load needs: clean English of 60 to 400 characters."""

import random
from collections.abc import Iterator

SENTENCES = (
    "The corridor must stay open, whatever the ministers say.",
    "My grandmother came from that village and told us about its church.",
    "Who will pay for the new road, and when will it be finished?",
    "I read the whole agreement twice and still do not know who signed it.",
    "The mediators have been silent for three weeks now.",
    "Thank you for this article; it is the first one that names the sources.",
    "Parliament should publish the minutes before anyone votes.",
    "Prices in the market have doubled since spring.",
    "The school on our street has had no heating for a month.",
    "He promised the same thing two years ago and nothing came of it.",
    "The photographs from the border say more than the statement does.",
    "I would like to hear the mayor explain that decision in person.",
    "Our community in Glendale has sent two trucks of medicine already.",
    "Nobody asked the farmers, although it is their water.",
    "This is the third ceasefire of the year, and I hope it holds.",
    "The court gave no reasons, which is strange in such a case.",
    "Please correct the date in the second paragraph.",
    "My cousin works at that hospital and says they lack nurses, not beds.",
    "It would help to know how many families have returned.",
    "The embassy closes at noon, so the line forms at six in the morning.",
    "I disagree with the author, but the figures are right.",
    "When the bridge was closed in 1994 we walked for two days.",
    "The opposition has no plan either, if we are honest.",
    "A good translation of the speech would be welcome.",
    "They planted four hundred apricot trees along the river.",
    "Every government since independence has said so.",
    "The museum deserves far more visitors than it gets.",
    "Could you publish the map in a size that one can read?",
    "The train from Gyumri was late again, by two hours.",
    "I was at the meeting and remember it differently.",
    "Taxes on small shops should have been lowered long ago.",
    "The choir sang the old hymn, and half the hall wept.",
    "Let the engineers decide where the tunnel goes.",
    "Without independent observers the count means little.",
    "The language of the treaty leaves too much open.",
    "We should teach this chapter of our history in every school.",
    "The minister answered only one of the eight questions.",
    "It rained for nine days and the cellar is full of water.",
    "A library costs less than one kilometre of that road.",
    "The teachers have waited for their salaries since August.",
)


def comments(seed: int = 0) -> Iterator[str]:
    """Yield comments of one to six sentences without end, the same ones for the same seed."""
    draw = random.Random(seed)
    while True:
        yield " ".join(draw.sample(SENTENCES, draw.choice((2, 2, 3, 3, 4, 6))))
