// Waits until the test run that started it is gone, and clears what that run left behind: a run that is interrupted or killed has no
// teardown. In a session of its own, so that Ctrl-C does not reach it.
import { clear } from './jest-run-folder.mjs';

const [, , folder] = process.argv;
// The other end closes with its process, whatever ended that.
for await (const _ of process.stdin);
await clear(folder);
