import { z } from 'zod';
import { MESSAGE_TYPES } from './registry.js';

/** A JSON Schema as plain data. */
export type JsonSchema = { readonly [key: string]: unknown };

/** @returns the JSON Schema (draft 2020-12) of a Zod schema, as its sender sees it: what is not named is allowed */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;

/** The JSON Schema of every message type; committed under libs/contracts/schemas, a file each. */
export const messageJsonSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.values(MESSAGE_TYPES).map(({ type, schema }) => [
      type,
      { $id: `urn:kwanus:schema:${type}`, title: type, ...jsonSchemaOf(schema) },
    ]),
  );
