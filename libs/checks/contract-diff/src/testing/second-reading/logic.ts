import type { Loose } from '../sites.js';
import { object, type SchemaReadings, text, to, whole } from './reading.js';

const named = (name: string) => object({ kind: { const: name } }, { required: ['kind'] });
const animals = { Cat: named('cat'), Dog: named('dog') };
const told = (mapping: Record<string, string> | null) => ({
  oneOf: [to('Cat'), to('Dog')],
  discriminator: { propertyName: 'kind', ...(mapping === null ? {} : { mapping }) },
});
const MAPPING = { cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog' };
const loose = {
  Cat: object({ kind: text }, { required: ['kind'] }),
  Dog: object({ kind: text, bark: text }, { required: ['kind'] }),
};
const both = <Schemas>(schemas: Schemas): readonly [Schemas, Schemas] => [schemas, schemas];

/** Written as text: an object with `then` would be taken for a promise. */
const where = (condition: Loose, consequence: Loose): Loose =>
  JSON.parse(`{"if":${JSON.stringify(condition)},"then":${JSON.stringify(consequence)}}`) as Loose;

/** allOf, oneOf, anyOf, not, conditions and discriminators. */
export const LOGIC: SchemaReadings = {
  'allOf-demands-more': {
    why: 'b must be there',
    base: { allOf: [object({ b: text })] },
    revision: { allOf: [object({ b: text }), { required: ['b'] }] },
    sent: 'breaks',
    received: 'safe',
  },
  'allOf-loses-a-limit': {
    why: 'longer texts fit',
    base: { allOf: [text, { maxLength: 5 }] },
    revision: { allOf: [text] },
    sent: 'safe',
    received: 'breaks',
  },
  'allOf-limits-merged': {
    why: 'the tightest limit counts',
    base: { ...whole, allOf: [{ minimum: 1 }, { minimum: 5 }] },
    revision: { ...whole, minimum: 5 },
    sent: 'silent',
    received: 'silent',
  },
  'allOf-lists-merged': {
    why: 'only what is in both lists fits',
    base: { ...text, allOf: [{ enum: ['a', 'b', 'c'] }, { enum: ['b', 'c', 'd'] }] },
    revision: { ...text, enum: ['b', 'c'] },
    sent: 'silent',
    received: 'silent',
  },
  'allOf-properties-merged': {
    why: 'b has both limits',
    base: { allOf: [object({ b: text }), object({ b: { maxLength: 5 } })] },
    revision: object({ b: { ...text, maxLength: 5 } }),
    sent: 'silent',
    received: 'silent',
  },
  'allOf-over-alternatives': {
    why: 'what all have in common may stand inside each',
    base: { allOf: [object({ b: text }), { oneOf: [named('cat'), named('dog')] }] },
    revision: {
      oneOf: [{ allOf: [object({ b: text }), named('cat')] }, { allOf: [object({ b: text }), named('dog')] }],
    },
    sent: 'silent',
    received: 'silent',
  },
  'alternatives-flattened': {
    why: 'the same three types fit',
    base: { oneOf: [text, { oneOf: [whole, { type: 'boolean' }] }] },
    revision: { oneOf: [text, whole, { type: 'boolean' }] },
    sent: 'silent',
    received: 'silent',
  },
  'alternatives-turned': {
    why: 'order says nothing',
    base: { oneOf: [named('cat'), named('dog')] },
    revision: { oneOf: [named('dog'), named('cat')] },
    sent: 'silent',
    received: 'silent',
  },
  'types-as-alternatives': {
    why: 'text or whole number, both times',
    base: { type: ['string', 'integer'] },
    revision: { anyOf: [text, whole] },
    sent: 'silent',
    received: 'silent',
  },
  'any-to-one-disjoint': {
    why: 'nothing fits two of them',
    base: { anyOf: [text, whole] },
    revision: { oneOf: [text, whole] },
    sent: 'silent',
    received: 'silent',
  },
  'any-to-one-overlapping': {
    why: 'a whole number fits both and is refused',
    base: { anyOf: [{ type: 'integer' }, { type: 'number' }] },
    revision: { oneOf: [{ type: 'integer' }, { type: 'number' }] },
    sent: 'breaks',
    received: 'safe',
  },
  'alternative-wider': {
    why: 'longer texts fit',
    base: { oneOf: [{ ...text, maxLength: 5 }, whole] },
    revision: { oneOf: [{ ...text, maxLength: 10 }, whole] },
    sent: 'safe',
    received: 'breaks',
  },
  'alternative-other': {
    why: 'tricks become a number; the other alternative is as it was',
    base: {
      oneOf: [
        named('cat'),
        object({ kind: { const: 'dog' }, tricks: text }, { required: ['kind', 'tricks'] }),
      ],
    },
    revision: {
      oneOf: [
        named('cat'),
        object({ kind: { const: 'dog' }, tricks: whole }, { required: ['kind', 'tricks'] }),
      ],
    },
    sent: 'breaks',
    received: 'breaks',
  },
  'alternative-inside-another': {
    why: 'short texts are texts',
    base: { anyOf: [text, { ...text, maxLength: 5 }] },
    revision: text,
    sent: 'silent',
    received: 'silent',
  },
  'alternative-of-nothing': {
    why: 'nothing fits false',
    base: { anyOf: [text, false] },
    revision: text,
    sent: 'silent',
    received: 'silent',
  },
  'alternatives-become-one': {
    why: 'neither property is promised any more',
    base: { oneOf: [object({ b: text }, { required: ['b'] }), object({ c: text }, { required: ['c'] })] },
    revision: object({ b: text, c: text }),
    sent: 'safe',
    received: 'breaks',
  },
  'excluded-more': {
    why: 'y is refused',
    base: { ...text, not: { enum: ['x'] } },
    revision: { ...text, not: { enum: ['x', 'y'] } },
    sent: 'breaks',
    received: 'safe',
  },
  'excluded-less': {
    why: 'y comes',
    base: { ...text, not: { enum: ['x', 'y'] } },
    revision: { ...text, not: { enum: ['x'] } },
    sent: 'safe',
    received: 'breaks',
  },
  'excluded-twice': {
    why: 'what is not outside is inside',
    base: { ...text, not: { not: { maxLength: 5 } } },
    revision: { ...text, not: { not: { maxLength: 3 } } },
    sent: 'breaks',
    received: 'safe',
  },
  'alternative-inside-not': {
    why: 'a third value is excluded',
    base: { ...text, not: { anyOf: [{ const: 'x' }, { const: 'y' }] } },
    revision: { ...text, not: { anyOf: [{ const: 'x' }, { const: 'y' }, { const: 'z' }] } },
    sent: 'breaks',
    received: 'safe',
  },
  'condition-set': {
    why: 'where b is "x", c must be there',
    base: object({ b: text, c: text }),
    revision: object(
      { b: text, c: text },
      where({ properties: { b: { const: 'x' } }, required: ['b'] }, { required: ['c'] }),
    ),
    sent: 'breaks',
    received: 'safe',
  },
  'condition-unset': {
    why: 'where b is "x", c was promised',
    base: object(
      { b: text, c: text },
      where({ properties: { b: { const: 'x' } }, required: ['b'] }, { required: ['c'] }),
    ),
    revision: object({ b: text, c: text }),
    sent: 'safe',
    received: 'breaks',
  },
  'condition-without-consequence': {
    why: 'nothing follows from it',
    base: object({ b: text }),
    revision: object({ b: text }, { if: { required: ['b'] } }),
    sent: 'silent',
    received: 'silent',
  },
  'consequence-more': {
    why: 'under the same condition d is asked for, too',
    base: object({ b: text }, where({ required: ['b'] }, { required: ['c'] })),
    revision: object({ b: text }, where({ required: ['b'] }, { required: ['c', 'd'] })),
    sent: 'breaks',
    received: 'safe',
  },
  'mapping-written': {
    why: 'names of schemas are the mapping where none is written',
    base: told(null),
    revision: told({ Cat: '#/components/schemas/Cat', Dog: '#/components/schemas/Dog' }),
    components: both(loose),
    sent: 'silent',
    received: 'silent',
  },
  'mapping-other': {
    why: 'what was called cat is called kitty',
    base: told(MAPPING),
    revision: told({ kitty: '#/components/schemas/Cat', dog: '#/components/schemas/Dog' }),
    components: both(loose),
    sent: 'breaks',
    received: 'breaks',
  },
  'mapping-swapped': {
    why: 'who says cat is read as a dog',
    base: told(MAPPING),
    revision: told({ cat: '#/components/schemas/Dog', dog: '#/components/schemas/Cat' }),
    components: both(loose),
    sent: 'breaks',
    received: 'breaks',
  },
  'mapping-by-name': {
    why: 'a bare name and a reference lead to the same schema',
    base: told(MAPPING),
    revision: told({ cat: 'Cat', dog: 'Dog' }),
    components: both(animals),
    sent: 'silent',
    received: 'silent',
  },
  'mapping-renamed-with-components': {
    why: 'names of components are not seen where the mapping names them',
    base: told(MAPPING),
    revision: {
      oneOf: [to('Katze'), to('Hund')],
      discriminator: {
        propertyName: 'kind',
        mapping: { cat: '#/components/schemas/Katze', dog: '#/components/schemas/Hund' },
      },
    },
    components: [animals, { Katze: animals.Cat, Hund: animals.Dog }],
    sent: 'silent',
    received: 'silent',
  },
  'discriminator-set': {
    why: 'the property that tells them apart had to be there anyway',
    base: { oneOf: [to('Cat'), to('Dog')] },
    revision: told(MAPPING),
    components: both(animals),
    sent: 'safe',
    received: 'safe',
  },
};
