import {
  DOCUMENT_LIMITS,
  isObject,
  type ParsedDocument,
  parseDocument,
  type RefusedDocument,
  type Submission,
} from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { Manifest } from '../manifest/manifest.schema.js';
import { fileRefOf } from '../manifest/named-files.js';
import { MANIFEST_LIMITS } from '../submission/manifest-of.js';

/** A file as read: data, text, or nothing. */
export type ReadDocument = ParsedDocument | RefusedDocument | null;

/** A contract that the submission provides. */
export interface ProvidedContract {
  readonly id: string;
  /** Place of the entry in `api.provides`. */
  readonly index: number;
  readonly path: string;
  readonly basePath: string | null;
  readonly document: ReadDocument;
  /** The root of the contract; null where it can't be read or is no object. */
  readonly root: JsonObject | null;
}

/** A submission as the checks see it: every file is read and parsed once, however many checks ask for it. */
export class Inspection {
  readonly #documents = new Map<string, Promise<ReadDocument>>();
  readonly #texts = new Map<string, Promise<string | null>>();
  #contracts: Promise<readonly ProvidedContract[]> | undefined;
  #manifest: Promise<ManifestReading> | undefined;

  constructor(readonly submission: Submission) {}

  /** @returns the manifest's source and what the schema says about it */
  manifest(): Promise<ManifestReading> {
    this.#manifest ??= this.#readManifest();
    return this.#manifest;
  }

  /** @returns the document as data; null when there is no such file */
  document(path: string): Promise<ReadDocument> {
    const known = this.#documents.get(path);
    if (known !== undefined) return known;
    const reading = this.submission
      .read(path)
      .then((bytes) => (bytes === null ? null : parseDocument(bytes, path, DOCUMENT_LIMITS)));
    this.#documents.set(path, reading);
    return reading;
  }

  /** @returns the file as text; null when there is no such file or it is not UTF-8 */
  text(path: string): Promise<string | null> {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const reading = this.submission.read(path).then((bytes) => (bytes === null ? null : decoded(bytes)));
    this.#texts.set(path, reading);
    return reading;
  }

  /** @returns the contracts that `api.provides` names */
  contracts(): Promise<readonly ProvidedContract[]> {
    this.#contracts ??= this.#readContracts();
    return this.#contracts;
  }

  async #readManifest(): Promise<ManifestReading> {
    const { manifestPath } = this.submission;
    const bytes = await this.submission.read(manifestPath);
    const source = bytes === null ? null : parseDocument(bytes, manifestPath, MANIFEST_LIMITS);
    const parsed = Manifest.safeParse(source?.ok === true ? source.value : undefined);
    return { source, manifest: parsed.success ? parsed.data : null, issues: parsed.error?.issues ?? [] };
  }

  async #readContracts(): Promise<readonly ProvidedContract[]> {
    const { manifest } = await this.manifest();
    const provides = manifest?.api?.provides ?? [];
    return Promise.all(
      provides.map(async ({ id, openapi, basePath }, index) => {
        const path = fileRefOf(openapi, '')?.path ?? '';
        const document = await this.document(path);
        const root = document?.ok === true && isObject(document.value) ? document.value : null;
        return { id, index, path, basePath: basePath ?? null, document, root };
      }),
    );
  }
}

/** What came of reading the manifest. */
export interface ManifestReading {
  readonly source: ReadDocument;
  readonly manifest: Manifest | null;
  readonly issues: readonly ManifestIssue[];
}

/** A place where the manifest does not follow its schema. */
export interface ManifestIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code: string;
  /** Of unknown fields: their names. */
  readonly keys?: readonly string[];
  /** Of alternatives: what is wrong by each. */
  readonly errors?: readonly (readonly ManifestIssue[])[];
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
