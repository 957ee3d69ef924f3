import type { Json, JsonObject } from '@kwanus/kernel';
import type { Loose } from '../sites.js';
import { text } from './reading.js';

export const json = (schema: Json): Loose => ({ content: { 'application/json': { schema } } });
export const answered = (more: Loose = {}): Loose => ({ responses: { 200: { description: 'd', ...more } } });

/** A contract of the paths. */
export const at = (paths: Loose, more: Loose = {}): JsonObject => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  servers: [{ url: 'https://z.example' }],
  paths,
  ...more,
});
/** A contract of `POST /x`. */
export const post = (more: Loose = {}, root: Loose = {}): JsonObject =>
  at({ '/x': { post: { ...answered(), ...more } } }, root);
export const parameter = (more: Loose): JsonObject =>
  post({ parameters: [{ name: 'q', in: 'query', schema: text, ...more }] });
export const sending = (content: Loose): JsonObject => post({ requestBody: { required: true, content } });
export const answering = (more: Loose): JsonObject => post(answered(more));
