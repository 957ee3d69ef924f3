import type { Json } from '@kwanus/kernel';
import { textsOf } from '../run/strings.js';

/** What an expression takes out of the data that flows through a workflow. */
export interface Taken {
  /** Names on the way to it; none: all of it. */
  readonly path: readonly string[];
  readonly pointer: string;
}

/** Where an expression needs no `${}`, since nothing else may stand there (Serverless Workflow 1.0). */
const ALWAYS_EXPRESSIONS = new Set(['when', 'if', 'while', 'in', 'from', 'as']);
/** Where `.` hands on what is there anyway. */
const HANDS_ON = new Set(['from', 'as']);
const MARKED = /\$\{([\s\S]*)\}/;

/**
 * Reads which data the expressions (jq) of a workflow take. Never less than they do: what is piped on, renamed or computed counts where
 * it is taken from the data, so a whole object counts where only a part of it is used later.
 */
export function takenFrom(definition: Json): readonly Taken[] {
  return textsOf(definition).flatMap(({ text, pointer, key }) => {
    const expression = MARKED.exec(text)?.[1] ?? (ALWAYS_EXPRESSIONS.has(key) ? text : undefined);
    if (expression === undefined || (HANDS_ON.has(key) && expression.trim() === '.')) return [];
    return pathsIn(expression).map((path) => ({ path, pointer }));
  });
}

const VARIABLE = String.raw`\$[A-Za-z_]\w*`;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const NAME = String.raw`\.\s*(?:[A-Za-z_]\w*|${TEXT})`;
const IN_BRACKETS = String.raw`\.?\[\s*(?:${TEXT}|-?\d*)\s*\]`;
const STEP = String.raw`(?:${NAME}|${IN_BRACKETS}|\?)`;
const PATH = String.raw`(?:${VARIABLE}|${NAME}|\.\[\s*(?:${TEXT}|-?\d*)\s*\]|\.\.?)${STEP}*`;
/** A text, a number, a word, a path (`.order.items[0]."ship to"`, `$input.order`, `.`), or a sign. */
const TOKEN = new RegExp(String.raw`${TEXT}|\d+(?:\.\d+)?|[A-Za-z_]\w*|${PATH}|\S`, 'g');
const STEPS = new RegExp(STEP, 'g');
const INTERPOLATED = /\\\(([^)]*)\)/g;

function pathsIn(expression: string): readonly (readonly string[])[] {
  const tokens = expression.match(TOKEN) ?? [];
  if (tokens.every((token, at) => (at % 2 === 0 ? isPath(token) : token === '|'))) return piped(tokens);
  return [...tokens.flatMap(takenByToken), ...shortEntries(tokens)];
}

function takenByToken(token: string): readonly (readonly string[])[] {
  if (token.startsWith('"'))
    return [...token.matchAll(INTERPOLATED)].flatMap(([, inner]) => pathsIn(inner ?? ''));
  return isPath(token) ? dataPath(token) : [];
}

const OPENS = new Set(['{', '(', '[']);
const CLOSES = new Set(['}', ')', ']']);

/** `{id, status}` is short for `{id: .id, status: .status}`. */
function shortEntries(tokens: readonly string[]): readonly (readonly string[])[] {
  const open: string[] = [];
  return tokens.flatMap((token, at) => {
    if (OPENS.has(token)) open.push(token);
    if (CLOSES.has(token)) open.pop();
    const stands = /^[{,]$/.test(tokens[at - 1] ?? '') && /^[,}]$/.test(tokens[at + 1] ?? '');
    return open.at(-1) === '{' && stands && /^[A-Za-z_]/.test(token) ? [[token]] : [];
  });
}

const isPath = (token: string): boolean => token.startsWith('.') || /^\$\w/.test(token);

/** @returns `.order | .id` as `.order.id` */
function piped([first = '', ...further]: readonly string[]): readonly (readonly string[])[] {
  const names = further.filter((token) => token !== '|').flatMap(namesOf);
  return dataPath(first).map((start) => [...start, ...names]);
}

/** @returns the names on the way; nothing where a variable holds no data of the workflow, or what was taken where it was set */
function dataPath(path: string): readonly (readonly string[])[] {
  const names = namesOf(path);
  const variable = new RegExp(`^${VARIABLE}`).exec(path)?.[0];
  if (variable === undefined || /^\$(?:input|output|context)$/.test(variable)) return [names];
  const isData = /^\$(?:workflow|task)$/.test(variable) && /^(?:input|output)$/.test(names[0] ?? '');
  return isData ? [names.slice(1)] : [];
}

const namesOf = (path: string): readonly string[] =>
  (path.replace(new RegExp(`^${VARIABLE}`), '').match(STEPS) ?? [])
    .map((step) => step.replace(/^[.[\s]+|[\]\s?]+$/g, ''))
    .map((name) => name.replace(/^"|"$/g, ''))
    .filter((name) => name !== '' && !/^-?\d+$/.test(name));
