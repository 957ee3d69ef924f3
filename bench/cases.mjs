/**
 * The cases that every peer of the log runs. `events` counts towards the rate; `callers` work side by side. Those
 * of a whole platform (command_http, e2e_event) stand in platform-cases.mjs.
 */
export const logCases = [
  { name: 'append1_c1', kind: 'append', events: 1, callers: 1 },
  { name: 'append1_c8', kind: 'append', events: 1, callers: 8 },
  { name: 'append1_c32', kind: 'append', events: 1, callers: 32 },
  { name: 'append10_c1', kind: 'append', events: 10, callers: 1 },
  { name: 'append10_c8', kind: 'append', events: 10, callers: 8 },
  { name: 'aggregate_10', kind: 'load', events: 10, callers: 1 },
  { name: 'aggregate_100', kind: 'load', events: 100, callers: 1 },
  { name: 'aggregate_1000', kind: 'load', events: 1000, callers: 1 },
  { name: 'readall_gapsafe', kind: 'readAll', callers: 1 },
];

let streams = 0;
const newStream = () => `s${process.pid}.${(streams += 1)}`;

/** @returns {Promise<{ operations: number, latencies: number[], ms: number }>} one run of a case against a peer */
export async function runCase(peer, testCase, seconds) {
  if (testCase.kind === 'readAll') return readAll(peer, seconds);
  const operation = await operationOf(peer, testCase);
  return repeated(operation, { callers: testCase.callers, seconds });
}

/** Appends count their events (10 a call), loads count streams. */
async function operationOf(peer, { kind, events }) {
  if (kind === 'append')
    return async () => {
      await peer.append(newStream(), events);
      return events;
    };
  const stream = newStream();
  await peer.append(stream, events);
  return async () => {
    const found = await peer.load(stream);
    if (found !== events) throw new Error(`${found} of ${events} events came back`);
    return 1;
  };
}

async function repeated(operation, { callers, seconds }) {
  const latencies = [];
  let operations = 0;
  const began = performance.now();
  const until = began + seconds * 1000;
  const caller = async () => {
    while (performance.now() < until) {
      const start = performance.now();
      const done = await operation();
      operations += done;
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { operations, latencies, ms: performance.now() - began };
}

/** The whole log from its beginning, again and again; a latency is that of a batch of 500. */
async function readAll(peer, seconds) {
  const latencies = [];
  let operations = 0;
  const began = performance.now();
  do {
    await peer.readAll((events, ms) => {
      operations += events;
      latencies.push(ms);
    });
  } while (performance.now() - began < seconds * 1000);
  return { operations, latencies, ms: performance.now() - began };
}
