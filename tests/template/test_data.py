"""Tables, bucket, key, topic, queues: what is stored survives, is encrypted and can be redriven."""

from __future__ import annotations

import pytest

from connector.ports import INDEX_KEYS
from tests.template.translated import of_type, resolved, translated

TABLES = ["ConnectionsTable", "RecordsTable", "EventsTable", "AuditTable", "StateTable"]
PAIRS = ["AcumaticaShipbob", "AcumaticaShipstation", "NetsuiteShipbob", "DynamicsgpShipbob", "AcumaticaUps"]


@pytest.mark.parametrize("name", TABLES)
def test_tables_survive_and_are_encrypted_with_our_key(name: str) -> None:
    table = translated()["Resources"][name]
    properties = table["Properties"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
    keys = {key["KeyType"]: key["AttributeName"] for key in properties["KeySchema"]}
    assert keys == {"HASH": "pk", "RANGE": "sk"}


def test_only_what_may_expire_expires() -> None:
    expiring = {
        name: table["TimeToLiveSpecification"]["AttributeName"]
        for name, table in of_type(translated(), "AWS::DynamoDB::Table")
        if "TimeToLiveSpecification" in table
    }
    assert expiring == {"EventsTable": "expires_at", "StateTable": "expires_at"}


def test_indexes_are_those_the_kernel_queries() -> None:
    found = {}
    for _, table in of_type(translated(), "AWS::DynamoDB::Table"):
        for index in table.get("GlobalSecondaryIndexes", []):
            found[index["IndexName"]] = tuple(key["AttributeName"] for key in index["KeySchema"])
            assert index["Projection"] == {"ProjectionType": "ALL"}
    assert found == dict(INDEX_KEYS)


def test_bucket_is_private_and_takes_no_plain_http() -> None:
    resources = translated()["Resources"]
    bucket = resources["Bucket"]
    assert bucket["DeletionPolicy"] == "Retain"
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    statement = resources["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_queue_is_encrypted_and_dead_letters_stay_two_weeks() -> None:
    queues = dict(of_type(translated(), "AWS::SQS::Queue"))
    assert len(queues) == 7 * len(PAIRS)
    for name, queue in queues.items():
        assert queue["KmsMasterKeyId"] == {"Ref": "Key"}, name
        assert queue["MessageRetentionPeriod"] == 1209600, name
        if queue.get("FifoQueue"):
            # Groups shall not hold each other up, and one group's ids say nothing about another's.
            assert (queue["DeduplicationScope"], queue["FifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")


@pytest.mark.parametrize("pair", PAIRS)
def test_queues_and_their_dead_letter_queue_name_each_other(pair: str) -> None:
    """A redrive goes back to the source; a source that the dead-letter queue does not allow could not be created."""
    queues = dict(of_type(translated(), "AWS::SQS::Queue"))
    for dead, sources in {"Dead": ["Events", "Live", "Bulk", "Jobs"], "DelayDead": ["Delay"]}.items():
        allow = queues[f"{pair}{dead}Queue"]["RedriveAllowPolicy"]
        assert allow["redrivePermission"] == "byQueue"
        names = {resolved(arn).rsplit(":", 1)[1] for arn in allow["sourceQueueArns"]}
        assert names == {resolved(queues[f"{pair}{source}Queue"]["QueueName"]) for source in sources}
        for source in sources:
            redrive = queues[f"{pair}{source}Queue"]["RedrivePolicy"]
            assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{pair}{dead}Queue", "Arn"]}
            assert redrive["maxReceiveCount"] == 5
            assert queues[f"{pair}{source}Queue"].get("FifoQueue") == queues[f"{pair}{dead}Queue"].get("FifoQueue")


def test_a_message_stays_invisible_for_six_times_the_longest_run() -> None:
    parameters, resources = translated()["Parameters"], translated()["Resources"]
    assert parameters["VisibilityTimeoutSeconds"]["Default"] >= 6 * parameters["WorkTimeoutSeconds"]["Default"]
    for _, mapping in of_type(translated(), "AWS::Lambda::EventSourceMapping"):
        consumer = resources[mapping["FunctionName"]["Ref"]]["Properties"]
        assert consumer["Timeout"] == {"Ref": "WorkTimeoutSeconds"}
