import { readFileSync } from 'node:fs';
import {
  type ContractDiff,
  ContractTooComplex,
  type DiffOptions,
  diffContracts,
  markdownOf,
  sarifOf,
} from '@kwanus/checks-contract-diff';
import { isObject, type ParsedDocument, parseDocument } from '@kwanus/checks-kit';
import { type JsonObject, systemClock } from '@kwanus/kernel';
import { Option } from 'commander';
import type { Context } from '../context.js';
import { CommandFailed, EXIT, usage } from '../exit.js';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';

const MARKS = { error: '✗', warning: '!', info: '·' } as const;

interface Options {
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly markdown?: boolean;
  readonly profile: 'strict-partner' | 'lenient';
  readonly asOf?: string;
}

/** `kwanus contract diff BASE REVISION` */
export const addContract: AddCommand = (program, context) => {
  program
    .command('contract')
    .description('compare contracts')
    .command('diff')
    .description('which changes between two OpenAPI documents a client can notice; exit 1 when one breaks')
    .argument('<base>')
    .argument('<revision>')
    .addOption(new Option('--json', 'one JSON document').conflicts(['sarif', 'markdown']))
    .addOption(new Option('--sarif', 'SARIF 2.1.0, for code scanning').conflicts('markdown'))
    .option('--markdown', 'tables, for a pull request')
    .addOption(
      new Option('--profile <profile>', 'how strictly: new values in responses break or warn')
        .choices(['strict-partner', 'lenient'])
        .default('strict-partner'),
    )
    .option('--as-of <moment>', 'the moment by which sunset dates are judged (RFC 3339); default: now')
    .addHelpText('after', '\nExample: kwanus contract diff api/v1.yaml api/v2.yaml')
    .action((base: string, revision: string, options: Options) => {
      const files = { base: read(base), revision: read(revision) };
      const found = compared(files.base.root, files.revision.root, {
        profile: options.profile,
        asOf: options.asOf ?? new Date(systemClock.now()).toISOString(),
      });
      if (options.sarif === true) context.print(true, sarifOf(found, files), () => '');
      else if (options.markdown === true) context.io.out(markdownOf(found));
      else printFindings(context, found, options.json === true);
      if (found.breaking) throw new CommandFailed(EXIT.refused, 'The revision breaks clients of the base.');
    });
};

const printFindings = (context: Context, found: ContractDiff, json: boolean): void =>
  context.print(json, found, () => {
    const lines = found.findings.map(
      ({ level, id, operation, text }) => `${MARKS[level]} ${operation}  ${printable(text)}  [${id}]\n`,
    );
    return `${lines.join('')}${found.findings.length} changes, ${found.breaking ? 'breaking' : 'none breaks'}; at least a ${found.semver} version.\n`;
  });

function compared(base: JsonObject, revision: JsonObject, options: DiffOptions): ContractDiff {
  if (Number.isNaN(Date.parse(options.asOf ?? '')))
    throw usage('--as-of takes a moment as RFC 3339 writes it.');
  try {
    return diffContracts(base, revision, options);
  } catch (error) {
    if (error instanceof ContractTooComplex) throw usage(error.message);
    throw error;
  }
}

interface ReadFile {
  readonly path: string;
  readonly root: JsonObject;
  readonly lineOf: ParsedDocument['lineOf'];
}

function read(file: string): ReadFile {
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
  return { path: file, root: parsed.value, lineOf: parsed.lineOf };
}
