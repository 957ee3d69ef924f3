import { type Attempt, type CodeText, type CodeTexts, codeTexts } from '@kwanus/checks-kit';
import type { CheckRun } from './check-run.js';

/** What an extension names, and what it tried, whatever it declares. */
export interface ExtensionCode {
  readonly path: string;
  readonly texts: CodeTexts;
  /** Modules that it asks for by name. */
  readonly modules: readonly CodeText[];
  readonly attempts: readonly Attempt[];
}

/**
 * @returns the code of every extension, as the sandbox saw it; where none is at hand, as it is written. What could not be looked at
 * leaves the check without an answer.
 */
export async function codeOf(run: CheckRun): Promise<readonly ExtensionCode[]> {
  const found = await read(run);
  for (const { path, texts } of found)
    if (texts.isCut) run.inconclusive(`${path} names more addresses or databases than can be judged.`);
  return found;
}

async function read(run: CheckRun): Promise<readonly ExtensionCode[]> {
  const found: ExtensionCode[] = [];
  for (const { path, code, probe } of await run.inputs.probes()) {
    if (code === null) continue;
    if (probe === null) {
      const text = await run.inspection.text(path);
      if (text !== null) found.push({ path, texts: codeTexts(text), modules: [], attempts: [] });
    } else if (probe.scan === null) run.inconclusive(`${path} was not seen whole: ${probe.open ?? ''}.`);
    else
      found.push({
        path,
        texts: probe.scan.texts,
        modules: probe.scan.uses.flatMap(({ module, line }) =>
          module === null ? [] : [{ text: module, line }],
        ),
        attempts: probe.run?.attempts ?? [],
      });
  }
  return found;
}
