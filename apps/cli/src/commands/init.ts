import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type ScaffoldedFile,
  type ScaffoldOptions,
  ScaffoldRefused,
  scaffold,
} from '@kwanus/checks-scaffold';
import { systemClock } from '@kwanus/kernel';
import { CommandFailed, usage } from '../exit.js';
import type { AddCommand } from '../program.js';

interface InitOptions {
  readonly from: string;
  readonly id?: string;
  readonly release: string;
  readonly platform: string;
  readonly permission?: string[];
  readonly contactName?: string;
  readonly contactEmail?: string;
  readonly sponsor?: string;
  readonly json?: boolean;
}

/** `kwanus init DIR --from openapi.yaml` */
export const addInit: AddCommand = (program, context) => {
  program
    .command('init')
    .description(
      'make a submission to begin with, from an OpenAPI description; what only you can write is marked',
    )
    .argument('<dir>', 'folder to make; it must not be there yet, or be empty')
    .requiredOption('--from <file>', 'OpenAPI 3.0, 3.1 or 3.2, JSON or YAML; it is copied as it is')
    .option('--id <partner.name>', 'default: from the server and the title of the description')
    .option('--release <version>', 'its first version', '1.0.0')
    .requiredOption('--platform <range>', 'platform versions that it is tested with, for example ">=5 <6"')
    .option('--permission <id...>', 'permissions that it needs, as `kwanus permissions` lists them')
    .option('--contact-name <name>', 'who answers for it at the partner; default: info.contact')
    .option('--contact-email <address>', 'default: info.contact')
    .option('--sponsor <group>', 'who answers for it at the platform')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample: kwanus init parcels --from openapi.yaml --platform ">=5 <6" --id acme.parcels',
    )
    .action((dir: string, { from, json = false, permission = [], ...options }: InitOptions) => {
      const today = new Date(systemClock.now()).toISOString().slice(0, 10);
      const made = scaffolded(from, { ...options, permissions: permission, today });
      place(made.files, dir);
      const paths = made.files.map(({ path }) => path);
      context.print(json, { integrationId: made.integrationId, folder: dir, files: paths }, () =>
        [
          `${made.integrationId} is begun in ${dir}: ${paths.length} files.`,
          ...paths.map((path) => `  ${path}`),
          '',
          `What only you can write is marked, and asked for by: kwanus check ${dir}`,
          '',
        ].join('\n'),
      );
    });
};

function scaffolded(from: string, options: ScaffoldOptions): ReturnType<typeof scaffold> {
  const contract = { name: basename(from), bytes: bytesOf(from) };
  try {
    return scaffold(contract, options);
  } catch (error) {
    throw error instanceof ScaffoldRefused ? usage(error.message) : error;
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw usage(`${file} can't be read: name an OpenAPI description, as a file of this machine.`);
  }
}

/** All of it or nothing: it is written beside the folder, and then takes its place. */
function place(files: readonly ScaffoldedFile[], folder: string): void {
  const target = resolve(folder);
  let beside: string | null = null;
  try {
    refuseTaken(target, folder);
    mkdirSync(dirname(target), { recursive: true });
    beside = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
    for (const { path, content } of files) {
      mkdirSync(join(beside, dirname(path)), { recursive: true });
      writeFileSync(join(beside, path), content);
    }
    chmodSync(beside, 0o755);
    renameSync(beside, target);
  } catch (error) {
    if (beside !== null) rmSync(beside, { recursive: true, force: true });
    if (error instanceof CommandFailed) throw error;
    throw usage(`${folder} can't be made (${codeOf(error)}): choose a place where you may write.`);
  }
}

function refuseTaken(target: string, folder: string): void {
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found === undefined || (found.isDirectory() && readdirSync(target).length === 0)) return;
  throw usage(
    `${folder} is there already, and nothing in it is overwritten: name a folder that is not there yet.`,
  );
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
