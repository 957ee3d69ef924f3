/** A bill of materials of a submission, as bytes. */
export interface BillOfMaterials {
  readonly path: string;
  readonly format: 'cyclonedx' | 'spdx';
  readonly bytes: Uint8Array;
  /** What is said about its vulnerabilities. */
  readonly vex: { readonly path: string; readonly bytes: Uint8Array } | null;
}

/** Bills to compare, and when it is. */
export interface ScanRequest {
  readonly bills: readonly BillOfMaterials[];
  /** RFC 3339: how old a database may be counts from here. */
  readonly asOf: string;
}

/** Where something stands in a file. */
interface Place {
  readonly path: string;
  readonly pointer: string;
  readonly line: number | null;
}

/** The records of an ecosystem, as they were read. */
export interface ScannedDatabase {
  readonly ecosystem: string;
  /** SHA-256 over the names and contents of its records, sorted: the same whether they are packed or not. */
  readonly digest: string;
  readonly records: number;
  readonly newestModified: string | null;
}

/** A bill or a VEX document that says nothing, because it can't be read. */
export interface UnreadableDocument {
  readonly path: string;
  readonly line: number | null;
  /** Continues the path: "is not JSON …". */
  readonly message: string;
}

/** A component that nobody can look up. */
export interface UnidentifiedComponent extends Place {
  readonly name: string;
  /** Continues the name: "has no package URL". */
  readonly because: string;
}

/** A statement that a vulnerability does no harm, or is gone. */
export interface VulnerabilityStatement extends Place {
  readonly status: 'not_affected' | 'fixed';
  readonly reason: string;
}

/** A statement that is not taken. */
export interface UnusedStatement extends Place {
  readonly vulnerability: string;
  readonly because: string;
}

/** A component with one vulnerability, under all of its names. */
export interface VulnerableComponent extends Place {
  readonly purl: string;
  /** The id that stands for all of them first. */
  readonly ids: readonly string[];
  readonly summary: string;
  readonly severity: string | null;
  /** The nearest first; empty: no fix is known. */
  readonly fixes: readonly string[];
  /** Null: nobody speaks for it. */
  readonly statement: VulnerabilityStatement | null;
}

/** What a comparison came to. Lists are in the order of the bills. */
export interface VulnerabilityScan {
  readonly components: number;
  readonly databases: readonly ScannedDatabase[];
  readonly vulnerable: readonly VulnerableComponent[];
  /** How many more there are than are listed. */
  readonly more: number;
  readonly unidentified: readonly UnidentifiedComponent[];
  readonly moreUnidentified: number;
  readonly unreadable: readonly UnreadableDocument[];
  readonly unused: readonly UnusedStatement[];
  /** Why it is no whole answer, one sentence each; empty: it is one. */
  readonly open: readonly string[];
}

/** Compares bills of materials with a database of vulnerabilities. */
export interface VulnerabilityScanner {
  /** @returns the comparison; what can't be compared stands in `open`, never in silence */
  readonly scan: (request: ScanRequest, signal: AbortSignal) => Promise<VulnerabilityScan>;
}
