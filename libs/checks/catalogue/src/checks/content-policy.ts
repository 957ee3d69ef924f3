import { admits } from '../hosts/reached-host.js';

const KEYWORDS =
  /^'(?:self|none|strict-dynamic|report-sample|nonce-[^']*|sha(?:256|384|512)-[^']*|unsafe-inline)'$/i;
const EMBEDDED = /^(?:data|blob|mediastream|filesystem):$/i;
/** Directives that say nothing about where something is loaded from. */
const NO_SOURCES =
  /^(?:report-uri|report-to|sandbox|upgrade-insecure-requests|block-all-mixed-content|require-trusted-types-for|trusted-types)$/i;

/** @returns what a content security policy lets through beyond the hosts that were declared, as `directive source` */
export const beyondDeclared = (policy: string, declared: readonly string[]): readonly string[] =>
  policy.split(';').flatMap((part) => {
    const [directive = '', ...sources] = part.trim().split(/\s+/);
    if (directive === '' || NO_SOURCES.test(directive)) return [];
    return sources
      .filter((source) => !isWithin(source, declared))
      .map((source) => `${directive.toLowerCase()} ${source}`);
  });

const isWithin = (source: string, declared: readonly string[]): boolean => {
  if (KEYWORDS.test(source) || EMBEDDED.test(source)) return true;
  if (/^(?:\*|[a-z][a-z0-9+.-]*:(?:\/\/\*)?|'.*')$/i.test(source)) return false;
  const host = source
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/:].*$/, '')
    .toLowerCase();
  return host.startsWith('*.')
    ? declared.some((entry) => entry.trim().toLowerCase() === host)
    : admits(declared, host);
};
