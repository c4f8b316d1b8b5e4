"""A strict, stateful simulator of Acumatica's contract-based REST API (system contract 4)."""

from local.simulators.acumatica.simulator import AcumaticaSimulator

__all__ = ["AcumaticaSimulator"]
