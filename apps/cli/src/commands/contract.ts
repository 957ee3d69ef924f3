import { readFileSync } from 'node:fs';
import { diffContracts } from '@kwanus/checks-contract-diff';
import { isObject, parseDocument } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { CommandFailed, EXIT, usage } from '../exit.js';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';

const MARKS = { error: '✗', warning: '!', info: '·' } as const;

/** `kwanus contract diff BASE REVISION` */
export const addContract: AddCommand = (program, context) => {
  program
    .command('contract')
    .description('compare contracts')
    .command('diff')
    .description('which changes between two OpenAPI documents a client can notice; exit 1 when one breaks')
    .argument('<base>')
    .argument('<revision>')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus contract diff api/v1.yaml api/v2.yaml')
    .action((base: string, revision: string, { json = false }: { json?: boolean }) => {
      const found = diffContracts(read(base), read(revision));
      context.print(json, found, () => {
        const lines = found.findings.map(
          ({ level, id, operation, text }) => `${MARKS[level]} ${operation}  ${printable(text)}  [${id}]\n`,
        );
        return `${lines.join('')}${found.findings.length} changes, ${found.breaking ? 'breaking' : 'none breaks'}; at least a ${found.semver} version.\n`;
      });
      if (found.breaking) throw new CommandFailed(EXIT.refused, 'The revision breaks clients of the base.');
    });
};

function read(file: string): JsonObject {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch {
    throw usage(`${file} can't be read.`);
  }
  const parsed = parseDocument(bytes, file);
  if (!parsed.ok)
    throw usage(`${file}${parsed.line === null ? '' : `:${parsed.line}`}: the document ${parsed.message}.`);
  if (!isObject(parsed.value)) throw usage(`${file} is no OpenAPI document: it is not an object.`);
  return parsed.value;
}
