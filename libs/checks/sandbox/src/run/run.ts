import type { ExtensionRun, ProbeRequest } from '@kwanus/checks-kit';
import { type QuickJSHandle, Scope } from 'quickjs-emscripten-core';
import { type PreludeOptions, preludeOf } from '../guest/prelude.js';
import { compute } from './compute.js';
import { type Exhausted, Interpreter } from './interpreter.js';
import { Recorder } from './recorder.js';

/** The interpreter itself gave out; what it had seen by then depends on the machine, so that it says nothing. */
export class InterpreterLost extends Error {
  override readonly name = 'InterpreterLost';
}

/**
 * Runs an extension twice, each time in an interpreter of its own: once everything that it calls answers, once everything refuses, so
 * that the ways for both are seen.
 * @throws InterpreterLost
 */
export async function runExtension(request: ProbeRequest): Promise<ExtensionRun> {
  const recorder = new Recorder();
  const passes: Pass[] = [];
  for (const answers of ['given', 'refused'] as const) {
    const pass = await runPass(request, answers, recorder);
    passes.push(pass);
    if (pass.exhausted !== null || pass.entryMissing !== null) break;
  }
  return {
    entryMissing: passes.find(({ entryMissing }) => entryMissing !== null)?.entryMissing ?? null,
    attempts: recorder.attempts,
    errors: recorder.errors,
    exhausted: recorder.isFull
      ? 'attempts'
      : (passes.find(({ exhausted }) => exhausted !== null)?.exhausted ?? null),
  };
}

type Pass = Pick<ExtensionRun, 'entryMissing'> & { readonly exhausted: Exhausted | null };

async function runPass(
  request: ProbeRequest,
  answers: 'given' | 'refused',
  recorder: Recorder,
): Promise<Pass> {
  const interpreter = await Interpreter.open(recorder);
  try {
    const entryMissing = drive(interpreter, request, answers, recorder);
    return { entryMissing, exhausted: interpreter.exhausted };
  } catch (error) {
    if (interpreter.exhausted !== null || recorder.isFull)
      return { entryMissing: null, exhausted: interpreter.exhausted };
    throw new InterpreterLost('The interpreter gave out.', { cause: error });
  }
}

const ENTRY = { ui: 'mount', export: 'exportData', processor: 'process' } as const;

/** @returns why the entry was not called; null: it was, and all that it set going came to rest */
function drive(
  interpreter: Interpreter,
  { kind, code, events, asOf }: ProbeRequest,
  answers: 'given' | 'refused',
  recorder: Recorder,
): string | null {
  const { context } = interpreter;
  const platform = buildPlatform(interpreter, { answers, startMs: Date.parse(asOf), events }, recorder);
  const loaded = context.evalCode(new TextDecoder().decode(code), 'entry.js', { type: 'module' });
  if (loaded.error !== undefined) return failure(interpreter, loaded.error);
  interpreter.settle();
  const module = context.getPromiseState(loaded.value);
  if (module.type === 'rejected') return failure(interpreter, module.error);
  if (module.type === 'pending') return 'the module waits for something that never comes';
  const wasCalled = call(interpreter, platform, ['drive', module.value, context.newString(kind)]);
  while (interpreter.exhausted === null && !recorder.isFull) {
    interpreter.settle();
    if (call(interpreter, platform, ['next']) !== true) break;
  }
  interpreter.settle();
  return wasCalled === true || interpreter.exhausted !== null || recorder.isFull
    ? null
    : `it exports no function \`${ENTRY[kind]}\``;
}

function buildPlatform(
  interpreter: Interpreter,
  { answers, ...options }: PreludeOptions,
  recorder: Recorder,
): QuickJSHandle {
  const { context } = interpreter;
  const note = interpreter.handIn('note', (capability = '', via = '', target = '') => {
    // Who is refused everything may fail; that says nothing.
    if (capability !== 'error' || answers === 'given') recorder.note(capability, via, target);
    return undefined;
  });
  const answer = interpreter.handIn('compute', (what = '', first = '', second = '') =>
    compute(what, first, second),
  );
  const build = context.unwrapResult(
    context.evalCode(preludeOf({ answers, ...options }), 'platform.js', { strict: true }),
  );
  return context.unwrapResult(context.callFunction(build, context.undefined, note, answer));
}

function call(
  { context }: Interpreter,
  platform: QuickJSHandle,
  [name, ...given]: readonly [string, ...QuickJSHandle[]],
): unknown {
  return Scope.withScope((scope) => {
    const callee = scope.manage(context.getProp(platform, name));
    const result = context.callFunction(callee, context.undefined, ...given);
    if (result.error !== undefined) {
      result.error.dispose();
      return undefined;
    }
    return context.dump(scope.manage(result.value)) as unknown;
  });
}

/** @returns why the module did not load, in the words of what it threw */
function failure({ context, exhausted }: Interpreter, error: QuickJSHandle): string | null {
  if (exhausted !== null) return null;
  const said = context.typeof(error) === 'object' ? context.getProp(error, 'message') : error;
  const text =
    context.typeof(said) === 'string' ? context.getString(said).slice(0, 200) : 'something was thrown';
  return `the module ends with an error: ${text}`;
}
