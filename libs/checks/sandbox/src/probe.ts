import type { ExtensionProbe, ProbeRequest } from '@kwanus/checks-kit';
import { InterpreterLost, runExtension } from './run/run.js';
import { scanCode } from './scan/scan.js';

/** Scans an extension and runs it, in this very thread. What can't be parsed is not run. */
export async function probeExtension(request: ProbeRequest): Promise<ExtensionProbe> {
  const scan = scanCode(request.code);
  if (scan.refused !== null) return { scan, run: null, open: null };
  try {
    return { scan, run: await runExtension(request), open: null };
  } catch (error) {
    if (error instanceof InterpreterLost) return { scan, run: null, open: 'the interpreter gave out' };
    throw error;
  }
}
