"""Entry of the pair's worker: its events, live, bulk and delay queues call `handler`."""

from connector.entry import worker
from dynamicsgp_shipbob.flows import PAIR

handler = worker(PAIR)
