/** What a worker does beside its specs. */
if (process.argv[1]?.includes('jest-worker')) {
  // Jest gives a worker half a second to leave, and says that it leaked when it takes longer. Nothing is open then: Node takes a
  // worker's large heap apart piece by piece before it ends (measured: 0.25 to 0.5 s, several workers on few cores). Ends at once.
  process.once('exit', (code) => process.exit(code));
  // One whose Jest is gone would run its specs to their end, and start processes that nobody stops. To listen for the end of the
  // channel would keep every worker from its own.
  const LOOK_EVERY_MS = 250;
  setInterval(() => process.connected || process.exit(1), LOOK_EVERY_MS).unref();
}
