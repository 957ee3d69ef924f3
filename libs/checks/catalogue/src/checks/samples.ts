import { Contract } from '@kwanus/checks-contract-diff';
import type { JsonObject } from '@kwanus/kernel';
import type { CheckRun } from '../run/check-run.js';
import { SampleJudge } from '../samples/judge.js';
import { type Fault, type Sample, TooEntangled } from '../samples/sample.js';
import { samplesIn } from '../samples/samples-in.js';
import { schemaAt } from './event-changes.js';

/** GitHub's description, 5242 samples in 13 MB, takes half of them. */
const MAX_STEPS = 1_000_000;
const WHY =
  'Readers copy samples and stubs answer with them: either what they copy is refused, or the schema forbids what is really sent.';

/**
 * VS204 a sample that its schema refuses, VS205 samples that could not be judged: in contracts, and in the schemas of events.
 * @returns how many samples were judged
 */
export async function checkSamples(run: CheckRun): Promise<number> {
  let judged = 0;
  for (const { root, path } of await run.inspection.contracts())
    if (root !== null) judged += await checkDocument(run, path, [root, 'document']);
  const seen = new Set<string>();
  for (const { schema } of [...run.declared.subscribes, ...run.declared.publishes]) {
    const found = await schemaAt(run.inspection, schema);
    if (found === null || found.root === null || seen.has(found.path)) continue;
    seen.add(found.path);
    judged += await checkDocument(run, found.path, [found.root, 'schema']);
  }
  return judged;
}

async function checkDocument(
  run: CheckRun,
  file: string,
  [root, kind]: readonly [JsonObject, 'document' | 'schema'],
): Promise<number> {
  const contract = new Contract(root);
  const judge = new SampleJudge(contract, MAX_STEPS);
  const open: { readonly sample: Sample; readonly why: string }[] = [];
  let judged = 0;
  for (const sample of samplesIn(contract, kind)) {
    const faults = faultsOf(judge, sample);
    if (faults instanceof TooEntangled) open.push({ sample, why: faults.message });
    else {
      judged += 1;
      await reportFaults(run, file, [sample, faults]);
    }
  }
  await reportUnjudged(run, file, open);
  await reportPatterns(run, file, [...judge.unjudged]);
  return judged;
}

function faultsOf(judge: SampleJudge, sample: Sample): readonly Fault[] | TooEntangled {
  try {
    return judge.faultsOf(sample);
  } catch (error) {
    if (error instanceof TooEntangled) return error;
    throw error;
  }
}

async function reportFaults(
  run: CheckRun,
  file: string,
  [sample, faults]: readonly [Sample, readonly Fault[]],
): Promise<void> {
  const [fault, ...more] = faults;
  if (fault === undefined) return;
  const isDefault = sample.pointer.endsWith('/default');
  const inside = fault.at === '' ? '' : `${fault.at} `;
  await run.warns('VS204', {
    file,
    pointer: sample.pointer + fault.at,
    subject: `${sample.pointer}${fault.at}`.replace(/\/\d+(?=\/|$)/g, '/*'),
    message: `The ${isDefault ? 'default' : 'sample'} at ${sample.pointer} does not fit its schema: ${inside}${fault.text}${more.length === 0 ? '' : ` (and ${more.length} more)`}.`,
    why: WHY,
    remedy: `Correct the ${isDefault ? 'default' : 'sample'}; or the schema, where that is what is wrong.`,
  });
}

async function reportUnjudged(
  run: CheckRun,
  file: string,
  open: readonly { readonly sample: Sample; readonly why: string }[],
): Promise<void> {
  const [first] = open;
  if (first === undefined) return;
  await run.warns('VS205', {
    file,
    pointer: first.sample.pointer,
    subject: 'samples',
    message: `${open.length} samples could not be judged, the first at ${first.sample.pointer}: ${first.why}.`,
    why: 'Nobody knows whether they fit.',
    remedy: 'Let the schemas of these samples lead to fewer others.',
  });
}

async function reportPatterns(run: CheckRun, file: string, patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns)
    await run.warns('VS205', {
      file,
      subject: pattern,
      message: `Samples could not be judged by the pattern ${pattern}: no engine takes it that is sure to come to an end in time.`,
      why: 'Servers that use such patterns can be held up by a single request.',
      remedy: 'Write it without look-around, back-references and large repetitions, or leave it out.',
    });
}
