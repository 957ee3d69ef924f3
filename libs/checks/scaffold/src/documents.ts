import { Contract, nameOf, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownText } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';

/** A heading, and in a comment what a person writes in its place: comments say nothing, so `kwanus check` still asks for it. */
const asked = (title: string, ...sections: readonly (readonly [heading: string, what: string])[]): string =>
  [
    `# ${title}`,
    ...sections.map(([heading, what]) => `## ${heading}\n\n<!-- Write here: ${what} -->`),
    '',
  ].join('\n\n');

/** Of the five documents that the bodies decide step 1 on, nobody but the partner knows a word. */
export const PROPOSAL: Readonly<Record<string, string>> = {
  'proposal/expansion-proposal.md': asked(
    'Expansion proposal',
    ['Purpose', 'who needs this integration, what they do today, what they will be able to do.'],
    ['Scope', 'which operations, workflows and permissions it takes, and what it leaves out.'],
  ),
  'proposal/compatibility-plan.md': asked('Compatibility plan', [
    'Versions',
    'the platform versions that it was tested with, how the contract is versioned, what happens when something must break.',
  ]),
  'proposal/lifecycle-plan.md': asked('Lifecycle plan', [
    'Support',
    'how long a version is supported, how far ahead deprecation is announced, when it is retired.',
  ]),
  'proposal/risk-mitigation-plan.md': asked('Risk mitigation plan', [
    'Risks',
    'what can go wrong (your API is down, something is sent twice, data leaks), and what is done about each.',
  ]),
  'proposal/governance-alignment.md': asked('Governance alignment', [
    'Bodies',
    'what TSC, SCO, ERC and CGB have to decide anew because of it, or that they keep their fields.',
  ]),
};

/** The documents that users read, as far as no contract tells what stands in them. */
export const DOCS: Readonly<Record<string, string>> = {
  'docs/integration-guide.md': asked(
    'Integration guide',
    ['Switching it on', 'the steps that somebody follows in a workspace, and what they need for it.'],
    ['Seeing that it works', 'what to look at after the first minute.'],
    ['Switching it off', 'how, and what stays behind.'],
  ),
  'docs/migration-guide.md':
    '# Migration guide\n\nNothing to migrate: this is the first release, there is no predecessor.\n',
  'docs/lifecycle.md': `# Lifecycle

<!-- Write the days here, as YYYY-MM-DD, and how far ahead deprecation is announced ("six months ahead"). -->

| | |
| --- | --- |
| supported until | |
| deprecation notice | |
| retirement | |
`,
  'docs/governance.md': asked('Governance update', [
    'Changes',
    'which body (TSC, SCO, ERC, CGB) must change what, or "Nothing changes for TSC, SCO, ERC and CGB".',
  ]),
};

/** @returns the documentation of the workflow, to be written */
export const workflowDocument = (workflow: string | null): string =>
  workflow === null
    ? '# Workflows\n\nThere are none.\n'
    : asked(
        `Workflow: ${workflow}`,
        ['Trigger and steps', 'what starts it, what it does step by step, for whom.'],
        [
          'Fallback',
          'what becomes of the work that is parked when the call fails, and when it is done after all.',
        ],
      );

/** @returns the API reference, as far as the contract describes its operations */
export function apiReference(contract: JsonObject): string {
  const operations = [...operationsOf(new Contract(contract)).values()];
  return ['# API reference', ...operations.map(described), ''].join('\n\n');
}

function described(operation: Operation): string {
  const id = ownText(operation.value, 'operationId');
  const said = (ownText(operation.value, 'summary') ?? ownText(operation.value, 'description') ?? '').trim();
  const words = withoutLinks(said.replace(/\s+/g, ' '));
  return [
    `## ${nameOf(operation)}`,
    ...[id === undefined ? '' : `\`${id}\``, words].filter((line) => line !== ''),
  ].join('\n\n');
}

/** A description may link to places that the submission does not hold. */
const withoutLinks = (text: string): string =>
  text.replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, '$1').replace(/<!--|-->/g, '');

/** @returns the contract without its schemas: what there is to build, operation by operation */
export function scaffolding(contract: JsonObject): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const operation of operationsOf(new Contract(contract)).values()) {
    const item = (paths[operation.path] ??= {});
    item[operation.method] = outline(operation);
  }
  const title = ownText(own(contract, 'info'), 'title') ?? 'API';
  return { openapi: '3.1.0', info: { title: `${title} (scaffold)`, version: '1.0.0' }, paths };
}

function outline({ path, value }: Operation): JsonObject {
  const id = ownText(value, 'operationId');
  const names = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? '');
  return {
    ...(id === undefined ? {} : { operationId: id }),
    ...(names.length === 0
      ? {}
      : {
          parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
        }),
    responses: { default: { description: 'To be built' } },
  };
}
