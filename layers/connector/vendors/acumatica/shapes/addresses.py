"""Who and where: the parts of documents that hold personal data. They print without their contents."""

from __future__ import annotations

from dataclasses import dataclass

from vendors.acumatica.rows import Row


@dataclass(frozen=True, repr=False)
class Address:
    """A postal address; `state` is a code, `country` ISO 3166 alpha-2. Fields are empty where the ERP has nothing."""

    line_1: str = ""
    line_2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, repr=False)
class Contact:
    """The recipient as the document has it."""

    attention: str = ""
    business_name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        """The recipient's name: the person, else the business; empty when the document names neither."""
        return self.attention or self.business_name


def parse_address(row: Row | None) -> Address:
    """An Address entity; an empty one when it was not expanded."""
    if row is None:
        return Address()
    return Address(
        line_1=row.text("AddressLine1") or "",
        line_2=row.text("AddressLine2") or "",
        city=row.text("City") or "",
        state=row.text("State") or "",
        postal_code=row.text("PostalCode") or "",
        country=row.text("Country") or "",
    )


def parse_contact(row: Row | None) -> Contact:
    """A DocContact or Contact entity; an empty one when it was not expanded."""
    if row is None:
        return Contact()
    return Contact(
        attention=row.text("Attention") or "",
        business_name=row.text("BusinessName") or row.text("CompanyName") or "",
        email=row.text("Email") or "",
        phone=row.text("Phone1") or "",
    )
