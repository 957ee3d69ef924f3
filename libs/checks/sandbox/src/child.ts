import { buffer } from 'node:stream/consumers';
import type { ProbeRequest } from '@kwanus/checks-kit';
import { probeInThread } from './thread.js';

/** A line of JSON, and the code. */
const asked = await buffer(process.stdin);
const end = asked.indexOf('\n');
const request = {
  ...(JSON.parse(asked.toString('utf8', 0, end)) as Omit<ProbeRequest, 'code'>),
  code: asked.subarray(end + 1),
};
process.stdout.write(JSON.stringify(await probeInThread(request, new AbortController().signal)));
