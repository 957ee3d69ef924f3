import { buffer } from 'node:stream/consumers';
import type { ProbeRequest } from '@kwanus/checks-kit';
import { probeInThread } from './thread.js';

const asked = JSON.parse((await buffer(process.stdin)).toString()) as Omit<ProbeRequest, 'code'> & {
  readonly code: string;
};
const request: ProbeRequest = { ...asked, code: Buffer.from(asked.code, 'base64') };
process.stdout.write(JSON.stringify(await probeInThread(request, new AbortController().signal)));
