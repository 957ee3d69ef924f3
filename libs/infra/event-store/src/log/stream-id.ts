/** @returns the part of the stream id before the first `-`: `integration` of `integration-acme.crm` */
export function streamTypeOf(streamId: string): string {
  const end = streamId.indexOf('-');
  return end < 0 ? streamId : streamId.slice(0, end);
}
