import { createHash } from 'node:crypto';

/** Namespace of the command ids that consumers derive. */
const CONSUMERS = Buffer.from('6f0c3d3a5d0e5b7f9a3e4c1b8d2f7a90', 'hex');

/** @returns the command id (UUIDv5, RFC 9562) by which a redelivered message is recognised: from consumer and message id */
export function commandIdOf(consumer: string, messageId: string): string {
  const digest = createHash('sha1').update(CONSUMERS).update(`${consumer}\n${messageId}`, 'utf8').digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
