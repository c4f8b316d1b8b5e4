"""The whole thing on one machine: built, deployed, moving a sample company's orders, both sides compared at the end.

    python -m local.demo [--json] [--document FILE] [--plant-difference] [--pair PAIR]

place.py     the embedded AWS with the deployed bundle, and vendors on loopback
companies/   one company for each pair: its vendors, how an operator connects them, what the internet delivers
act.py       what an act is, and how the acts of all companies are played at the same time
programme.py which company plays what
people.py    what people do: operators by `ml-connector`, staff at the vendors by the simulators' commands
internet.py  carries webhooks to the deployed API, and ticks the pollers more often than once a minute
shipbob.py   the act of Acumatica and ShipBob; story.py: what happens when; warehouse.py: what is done with each order
labels.py    the act of Acumatica and UPS: a label per package, followed to the door
parcels.py   the act of Acumatica and ShipStation: orders by the dozen in one call, parcels and withdrawn labels back
watch.py     where the records stand, read from the deployed tables
picture.py   shows it
closing.py   compares what both sides hold, from the simulators' stores alone (with books.py and ledgers.py); tally.py
             does so for the labels, dispatch.py for ShipStation's parcels
"""
