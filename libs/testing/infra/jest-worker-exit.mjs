// Jest gives a worker half a second to leave, and says that it leaked when it takes longer. Nothing is open then: Node takes a
// worker's large heap apart piece by piece before it ends (measured: 0.25 to 0.5 s, several workers on few cores). Ends at once.
if (process.argv[1]?.includes('jest-worker')) process.once('exit', (code) => process.exit(code));
