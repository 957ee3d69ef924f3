import release from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import type { Recorder } from './recorder.js';

/** Its types are those of the CommonJS build. */
const VARIANT = release as unknown as QuickJSSyncVariant;
const PAGE_BYTES = 64 * 1024;
const MOST_MEMORY_BYTES = 64 * 1024 * 1024;
const MOST_STACK_BYTES = 384 * 1024;
/** The interpreter asks so often whether to go on; it counts steps, not time, so that every machine ends at the same place. */
const MOST_QUESTIONS = 4_000;
const MOST_JOBS = 50_000;
/** Calls of stand-ins cost more than steps. */
const MOST_CALLS = 20_000;

/** What an interpreter used up. */
export type Exhausted = 'steps' | 'memory';

/** A JavaScript engine with memory of its own, that has nothing but what is handed in. Made for one use: it is never cleaned up. */
export class Interpreter {
  #questions = 0;
  #jobs = 0;
  #calls = 0;
  #isOutOfMemory = false;

  private constructor(
    readonly context: QuickJSContext,
    private readonly runtime: QuickJSRuntime,
  ) {}

  /** @returns an interpreter in which no module can be loaded; who asks for one is recorded */
  static async open(recorder: Recorder): Promise<Interpreter> {
    let isRefused = (): void => undefined;
    const memory = cappedMemory(() => isRefused());
    const engine = await newQuickJSWASMModuleFromVariant(newVariant(VARIANT, { wasmMemory: memory }));
    const runtime = engine.newRuntime();
    runtime.setMaxStackSize(MOST_STACK_BYTES);
    runtime.setModuleLoader(
      (name) => {
        recorder.note('module', 'import', name);
        return { error: new Error(`There is no module ${name.slice(0, 100)} here.`) };
      },
      (_, name) => name,
    );
    const interpreter = new Interpreter(runtime.newContext(), runtime);
    isRefused = () => {
      interpreter.#isOutOfMemory = true;
    };
    runtime.setInterruptHandler(() => {
      interpreter.#questions += 1;
      return interpreter.exhausted !== null || recorder.isFull;
    });
    return interpreter;
  }

  /** What is used up; null: it can go on. */
  get exhausted(): Exhausted | null {
    if (this.#isOutOfMemory) return 'memory';
    const isSpent = this.#questions > MOST_QUESTIONS || this.#jobs >= MOST_JOBS || this.#calls >= MOST_CALLS;
    return isSpent ? 'steps' : null;
  }

  /** Lets what waits for promises go on, until nothing does or something is used up. */
  settle(): void {
    while (this.exhausted === null && this.runtime.hasPendingJob()) {
      const done = this.runtime.executePendingJobs(1);
      this.#jobs += 1;
      if (done.error !== undefined) done.error.dispose();
    }
  }

  /** @returns a function that calls the host with texts */
  handIn(name: string, body: (...given: string[]) => string | undefined): QuickJSHandle {
    return this.context.newFunction(name, (...given) => {
      this.#calls += 1;
      const answer = body(...given.map((each) => this.context.getString(each)));
      return answer === undefined ? this.context.undefined : this.context.newString(answer);
    });
  }
}

interface WasmMemory {
  grow: (pages: number) => number;
}
const { Memory } = Reflect.get(globalThis, 'WebAssembly') as {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => WasmMemory;
};

/** Memory that does not grow beyond what was said, and tells when it was asked to. */
function cappedMemory(refused: () => void): WasmMemory {
  const memory = new Memory({
    initial: 256,
    maximum: MOST_MEMORY_BYTES / PAGE_BYTES,
  });
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    try {
      return grow(pages);
    } catch (error) {
      refused();
      throw error;
    }
  };
  return memory;
}
