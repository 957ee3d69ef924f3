import type { PlaybookFile } from './schema.js';

/** A name that leads nowhere, and where it stands. */
export interface Dangling {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** @returns every name that leads nowhere, every id that stands there twice, every step that can't be reached in order */
export function danglingNames(file: PlaybookFile): readonly Dangling[] {
  return [
    ...duplicates(file),
    ...bodies(file),
    ...covers(file),
    ...requirements(file),
    ...order(file),
    ...waivers(file),
    ...performed(file),
  ];
}

const LISTS = [
  'bodies',
  'documents',
  'tasks',
  'decisions',
  'checks',
  'steps',
  'risk',
  'stewardship',
] as const;

function duplicates(file: PlaybookFile): Dangling[] {
  const within = (path: readonly (string | number)[], ids: readonly string[]): Dangling[] =>
    ids.flatMap((id, index) =>
      ids.indexOf(id) === index
        ? []
        : [{ path: [...path, index], message: `the id ${id} stands there twice. Give each its own` }],
    );
  return [
    ...LISTS.flatMap((list) =>
      within(
        [list],
        file[list].map(({ id }) => id),
      ),
    ),
    ...within(
      ['rollouts'],
      file.rollouts.map(({ type }) => type),
    ),
    ...file.rollouts.flatMap(({ steps }, index) =>
      within(
        ['rollouts', index, 'steps'],
        steps.map(({ id }) => id),
      ),
    ),
    ...within(
      ['monitoring', 'burn'],
      file.monitoring.burn.map(({ id }) => id),
    ),
    ...within(
      ['monitoring', 'signals'],
      file.monitoring.signals.map(({ id }) => id),
    ),
  ];
}

function bodies(file: PlaybookFile): Dangling[] {
  const known = new Set(file.bodies.map(({ id }) => id));
  const named: { readonly body: string; readonly path: readonly (string | number)[] }[] = [
    ...file.decisions.map(({ body }, index) => ({ body, path: ['decisions', index, 'body'] })),
    ...file.stewardship.map(({ body }, index) => ({ body, path: ['stewardship', index, 'body'] })),
    ...file.checks.flatMap(({ waivableBy }, index) =>
      waivableBy === null ? [] : [{ body: waivableBy, path: ['checks', index, 'waivableBy'] }],
    ),
    ...file.rollouts.flatMap(({ steps }, plan) =>
      steps.flatMap(({ approvals }, step) =>
        approvals.map((body, index) => ({
          body,
          path: ['rollouts', plan, 'steps', step, 'approvals', index],
        })),
      ),
    ),
    { body: file.waivers.laxerRolloutBy, path: ['waivers', 'laxerRolloutBy'] },
    { body: file.registry.body, path: ['registry', 'body'] },
  ];
  return named
    .filter(({ body }) => !known.has(body))
    .map(({ body, path }) => ({ path, message: `names the body ${body}, which is not among \`bodies\`` }));
}

/** Top-level keys of a manifest: a vote on a key that is none of them would hold whatever changes. */
export const SECTIONS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'lifecycle',
  'compatibility',
  'partnerOnly',
  'api',
  'events',
  'permissions',
  'workflows',
  'dataAccess',
  'extensions',
  'network',
  'entitlements',
  'fallback',
  'rollback',
  'accountable',
  'proposal',
  'preparation',
  'sbom',
  'slos',
  'docs',
]);

function covers(file: PlaybookFile): Dangling[] {
  const known = new Set(file.documents.map(({ id }) => `document:${id}`));
  const stranger = (key: string): string | null => {
    const [kind, section = ''] = key.split(':', 2);
    if (kind === 'document' && !known.has(key)) return 'which is not among `documents`';
    return kind === 'manifest' && !SECTIONS.has(section) ? 'which is no section of a manifest' : null;
  };
  const strangers = (keys: readonly string[], path: readonly (string | number)[]): Dangling[] =>
    keys.flatMap((key, at) => {
      const wrong = stranger(key);
      return wrong === null ? [] : [{ path: [...path, at], message: `names ${key}, ${wrong}` }];
    });
  const ofRisk = file.risk.flatMap(({ sections = [] }, index) =>
    strangers(sections, ['risk', index, 'sections']),
  );
  const ofDecisions = file.decisions.flatMap(({ covers: keys, id, kind, name }, index) => [
    ...strangers(keys, ['decisions', index, 'covers']),
    ...(id === `${kind}:${name}`
      ? []
      : [{ path: ['decisions', index, 'id'], message: `is ${id}, and must be ${kind}:${name}` }]),
  ]);
  const ofTasks = file.tasks.flatMap(({ covers: keys, verified }, index) => [
    ...strangers(keys, ['tasks', index, 'covers']),
    ...(verified === keys.length > 0
      ? []
      : [
          {
            path: ['tasks', index, 'covers'],
            message: `belongs to a task that is verified, and only there: say what its evidence is checked against`,
          },
        ]),
  ]);
  return [...ofRisk, ...ofDecisions, ...ofTasks];
}

/** A run of an annual task performs checks of the playbook, of which nobody would know the outcome else. */
const performed = ({ checks, stewardship }: PlaybookFile): Dangling[] =>
  stewardship.flatMap(({ checks: ids = [] }, index) =>
    ids.flatMap((id, at) =>
      checks.some((check) => check.id === id)
        ? []
        : [
            {
              path: ['stewardship', index, 'checks', at],
              message: `names the check ${id}, which is not among \`checks\``,
            },
          ],
    ),
  );

const PLAIN = [
  'rollout:complete',
  'monitoring:bake',
  'monitoring:no-open-alert',
  'matrix:updated',
  'lifecycle:updated',
  'release:versioned',
  'release:migration-guide',
  'release:fallback',
  'documents:proposal',
  'documents:docs',
];

function requirements(file: PlaybookFile): Dangling[] {
  const known = new Set([
    ...PLAIN,
    ...file.decisions.map(({ id }) => id),
    ...file.tasks.map(({ id, phase }) => `${phase}:${id}`),
    ...file.checks.map(({ kind }) => `validation:${kind}`),
    'validation:governance',
  ]);
  return file.steps.flatMap(({ requires }, step) =>
    requires.flatMap((requirement, index) =>
      known.has(requirement)
        ? []
        : [
            {
              path: ['steps', step, 'requires', index],
              message: `asks for ${requirement}, which nothing can give`,
            },
          ],
    ),
  );
}

const FIRST_STEP: Readonly<Record<string, number>> = {
  approval: 1,
  preparation: 2,
  implementation: 3,
  validation: 4,
  rollout: 5,
  monitoring: 6,
  matrix: 7,
  lifecycle: 7,
  'sign-off': 7,
};

/** A step that asks for something which only a later step can bring would wait for itself: a cycle. */
function order(file: PlaybookFile): Dangling[] {
  const numbered = file.steps.flatMap(({ number }, index) =>
    number === index + 1
      ? []
      : [{ path: ['steps', index, 'number'], message: `is ${number}; the steps stand in order, 1 to 7` }],
  );
  const early = file.steps.flatMap(({ number, requires }, step) =>
    requires.flatMap((requirement, index) =>
      (FIRST_STEP[requirement.split(':')[0] ?? ''] ?? 1) > number
        ? [
            {
              path: ['steps', step, 'requires', index],
              message: `asks in step ${number} for ${requirement}, which comes in a later step: it would wait for itself`,
            },
          ]
        : [],
    ),
  );
  return [...numbered, ...early];
}

/** Rule ids of findings, `FB301`, or a family of them, `FB*`: the catalogue is not known here, so their form alone is looked at. */
const RULES = /^[A-Z]{2}(?:\d{3}|\*)$/;

function waivers({ checks, waivers: { never } }: PlaybookFile): Dangling[] {
  const unknown = never.flatMap((name, index) =>
    RULES.test(name) || checks.some(({ id }) => id === name)
      ? []
      : [
          {
            path: ['waivers', 'never', index],
            message: `is ${name}, neither one of \`checks\` nor a rule (FB301) or a family of rules (FB*)`,
          },
        ],
  );
  const disagreeing = checks.flatMap(({ id, waivableBy }, index) =>
    waivableBy !== null && never.includes(id)
      ? [
          {
            path: ['checks', index, 'waivableBy'],
            message: `says ${waivableBy}, and \`waivers.never\` says nobody. Write null`,
          },
        ]
      : [],
  );
  return [...unknown, ...disagreeing];
}
