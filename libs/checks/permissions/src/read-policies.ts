import {
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { schemaOf, type Vocabulary } from './vocabulary.js';

/** A policy of a partner, one by one. */
export interface PartnerPolicy {
  /** `policies/orders.cedar#1`: file and place in it. */
  readonly id: string;
  /** The permission that names the file. */
  readonly permission: string;
  readonly path: string;
  readonly policy: PolicyJson;
}

/** Why a file of policies is not taken. */
export interface RefusedPolicies {
  readonly refused: string;
}

/** What is taken at most: deeper or longer text overflows the engine's stack, and an engine that has overflowed answers nothing more. */
export const POLICY_LIMITS = { bytes: 32 * 1024, nesting: 32, tokens: 1_000, policies: 50 } as const;

const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|[A-Za-z_0-9]+|&&|\|\||[=!<>]=|::|\S/g;

function beyondLimits(text: string): string | null {
  if (Buffer.byteLength(text) > POLICY_LIMITS.bytes)
    return `has more than ${POLICY_LIMITS.bytes} bytes, and policies are short`;
  let depth = 0;
  let tokens = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('//')) continue;
    tokens += 1;
    if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth -= 1;
    if (depth > POLICY_LIMITS.nesting) return `is nested more than ${POLICY_LIMITS.nesting} levels deep`;
    if (tokens > POLICY_LIMITS.tokens) return `has more than ${POLICY_LIMITS.tokens} words and signs`;
  }
  return null;
}

/** @returns the policies of a file, each as data; templates, and text that is no policy, are refused */
export function readPolicies(
  text: string,
  { path, permission }: { readonly path: string; readonly permission: string },
): readonly PartnerPolicy[] | RefusedPolicies {
  const limit = beyondLimits(text);
  if (limit !== null) return { refused: limit };
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') return { refused: `is not Cedar: ${messagesOf(parts.errors)}` };
  if (parts.policy_templates.length > 0)
    return { refused: 'holds a template, which says nothing until it is linked' };
  if (parts.policies.length === 0) return { refused: 'holds no policy' };
  if (parts.policies.length > POLICY_LIMITS.policies)
    return { refused: `holds more than ${POLICY_LIMITS.policies} policies` };
  return parts.policies.flatMap((each, index) => {
    const read = policyToJson(each);
    return read.type === 'failure'
      ? []
      : [{ id: `${path}#${index + 1}`, permission, path, policy: read.json }];
  });
}

const messagesOf = (errors: readonly { readonly message: string }[]): string =>
  errors.map(({ message }) => message).join('; ');

/** What the schema says about policies: ids of those that don't fit it, and why. */
export function misfits(
  policies: readonly PartnerPolicy[],
  vocabulary: Vocabulary,
): readonly { readonly id: string; readonly why: string }[] {
  const answer = validate({
    schema: schemaOf(vocabulary),
    policies: { staticPolicies: Object.fromEntries(policies.map(({ id, policy }) => [id, policy])) },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure')
    return policies.slice(0, 1).map(({ id }) => ({ id, why: messagesOf(answer.errors) }));
  return answer.validationErrors.map(({ policyId, error }) => ({ id: policyId, why: error.message }));
}
