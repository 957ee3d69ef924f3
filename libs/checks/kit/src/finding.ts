import { createHash } from 'node:crypto';
import type { JsonObject } from '@kwanus/kernel';
import type { Finding, Severity } from './check.js';
import type { Fix } from './fix/fix.js';

/** What a check says about something that it found; line and fingerprint are added by `finding`. */
export interface FindingInput {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly file: string;
  /** RFC 6901; '' for the whole file. */
  readonly pointer?: string;
  readonly line?: number | null;
  /** What the finding is about, in words that stay when the file is edited elsewhere: a permission id, an operation. */
  readonly subject: string;
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
  readonly facts?: JsonObject;
  /** The remedy as a change of a file, where a machine can carry it out. */
  readonly fix?: Fix | null;
}

const LONGEST = 1_000;

/** @returns the text without what can't stand in the log (U+0000, lone surrogates), at most 1000 characters long */
export const presentable = (text: string): string => {
  const clean = text.replaceAll('\u0000', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST - 1).replace(/\p{Surrogate}$/u, '')}…`;
};

/** Places in lists move when something is added before them, so they don't count for the fingerprint. */
const normalisedLocation = (file: string, pointer: string): string =>
  `${file.replace(/^(?:\.\/)+/, '')}#${pointer.replace(/\/\d+(?=\/|$)/g, '/*')}`;

/**
 * @returns the SHA-256 over rule, place and subject that recognises the same finding again after unrelated edits; the parts are
 * joined as a JSON list, so that none can run over into the next
 */
export const fingerprintOf = (ruleId: string, location: string, subject: string): string =>
  createHash('sha256')
    .update(JSON.stringify([ruleId, location, subject]))
    .digest('hex');

/** @returns the finding with its fingerprint; texts are made fit for the log */
export function finding(input: FindingInput): Finding {
  const pointer = input.pointer ?? '';
  return {
    ruleId: input.ruleId,
    severity: input.severity,
    file: presentable(input.file),
    pointer: presentable(pointer),
    line: input.line ?? null,
    message: presentable(input.message),
    why: presentable(input.why),
    remedy: presentable(input.remedy),
    fingerprint: fingerprintOf(input.ruleId, normalisedLocation(input.file, pointer), input.subject),
    ...(input.facts === undefined ? {} : { facts: input.facts }),
    ...(input.fix === undefined || input.fix === null ? {} : { fix: input.fix }),
  };
}
