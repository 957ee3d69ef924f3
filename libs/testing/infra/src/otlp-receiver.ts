import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';

/** What is read of an export; fields and numbers: opentelemetry-proto 1.x, `collector/{trace,metrics}/v1`. */
const OTLP = protobuf.parse(`
  syntax = "proto3";
  message TraceRequest { repeated ResourceSpans resources = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopes = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; }
  message MetricsRequest { repeated ResourceMetrics resources = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scopes = 2; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message Metric { string name = 1; }
  message Resource { repeated Attribute attributes = 1; }
  message Attribute { string key = 1; Value value = 2; }
  message Value { string string_value = 1; }
`).root;

/** A span that came in; ids in hex, `parentId` '' for a root. */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
}

/** A receiver of OTLP over HTTP (protobuf) on loopback that keeps what it gets. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** `service name` of every metric that came in. */
  readonly metrics: ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}
interface Scope {
  readonly spans?: readonly SentSpan[];
  readonly metrics?: readonly { readonly name: string }[];
}
interface Exported {
  readonly resources?: readonly {
    readonly resource?: { readonly attributes?: { key: string; value?: { stringValue?: string } }[] };
    readonly scopes?: readonly Scope[];
  }[];
}

/** Starts it on a free port. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics = new Set<string>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const type = request.url === '/v1/traces' ? 'TraceRequest' : 'MetricsRequest';
      for (const one of scopesOf(type, body)) {
        spans.push(...(one.spans ?? []).map((span) => received(span, one.service)));
        for (const { name } of one.metrics ?? []) metrics.add(`${one.service} ${name}`);
      }
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  const url = await listen(server);
  return {
    url,
    spans,
    metrics,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const hex = (base64 = ''): string => Buffer.from(base64, 'base64').toString('hex');

/** @returns every instrumentation scope of an export, with the service that sent it */
function scopesOf(type: string, body: Buffer): (Scope & { readonly service: string })[] {
  const schema = OTLP.lookupType(type);
  const { resources = [] }: Exported = schema.toObject(schema.decode(body), { bytes: String });
  return resources.flatMap(({ resource, scopes = [] }) => {
    const named = resource?.attributes?.find(({ key }) => key === 'service.name');
    return scopes.map((scope) => ({ ...scope, service: named?.value?.stringValue ?? '' }));
  });
}

const received = ({ traceId, spanId, parentSpanId, name }: SentSpan, service: string): ReceivedSpan => ({
  service,
  traceId: hex(traceId),
  spanId: hex(spanId),
  parentId: hex(parentSpanId),
  name,
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
