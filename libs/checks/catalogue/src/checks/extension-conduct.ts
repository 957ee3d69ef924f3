import { type Attempt, type Capability, type ExtensionRun, pointerOf } from '@kwanus/checks-kit';
import { normaliseHost } from '../hosts/host.js';
import { admits, OWN_PAGE, reachedHost } from '../hosts/reached-host.js';
import type { CheckRun } from '../run/check-run.js';
import type { ProbedExtension } from '../run/probes.js';
import { beyondDeclared } from './content-policy.js';

const WHY = 'What an extension does is what was declared, reviewed and granted: nothing else.';
const READS = new Set(['read', 'list', 'get', 'search', 'query', 'view']);
const MOST_LISTED = 100;
const MOST_NAMED = 12;

interface Said {
  readonly subject: string;
  readonly message: string;
  readonly remedy: string;
  readonly why?: string;
}

/** What one extension did while it ran, held against what it declares. */
export class Conduct {
  readonly #attempts: readonly Attempt[];

  constructor(
    private readonly run: CheckRun,
    private readonly probed: ProbedExtension,
    private readonly seen: ExtensionRun,
  ) {
    this.#attempts = seen.attempts;
  }

  /** SB804 to SB807, SB811 to SB814. */
  async judge(): Promise<void> {
    await this.#judgeHosts();
    await this.#judgeOperations();
    await this.#judgeEvents();
    await this.#judgeEscapes();
    await this.#judgeAudit();
    await this.#judgeErrors();
    await this.#judgePolicy();
    await this.#list();
  }

  get #hosts(): readonly string[] {
    return this.probed.extension.sandbox?.network ?? this.run.declared.egress;
  }

  #of(...capabilities: readonly Capability[]): readonly Attempt[] {
    return this.#attempts.filter(({ capability }) => capabilities.includes(capability));
  }

  /** SB804: each host once, whatever leads there. */
  async #judgeHosts(): Promise<void> {
    const reached = new Map<string, Attempt>();
    for (const attempt of this.#of('network', 'markup')) {
      const host = reachedHost(attempt.target) ?? (attempt.via === 'RTCPeerConnection' ? 'any peer' : null);
      if (host !== null && !admits(this.#hosts, host) && !reached.has(host)) reached.set(host, attempt);
    }
    for (const [host, { via, target }] of reached)
      await this.#blocks('SB804', {
        subject: host,
        message: `It tried to reach ${host} (${via} ${target}), which is not declared.`,
        remedy: hostRemedy(host),
      });
  }

  /** SB805: an operation of the platform, or the permission that it is called with. */
  async #judgeOperations(): Promise<void> {
    const operations = new Set(
      this.run.declared.consumes.flatMap(({ id, operations: named }) => named.map((name) => `${id}#${name}`)),
    );
    const permissions = new Set(this.probed.extension.permissions ?? []);
    for (const { via: permission, target } of this.#of('operation')) {
      if (!operations.has(target))
        await this.#blocks('SB805', {
          subject: target,
          message: `It called ${target}, which is not declared.`,
          remedy: 'Name it under api.consumes[].operations; it is called as `<id of the entry>#<operation>`.',
        });
      if (!permissions.has(permission))
        await this.#blocks('SB805', {
          subject: `${target} ${permission}`,
          message: `It called ${target} ${permission === '' ? 'without naming a permission' : `with ${permission}, which it does not declare`}.`,
          remedy: `Call it with {permission: …}, and declare that under extensions[${this.probed.index}].permissions.`,
        });
    }
  }

  /** SB806: an event that is sent or listened for. */
  async #judgeEvents(): Promise<void> {
    const { publishes, subscribes } = this.run.declared;
    const lists = [
      ['event', 'sent', 'events.publishes', publishes],
      ['subscription', 'listened for', 'events.subscribes', subscribes],
    ] as const;
    for (const [capability, did, list, declared] of lists)
      for (const { target } of this.#of(capability))
        if (!declared.some(({ type }) => type === target))
          await this.#blocks('SB806', {
            subject: `${capability} ${target}`,
            message: `It ${did} ${target}, which is not declared.`,
            remedy: `Declare it under ${list}, or take it out.`,
          });
  }

  /** SB807: what no extension may do, whatever it declares. */
  async #judgeEscapes(): Promise<void> {
    for (const { via, target } of this.#of('module', 'process', 'code'))
      await this.#blocks('SB807', {
        subject: `${via} ${target}`,
        message: `It tried ${via}${target === '' ? '' : ` with ${target}`}.`,
        why: 'It makes or loads code, or reaches for the process around it: no extension does that.',
        remedy: 'Take it out; what is needed of a library goes into the bundle.',
      });
  }

  /** SB811: who changes something leaves a trace in the audit log. */
  async #judgeAudit(): Promise<void> {
    if (this.#of('audit').length > 0) return;
    const changing = this.#of('operation').find(({ via }) => this.#changes(via));
    if (changing !== undefined)
      await this.#blocks('SB811', {
        subject: changing.via,
        message: `It called ${changing.target} with ${changing.via}, which changes something, and emitted no audit event.`,
        why: 'What was changed on whose behalf must be found again in the audit log.',
        remedy: 'Call kwanus.audit(type, data) with each change.',
      });
  }

  #changes(permission: string): boolean {
    const declared = this.run.declared.permissions.find(({ id }) => id === permission);
    return declared?.actions.some((action) => !READS.has(action)) ?? false;
  }

  /** SB812: what comes after an error is not seen. */
  async #judgeErrors(): Promise<void> {
    for (const error of this.seen.errors)
      await this.run.warns('SB812', {
        ...this.#place({ subject: error }),
        message: `It ended with an error: ${error}. What comes after was not seen.`,
        why: 'Only what was run was judged.',
        remedy:
          'Bear with fields that are missing: in the sandbox answers are empty, and events are made from their schemas.',
      });
  }

  /** SB813: a policy that lets more through than was declared. */
  async #judgePolicy(): Promise<void> {
    const { extension, index } = this.probed;
    for (const source of beyondDeclared(extension.sandbox?.csp ?? '', this.#hosts))
      await this.run.blocks('SB813', {
        pointer: pointerOf('extensions', index, 'sandbox', 'csp'),
        subject: `${extension.id} ${source}`,
        message: `The content security policy lets through what is not declared: ${source}.`,
        why: WHY,
        remedy: 'Take it out of the policy, or declare the host under sandbox.network.',
      });
  }

  /** SB814: what it did, for everybody who signs to see. */
  async #list(): Promise<void> {
    const { extension } = this.probed;
    const did = [...new Set(this.#attempts.map(named))];
    const more = did.length > MOST_NAMED ? `, and ${did.length - MOST_NAMED} more` : '';
    this.run.facts[`extension:${extension.id}`] = this.#attempts
      .slice(0, MOST_LISTED)
      .map((each) => ({ ...each }));
    await this.run.informs('SB814', {
      ...this.#place({ subject: 'conduct' }),
      message: `${extension.id} was run, and ${did.length === 0 ? 'reached for nothing' : `tried: ${did.slice(0, MOST_NAMED).join('; ')}${more}`}.`,
      why: 'What an extension does counts more than what is said about it.',
      remedy: 'Nothing is to be done.',
    });
  }

  #blocks(ruleId: string, { why = WHY, ...said }: Said): Promise<void> {
    return this.run.blocks(ruleId, { ...said, ...this.#place(said), why });
  }

  #place({ subject }: { readonly subject: string }): {
    readonly file: string;
    readonly line: null;
    readonly subject: string;
  } {
    return { file: this.probed.path, line: null, subject: `${this.probed.extension.id} ${subject}` };
  }
}

function named({ capability, via, target }: Attempt): string {
  if (capability === 'network' || capability === 'markup') return `${via} ${reachedHost(target) ?? target}`;
  if (capability === 'operation') return `${target} with ${via === '' ? 'no permission' : via}`;
  return `${via} ${target}`.trim();
}

function hostRemedy(host: string): string {
  if (host === OWN_PAGE) return 'Call the platform by kwanus.call, and pack what you load into the bundle.';
  return normaliseHost(host).reach === 'public'
    ? `Take it out, or declare ${host} under sandbox.network, for everybody to see.`
    : 'Take it out: no declaration makes up for it.';
}
