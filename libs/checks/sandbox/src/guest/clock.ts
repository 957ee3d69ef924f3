import type { GuestTools } from './tools.js';

/** Time as the code sees it: it begins at a given moment, and goes on when a timer is due. @returns a step to the next timer */
export function guestClock(tools: GuestTools): () => boolean {
  const { define, global, attempt, note } = tools;
  const NativeDate = Date;
  const { construct } = Reflect;
  const { isFinite: isNumber } = Number;
  const mostFired = 2000;
  const mostMs = 30 * 24 * 3_600_000;
  let elapsed = 0;
  let fired = 0;
  let lastId = 0;
  let first: Timer | null = null;

  interface Timer {
    readonly id: number;
    readonly due: number;
    readonly every: number | null;
    readonly callee: unknown;
    readonly given: readonly unknown[];
    next: Timer | null;
  }
  const insert = (timer: Timer): void => {
    if (first === null || first.due > timer.due) {
      timer.next = first;
      first = timer;
      return;
    }
    let before = first;
    while (before.next !== null && before.next.due <= timer.due) before = before.next;
    timer.next = before.next;
    before.next = timer;
  };
  const later = (callee: unknown, delay: unknown, every: boolean, given: readonly unknown[]): number => {
    const asked = Number(delay);
    const ms = isNumber(asked) && asked >= 1 ? asked : 1;
    lastId += 1;
    const code = typeof callee === 'string' ? () => note('code', 'setTimeout', callee) : callee;
    insert({ id: lastId, due: elapsed + ms, every: every ? ms : null, callee: code, given, next: null });
    return lastId;
  };
  const clear = (id: unknown): void => {
    let before: Timer | null = null;
    for (let timer = first; timer !== null; before = timer, timer = timer.next)
      if (timer.id === id) {
        if (before === null) first = timer.next;
        else before.next = timer.next;
        return;
      }
  };
  define(global, 'setTimeout', (callee: unknown, delay: unknown, ...given: unknown[]) =>
    later(callee, delay, false, given),
  );
  define(global, 'setInterval', (callee: unknown, delay: unknown, ...given: unknown[]) =>
    later(callee, delay, true, given),
  );
  for (const name of ['setImmediate', 'requestAnimationFrame', 'requestIdleCallback'])
    define(global, name, (callee: unknown) => later(callee, 16, false, [tools.startMs]));
  for (const name of [
    'clearTimeout',
    'clearInterval',
    'clearImmediate',
    'cancelAnimationFrame',
    'cancelIdleCallback',
  ])
    define(global, name, clear);

  /** Each look at the clock takes a millisecond, so that who waits in a loop comes to its end. */
  const now = (): number => tools.startMs + elapsed++;
  function FixedDate(this: unknown, ...given: unknown[]): unknown {
    if (new.target === undefined) return new NativeDate(now()).toString();
    return construct(NativeDate, given.length === 0 ? [now()] : given, new.target);
  }
  FixedDate.prototype = NativeDate.prototype;
  define(NativeDate.prototype, 'constructor', FixedDate);
  define(FixedDate, 'now', now);
  define(FixedDate, 'parse', NativeDate.parse);
  define(FixedDate, 'UTC', NativeDate.UTC);
  define(global, 'Date', FixedDate);
  define(global, 'performance', { now: () => elapsed++, timeOrigin: tools.startMs, mark() {}, measure() {} });

  return () => {
    if (first === null || fired >= mostFired || first.due > mostMs) return false;
    const { id, due, every, callee, given } = first;
    first = first.next;
    fired += 1;
    if (due > elapsed) elapsed = due;
    if (every !== null) insert({ id, due: due + every, every, callee, given, next: null });
    attempt('timer', callee, given);
    return true;
  };
}
