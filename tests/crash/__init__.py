"""The crash matrix: every flow x every boundary x every fault, counted at the simulators' stores.

    python -m tests.crash --short            every flow, every boundary, one fault of each kind
    python -m tests.crash --flow shipments   one flow, everything
    python -m tests.crash --replay 'orders/killed/42'   one cell again, with its log

A boundary ("moment") is a place before or after a vendor call or a store step. They are found by running a flow once
and writing down every step, so that a step added later joins by itself.
"""
