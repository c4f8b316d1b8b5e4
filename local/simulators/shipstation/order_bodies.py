"""What createorder and its siblings take: one table per object, with the limits of the documentation."""

from __future__ import annotations

from local.simulators.checks import null_or
from local.simulators.shipstation import validation as v

_TEXT = null_or(v.text())
_NUMBER = null_or(v.number())
_ID = null_or(v.whole)
_DATE = r"\d{4}-\d{2}-\d{2}(T.*)?"

WRITABLE_STATUSES = ("awaiting_payment", "awaiting_shipment", "shipped", "on_hold", "cancelled")
CONFIRMATIONS = ("none", "delivery", "signature", "adult_signature", "direct_signature")
VERDICTS = (
    "Address not yet validated",
    "Address validated successfully",
    "Address validation warning",
    "Address validation failed",
)
ADDRESS_NAMES = ("name", "company", "street1", "street2", "street3", "city", "state", "postalCode", "country", "phone")
ADDRESS = v.record(
    {
        **dict.fromkeys(ADDRESS_NAMES, _TEXT),
        "country": null_or(v.text(pattern="[A-Z]{2}|")),
        "residential": null_or(v.flag),
        "addressVerified": null_or(v.choice(*VERDICTS, name="AddressVerified")),
    }
)
WEIGHT = v.record(
    {
        "value": v.number(0),
        "units": v.choice("pounds", "ounces", "grams", name="WeightUnits"),
        "WeightUnits": v.whole,
    }
)
DIMENSIONS = v.record(
    {
        "units": v.choice("inches", "centimeters", name="DimensionUnits"),
        **dict.fromkeys(("length", "width", "height"), v.number()),
    }
)
ITEM = v.record(
    {
        "lineItemKey": _TEXT,
        "sku": _TEXT,
        "name": v.text(),
        "imageUrl": _TEXT,
        "weight": null_or(WEIGHT),
        "quantity": v.whole,
        **dict.fromkeys(("unitPrice", "taxAmount", "shippingAmount"), _NUMBER),
        **dict.fromkeys(("warehouseLocation", "fulfillmentSku", "upc"), _TEXT),
        "options": null_or(v.array(v.record({"name": v.text(), "value": v.text()}))),
        "productId": _ID,
        "adjustment": v.flag,
        "orderItemId": v.whole,  # read-only, as are the next two: taken and not kept
        "createDate": _TEXT,
        "modifyDate": _TEXT,
    }
)
INSURANCE = v.record(
    {
        "provider": null_or(
            v.choice("shipsurance", "carrier", "provider", "xcover", "parcelguard", name="InsuranceProvider")
        ),
        "insureShipment": v.flag,
        "insuredValue": v.number(),
    }
)
CUSTOMS_ITEM = v.record(
    {
        "customsItemId": _ID,
        "description": v.text(),
        "quantity": v.whole,
        "value": v.number(),
        "harmonizedTariffCode": _TEXT,
        "countryOfOrigin": _TEXT,
    }
)
INTERNATIONAL = v.record(
    {
        "contents": null_or(
            v.choice("merchandise", "documents", "gift", "returned_goods", "sample", name="Contents")
        ),
        "customsItems": null_or(v.array(CUSTOMS_ITEM)),
        "nonDelivery": null_or(v.choice("return_to_sender", "treat_as_abandoned", name="NonDelivery")),
    }
)
ADVANCED_NAMES = (
    "warehouseId",
    "nonMachinable",
    "saturdayDelivery",
    "containsAlcohol",
    "storeId",
    "customField1",
    "customField2",
    "customField3",
    "source",
    "billToParty",
    "billToAccount",
    "billToPostalCode",
    "billToCountryCode",
    "billToMyOtherAccount",
)
ADVANCED = v.record(
    {
        **dict.fromkeys(("warehouseId", "storeId", "billToMyOtherAccount", "parentId"), _ID),
        **dict.fromkeys(("nonMachinable", "saturdayDelivery", "containsAlcohol", "mergedOrSplit"), v.flag),
        **dict.fromkeys(("customField1", "customField2", "customField3"), null_or(v.text(100))),
        **dict.fromkeys(("source", "billToAccount", "billToPostalCode", "billToCountryCode"), _TEXT),
        "mergedIds": null_or(v.array(v.whole)),
        "billToParty": null_or(
            v.choice("my_account", "my_other_account", "recipient", "third_party", name="BillToParty")
        ),
    }
)
READ_ONLY = v.words(
    "createDate modifyDate customerId orderTotal holdUntilDate userId externallyFulfilled externallyFulfilledBy "
    "externallyFulfilledById externallyFulfilledByName labelMessages"
)
ORDER = v.record(
    {
        "orderId": v.whole,
        "orderNumber": v.text(50, 1),
        "orderKey": v.text(50, 1),
        "orderDate": v.moment,
        "paymentDate": null_or(v.moment),
        "shipByDate": null_or(v.moment),
        "orderStatus": v.choice(*WRITABLE_STATUSES, name="Orders.OrderStatus"),
        **dict.fromkeys(("customerUsername", "customerEmail", "customerNotes", "internalNotes"), _TEXT),
        "billTo": ADDRESS,
        "shipTo": ADDRESS,
        "items": v.array(ITEM),
        **dict.fromkeys(("amountPaid", "taxAmount", "shippingAmount"), _NUMBER),
        "gift": v.flag,
        **dict.fromkeys(("giftMessage", "paymentMethod", "requestedShippingService"), _TEXT),
        **dict.fromkeys(("carrierCode", "serviceCode", "packageCode"), _TEXT),
        "confirmation": null_or(v.choice(*CONFIRMATIONS, name="Confirmation")),
        "shipDate": null_or(v.text(pattern=_DATE)),
        "weight": WEIGHT,
        "dimensions": null_or(DIMENSIONS),
        "insuranceOptions": INSURANCE,
        "internationalOptions": INTERNATIONAL,
        "advancedOptions": ADVANCED,
        "tagIds": null_or(v.array(v.whole)),
        **dict.fromkeys(READ_ONLY, v.anything),
    },
    required=("orderNumber", "orderDate", "orderStatus", "billTo", "shipTo"),
)
ORDER_ID = v.record({"orderId": v.whole}, required=("orderId",))
HOLD = v.record(
    {"orderId": v.whole, "holdUntilDate": v.text(pattern=r"\d{4}-\d{2}-\d{2}")}, required=("orderId", "holdUntilDate")
)
TAG = v.record({"orderId": v.whole, "tagId": v.whole}, required=("orderId", "tagId"))
MARK = v.record(
    {
        "orderId": v.whole,
        "carrierCode": v.text(shortest=1),
        "shipDate": null_or(v.text(pattern=_DATE)),
        "trackingNumber": _TEXT,
        "notifyCustomer": v.flag,
        "notifySalesChannel": v.flag,
    },
    required=("orderId", "carrierCode"),
)
LABEL = v.record(
    {
        "orderId": v.whole,
        "carrierCode": v.text(shortest=1),
        "serviceCode": v.text(shortest=1),
        "packageCode": _TEXT,
        "confirmation": v.choice(*CONFIRMATIONS, name="Confirmation"),
        "shipDate": v.text(pattern=_DATE),
        "weight": null_or(WEIGHT),
        "dimensions": null_or(DIMENSIONS),
        "insuranceOptions": null_or(INSURANCE),
        "internationalOptions": null_or(INTERNATIONAL),
        "advancedOptions": null_or(ADVANCED),
        "testLabel": v.flag,
    },
    required=("orderId", "carrierCode", "serviceCode", "confirmation", "shipDate", "testLabel"),
)
VOID = v.record({"shipmentId": v.whole}, required=("shipmentId",))
