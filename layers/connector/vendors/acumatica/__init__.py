"""Acumatica Cloud ERP, contract-based REST API (system contract 4): client, wire shapes, fault table."""
