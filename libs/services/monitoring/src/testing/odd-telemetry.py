# What a client may do that does not keep to docs/how-to/emit-telemetry.md, beside sixty good messages over all partitions.
import json, os, uuid
from datetime import datetime, timezone
from confluent_kafka import Producer

TOPIC = "kwanus.telemetry"
producer = Producer({"bootstrap.servers": os.environ["KAFKA_BROKERS"], "message.max.bytes": 4_000_000})
unexpected = []

def delivered(error, message):
    if error is not None:
        unexpected.append(error)

def call(integration="beta.spread", **over):
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"integration": integration, "release": "1.3.0", "workspace": "w-1", "at": now,
            "operation": "getOrder", "status": 200, "durationMs": 12.5, **over}

def headers(**over):
    all_headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "beta/shop",
                   "ce_type": "kwanus.telemetry.api-call.v1", "content-type": "application/json", **over}
    return [(name, value) for name, value in all_headers.items() if value is not None]

def send(value, key="beta.spread", head=None, on_delivery=delivered, **place):
    body = json.dumps(value) if isinstance(value, dict) else value
    producer.produce(TOPIC, key=key, value=body, headers=headers() if head is None else head,
                     on_delivery=on_delivery, **place)

for number in range(60):
    send(call(), partition=number % 6)

send(call(), head=headers(ce_type="kwanus.telemetry.guess.v1"))
send(json.dumps({"specversion": "1.0", "type": "kwanus.telemetry.api-call.v1", "data": call()}),
     head=[("content-type", "application/cloudevents+json")])
send(call(), head=headers(ce_type="kwanus.telemetry.api-call.v2"))
send(call(), head=headers(ce_id=None))
send(call(), head=headers(ce_specversion="0.3"))
send(call(), head=headers(ce_source=b"\x00" * 600))
send(None)
send(b"\xff\xfe not JSON")
send(call(status="many"))
send(call(durationMs=-1))
send(call(), key=None)
send(call(), key="acme.orders")

refused = []
send(call(operation="x" * 2_000_000), on_delivery=lambda error, message: refused.append(error))
producer.flush(30)
if unexpected:
    raise SystemExit(f"Not delivered: {unexpected}")
print(refused[0].name())
