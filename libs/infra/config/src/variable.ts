import { z } from 'zod';

/** A variable of the environment: what it means, what it looks like, how it is read. */
export interface Variable<Value = unknown> {
  readonly name: `KWANUS_${string}` | `OSV_${string}`;
  readonly description: string;
  /** What a value looks like, as a phrase: "a port, 0 to 65535". */
  readonly shape: string;
  readonly example: string;
  /** What holds when it is not set, as a phrase for the reference. */
  readonly whenUnset: string;
  readonly schema: z.ZodType<Value, string | undefined>;
  /** Never printed; may also be given as `<NAME>_FILE`, the file that holds it. */
  readonly secret: boolean;
}

type About = Omit<Variable, 'schema' | 'secret' | 'whenUnset' | 'name'> & { readonly whenUnset?: string };

const variable = <Value>(
  name: Variable['name'],
  about: About,
  schema: z.ZodType<Value, string | undefined>,
  secret = false,
): Variable<Value> => ({ name, whenUnset: 'none', ...about, schema, secret });

/** A variable that may be left out. */
export const optional = <Value>(name: Variable['name'], about: About, schema: z.ZodType<Value, string>) =>
  variable(name, about, schema.optional());

/** A variable that must be there. */
export const required = <Value>(name: Variable['name'], about: About, schema: z.ZodType<Value, string>) =>
  variable<Value>(name, { ...about, whenUnset: 'the start is refused' }, requireText(schema));

/** A variable with a value that holds when it is left out. */
export const withDefault = <Value>(
  name: Variable['name'],
  about: About & { readonly default: string },
  schema: z.ZodType<Value, string>,
) =>
  variable<Value>(
    name,
    { ...about, whenUnset: `\`${about.default}\`` },
    z.preprocess((value) => value ?? about.default, schema) as unknown as z.ZodType<
      Value,
      string | undefined
    >,
  );

/** @returns the same variable as a secret */
export const secret = <Value>(plain: Variable<Value>): Variable<Value> => ({ ...plain, secret: true });

const requireText = <Value>(schema: z.ZodType<Value, string>) =>
  z.string({ error: 'is not set' }).pipe(schema) as unknown as z.ZodType<Value, string | undefined>;

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `is less than ${least}`).max(most, `is more than ${most}`));

const listOf = <Value>(item: z.ZodType<Value, string>) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item).min(1)) as unknown as z.ZodType<Value[], string>;

const url = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `is not a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

/** The forms that values take. */
export const forms = { whole, listOf, url };
