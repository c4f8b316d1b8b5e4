"""Entry of the pair's worker: its events, live, bulk and delay queues call `handler`."""

from acumatica_shipstation.flows import PAIR
from connector.entry import worker

handler = worker(PAIR)
