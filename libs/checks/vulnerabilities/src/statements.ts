import type {
  BillOfMaterials,
  UnreadableDocument,
  UnusedStatement,
  VulnerabilityStatement,
} from '@kwanus/checks-kit';
import { type ReadBill, readJson } from './bill.js';
import type { Component } from './component.js';
import type { Statement } from './statement.js';
import { namesOf, productKeys, readStatements } from './vex.js';

interface Known {
  readonly path: string;
  readonly statement: Statement;
}

/** What the submission says about vulnerabilities: in VEX documents, and in its bills. */
export class Statements {
  readonly unused: UnusedStatement[] = [];
  /** Texts by path, for the lines of what stands in them. */
  readonly documents = new Map<string, string>();
  /** By vulnerability and product. */
  readonly #known = new Map<string, Known[]>();
  readonly #subject: readonly string[];

  constructor(
    bills: readonly BillOfMaterials[],
    read: readonly ReadBill[],
    unreadable: UnreadableDocument[],
  ) {
    this.#subject = read.flatMap(({ subject }) => subject);
    for (const { path, value } of read) this.#take(path, readStatements(value) ?? []);
    for (const { vex } of bills) if (vex !== null) this.#read(vex, unreadable);
  }

  /** @returns the statement that lets the vulnerability pass in this component; null where nothing does, or something speaks against it */
  about(component: Component, ids: readonly string[]): VulnerabilityStatement | null {
    const names = [...namesOf(component, this.#subject)];
    const known = ids.flatMap((id) => names.flatMap((name) => this.#known.get(keyOf(id, name)) ?? []));
    const [first] = known;
    if (first === undefined || known.some(({ statement }) => statement.status === 'open')) return null;
    const { path, statement } = first;
    const status = statement.status === 'fixed' ? 'fixed' : 'not_affected';
    return {
      path,
      pointer: statement.pointer,
      line: null,
      status,
      reason: (statement.reason ?? 'fixed').slice(0, 300),
    };
  }

  #read({ path, bytes }: NonNullable<BillOfMaterials['vex']>, unreadable: UnreadableDocument[]): void {
    if (this.documents.has(path)) return;
    const document = readJson(path, bytes);
    if ('message' in document) {
      unreadable.push(document);
      return;
    }
    this.documents.set(path, document.text);
    const statements = readStatements(document.value);
    if (statements === null) unreadable.push({ path, line: null, message: NO_STATEMENTS });
    else this.#take(path, statements);
  }

  #take(path: string, statements: readonly Statement[]): void {
    for (const statement of statements) {
      const because = refusalOf(statement);
      if (because === null) this.#keep({ path, statement });
      else
        this.unused.push({
          path,
          pointer: statement.pointer,
          line: null,
          vulnerability: (statement.ids[0] ?? 'a vulnerability').slice(0, 200),
          because,
        });
    }
  }

  #keep(known: Known): void {
    for (const product of productKeys(known.statement))
      for (const id of known.statement.ids) {
        const key = keyOf(id, product);
        const others = this.#known.get(key);
        if (others === undefined) this.#known.set(key, [known]);
        else others.push(known);
      }
  }
}

const NO_STATEMENTS =
  'is none of OpenVEX, CSAF 2.0 (of the category csaf_vex), CycloneDX JSON and SPDX 3.0 JSON-LD';

const keyOf = (id: string, product: string): string => `${id}\n${product}`;

/** A statement that is to be believed says of what it speaks, and why. */
function refusalOf({ ids, products, status, reason }: Statement): string | null {
  if (ids.length === 0) return 'names no vulnerability';
  if (products.length === 0) return 'names no product';
  return status === 'not_affected' && reason === null ? 'gives no reason' : null;
}
