"""Who shops in the example shop, and what it sells. Invented; e-mail addresses end in a domain that nobody has."""

from typing import NamedTuple


class Good(NamedTuple):
    """A product: its SKU, name, price in euros, and tags."""

    sku: str
    name: str
    price: str
    tags: tuple[str, ...]


class Person(NamedTuple):
    """A customer: name, street, city, postcode, country."""

    name: str
    street: str
    city: str
    postcode: str
    country: str


def _goods(prefix: str, tags: tuple[str, ...], *items: tuple[str, str, str]) -> list[Good]:
    return [
        Good(f"{prefix}-{number:02d}", name, price, (*tags, *extra.split()))
        for number, (name, price, extra) in enumerate(items, 1)
    ]


GOODS: tuple[Good, ...] = (
    *_goods(
        "TEA",
        ("kitchen", "tea"),
        ("Cast-iron teapot, 0.8 litres", "54.00", "iron gift"),
        ("Glass teapot with infuser", "29.90", "glass"),
        ("Matcha bowl, hand-thrown", "38.50", "ceramic gift"),
        ("Bamboo whisk", "14.90", "bamboo"),
        ("Tea tin, 250 grams", "9.80", "storage"),
        ("Stoneware mug, speckled blue", "17.50", "ceramic"),
        ("Stoneware mug, sand", "17.50", "ceramic"),
        ("Double-walled glass, set of two", "22.00", "glass gift"),
        ("Kettle with gooseneck spout", "79.00", "steel"),
        ("Linen tea towel, striped", "12.00", "linen textile"),
    ),
    *_goods(
        "COF",
        ("kitchen", "coffee"),
        ("Hand grinder with steel burrs", "119.00", "steel gift"),
        ("Pour-over dripper, size 2", "24.50", "ceramic"),
        ("Paper filters, 100 pieces", "6.90", "paper"),
        ("Moka pot for six cups", "42.00", "aluminium"),
        ("Coffee scale with timer", "49.00", "electric"),
        ("Espresso cups, set of four", "36.00", "ceramic gift"),
        ("House blend, whole beans, 1 kilogram", "26.50", "beans"),
        ("Ethiopia Guji, whole beans, 250 grams", "13.90", "beans"),
        ("Decaf Colombia, whole beans, 250 grams", "12.90", "beans decaf"),
        ("Milk jug, 350 millilitres", "18.00", "steel"),
    ),
    *_goods(
        "GAR",
        ("garden",),
        ("Secateurs, forged steel", "46.00", "steel tools"),
        ("Watering can, galvanised, 5 litres", "39.90", "steel"),
        ("Terracotta pot, 20 centimetres", "8.50", "clay"),
        ("Terracotta pot, 30 centimetres", "14.50", "clay"),
        ("Hand trowel with ash handle", "19.90", "tools wood"),
        ("Seed box, wildflowers", "5.90", "seeds gift"),
        ("Seed box, kitchen herbs", "5.90", "seeds"),
        ("Jute twine, 100 metres", "4.80", "jute"),
        ("Gardening gloves, goatskin", "21.00", "leather"),
        ("Raised bed, larch, 120 by 80", "149.00", "wood"),
    ),
    *_goods(
        "DSK",
        ("desk",),
        ("Notebook, dotted, A5", "12.50", "paper"),
        ("Notebook, plain, A5", "12.50", "paper"),
        ("Fountain pen, fine nib", "58.00", "pen gift"),
        ("Ink, midnight blue, 50 millilitres", "11.90", "ink"),
        ("Pencil set, 12 degrees of hardness", "16.00", "pencil wood"),
        ("Desk lamp, brass arm", "128.00", "brass light"),
        ("Felt desk mat, anthracite", "34.00", "felt"),
        ("Letter tray, oak, two levels", "62.00", "oak wood"),
        ("Brass paper clips, 50 pieces", "7.50", "brass"),
        ("Wall calendar, letterpress", "24.00", "paper gift"),
    ),
    *_goods(
        "HOM",
        ("home",),
        ("Wool blanket, herringbone", "98.00", "wool textile gift"),
        ("Linen cushion cover, ochre", "27.00", "linen textile"),
        ("Beeswax candle, 30 centimetres", "6.40", "wax"),
        ("Candle holder, blackened brass", "23.00", "brass"),
        ("Oak stool, three legs", "84.00", "oak wood"),
        ("Ceramic vase, matt white", "41.00", "ceramic gift"),
        ("Cotton bath towel, slate", "29.00", "cotton textile"),
        ("Soap bar, olive and sage", "5.20", "soap"),
        ("Door mat, coir", "26.00", "coir"),
        ("Wall clock, 25 centimetres", "69.00", "clock"),
    ),
    *_goods(
        "OUT",
        ("outdoors",),
        ("Enamel mug, 350 millilitres", "11.00", "enamel"),
        ("Vacuum flask, 0.75 litres", "32.00", "steel"),
        ("Waxed canvas rucksack", "139.00", "canvas gift"),
        ("Pocket knife, olive wood", "48.00", "steel wood"),
        ("Merino hat, forest green", "29.50", "wool textile"),
        ("Merino socks, two pairs", "24.00", "wool textile"),
        ("Head torch, 300 lumens", "38.00", "light electric"),
        ("Hammock with straps", "72.00", "cotton"),
        ("Picnic blanket, water-repellent", "56.00", "textile"),
        ("Map case, waxed cotton", "19.00", "cotton"),
    ),
)

PEOPLE: tuple[Person, ...] = tuple(
    Person(*(part.strip() for part in row.split("|")))
    for row in """
    Ada Lindqvist|Storgatan 12|Uppsala|753 20|SE
    Bruno Keller|Lindenweg 4|Bern|3006|CH
    Carla Moretti|Via Garibaldi 31|Torino|10122|IT
    David Okafor|14 Mill Lane|Bristol|BS1 6XN|GB
    Elif Yaman|Oranienstrasse 88|Berlin|10969|DE
    Finn Madsen|Havnegade 7|Aarhus|8000|DK
    Greta Sommer|Am Markt 3|Weimar|99423|DE
    Hugo Lefebvre|12 rue des Lilas|Lyon|69003|FR
    Ines Carvalho|Rua do Sol 45|Porto|4000-527|PT
    Jonas Berg|Kirkeveien 21|Oslo|0266|NO
    Katya Novak|Dlouha 18|Praha|110 00|CZ
    Liam Doyle|3 Harbour View|Galway|H91 T8NC|IE
    Maren Vogel|Hafenstrasse 60|Kiel|24103|DE
    Nadia Haddad|Boulevard Anspach 9|Bruxelles|1000|BE
    Oscar Nilsen|Fjellveien 2|Bergen|5019|NO
    Paula Jimenez|Calle Mayor 77|Zaragoza|50001|ES
    Quentin Roux|5 place du Marche|Dijon|21000|FR
    Rosa Alvarez|Calle Luna 15|Sevilla|41003|ES
    Samuel Winter|Goethestrasse 29|Leipzig|04109|DE
    Tilda Aalto|Mannerheimintie 40|Helsinki|00100|FI
    Ugo Bianchi|Corso Italia 8|Genova|16121|IT
    Vera Hoffmann|Schlossallee 1|Potsdam|14467|DE
    Willem de Vries|Keizersgracht 210|Amsterdam|1016 DX|NL
    Xenia Pappas|Ermou 52|Athina|105 63|GR
    Yann Kerbrat|Quai Est 14|Brest|29200|FR
    Zoe Wagner|Mariahilfer Strasse 95|Wien|1060|AT
    Anton Kowalski|Ulica Dluga 33|Krakow|31-147|PL
    Beatriz Santos|Avenida da Liberdade 120|Lisboa|1250-096|PT
    Clara Jensen|Vesterbrogade 71|Kobenhavn|1620|DK
    Dario Conti|Via Roma 5|Bologna|40121|IT
    Emil Sorensen|Algade 19|Odense|5000|DK
    Freya Campbell|22 Queen Street|Edinburgh|EH2 1JX|GB
    Georg Brandt|Rathausplatz 6|Graz|8010|AT
    Hanna Virtanen|Hameenkatu 11|Tampere|33100|FI
    Igor Horvat|Ilica 104|Zagreb|10000|HR
    Julia Peeters|Meir 48|Antwerpen|2000|BE
    Karl Magnusson|Drottninggatan 5|Goteborg|411 14|SE
    Lena Fischer|Marktgasse 17|Winterthur|8400|CH
    Marta Kovacs|Vaci utca 23|Budapest|1052|HU
    Niels Bakker|Oudegracht 133|Utrecht|3511 AJ|NL
    """.strip().split("\n")
)
CARRIERS = ("DHL", "PostNord", "UPS", "GLS")
REASONS_TO_CANCEL = ("ordered twice", "found it elsewhere", "delivery takes too long", "changed my mind")
REASONS_TO_REFUND = ("arrived damaged", "not as described", "wrong size")
