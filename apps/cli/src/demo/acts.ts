import { validationHttp } from '@kwanus/contracts';
import { segment } from '@kwanus/platform-client';
import type { Driver } from './driver.js';
import { numbersOf } from './numbers.js';
import { INTEGRATION, type Stage } from './stage.js';
import { RELEASES } from './submission.js';

const signedOff = ({ status }: { status: string }): boolean => status === 'live';

/** Everything is new: controlled rollout, every body at its gates. */
export async function firstRelease(stage: Stage): Promise<void> {
  stage.narrator.chapter('First release: 1.0.0, everything is new');
  await stage.registerPermission();
  const driver = await stage.submit(RELEASES.first);
  await prepared(stage, driver, RELEASES.first.version);
  await stage.startTraffic();
  await driver.drive(RELEASES.first.version, signedOff);
  stage.narrator.did('intake', `${INTEGRATION} ${RELEASES.first.version} is signed off`);
}

/** The contract grew compatibly: what did not change is not reviewed again. */
export async function secondRelease(stage: Stage): Promise<void> {
  stage.narrator.chapter('Second release: 1.1.0, the contract grew compatibly');
  const driver = await stage.submit(RELEASES.second);
  await carriedOver(stage, driver, RELEASES.second.version);
  await prepared(stage, driver, RELEASES.second.version);
  await driver.drive(RELEASES.second.version, signedOff);
  stage.narrator.did('intake', `${INTEGRATION} ${RELEASES.second.version} is signed off`);
}

/** It really breaks: stopped in step 4, mended by guide and version, and rolled back when it turns bad. */
export async function thirdRelease(stage: Stage): Promise<void> {
  stage.narrator.chapter('Third release: 1.2.0, three operations are gone and no guide says so');
  const { narrator } = stage;
  const broken = RELEASES.broken.version;
  const first = await stage.submit(RELEASES.broken);
  await first.drive(broken, judged);
  await checked(stage, first, broken);
  await stoppedBy(stage, broken);
  const { client, name } = await stage.company.player('partner');
  await client.integrations.lifecycle(INTEGRATION, {
    move: 'withdraw',
    release: broken,
    reason: 'It breaks clients: it goes out as 2.0.0, with a migration guide.',
  });
  narrator.did(
    name,
    `withdraws ${broken}, writes the migration guide and submits it as ${RELEASES.mended.version}`,
  );

  narrator.chapter(`Third release again: ${RELEASES.mended.version}, with a migration guide`);
  const { version } = RELEASES.mended;
  stage.failing.set(version, 0.4);
  const driver = await stage.submit(RELEASES.mended);
  await carriedOver(stage, driver, version);
  await prepared(stage, driver, version);
  await driver.drive(version, ({ status }) => status === 'rolled-back');
  await rolledBack(stage, version);
}

/** The verdict of step 4 is there. */
const judged = ({
  step,
  steps,
}: {
  step: number;
  steps: readonly { missing: readonly { who: string }[] }[];
}): boolean => step > 4 || (step === 4 && !steps[3]?.missing.some(({ who }) => who === 'validation'));

/** Says what was checked, and what came of it. */
async function checked(stage: Stage, driver: Driver, version: string): Promise<void> {
  const { client } = await stage.company.player('partner');
  const { items } = await client.integrations.validations(INTEGRATION, {
    release: version,
    minVersion: driver.version,
  });
  const runId = items.find((item) => item.runId !== null)?.runId;
  if (runId === undefined || runId === null) return;
  const run = await client.calls.get(`/v1/validations/${segment(runId)}`, validationHttp.RunView);
  const passed = run.checks.filter(({ outcome }) => outcome === 'passed').length;
  stage.narrator.did('validation', `${run.checks.length} checks by ${run.ruleset ?? ''}, ${passed} passed:`);
  let unchanged = 0;
  for (const { check, outcome, summary } of run.checks) {
    const before = stage.said.get(check);
    stage.said.set(check, summary);
    if (outcome === 'passed' && summary === before) unchanged += 1;
    else stage.narrator.detail(`${MARKS[outcome]} ${check.padEnd(24)} ${summary}`);
  }
  if (unchanged > 0) stage.narrator.detail(`✓ ${unchanged} more, which say what they said before`);
}

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', 'not-performed': '–' } as const;

async function prepared(stage: Stage, driver: Driver, version: string): Promise<void> {
  await driver.drive(version, judged);
  await checked(stage, driver, version);
  await driver.drive(version, ({ step }) => step >= 5);
  const { client } = await stage.company.player('partner');
  const shown = await client.integrations.get(INTEGRATION);
  const risk = shown.releases.find(({ release }) => release === version)?.risk;
  if (risk !== null && risk !== undefined)
    stage.narrator.did(
      'rollout',
      `risk ${risk.level} (${risk.reasons.join(', ') || 'nothing raises it'}): ${risk.rollout} rollout`,
    );
}

/** Says which decisions hold without a new vote, because what they cover did not change. */
async function carriedOver(stage: Stage, driver: Driver, version: string): Promise<void> {
  const { client } = await stage.company.player('partner');
  const { items } = await client.integrations.decisions(INTEGRATION, {
    release: version,
    minVersion: driver.version,
  });
  const held = items.filter(
    ({ release, state, kind }) => release === version && state === 'approved' && kind !== 'sign-off',
  );
  const open = items.filter(
    ({ release, state, kind }) =>
      release === version && state !== 'approved' && kind !== 'sign-off' && kind !== 'step',
  );
  stage.narrator.did(
    'intake',
    `${held.length} decisions hold, what they cover did not change: ${held.map(({ requirement }) => requirement).join(', ') || 'none'}`,
  );
  stage.narrator.did(
    'intake',
    `reviewed again: ${open.map(({ requirement }) => requirement).join(', ') || 'nothing'}`,
  );
}

async function stoppedBy(stage: Stage, version: string): Promise<void> {
  const { client } = await stage.company.player('partner');
  const { items } = await client.integrations.validations(INTEGRATION, { release: version });
  stage.narrator.did('validation', `stops ${version} in step 4:`);
  for (const item of items)
    for (const { ruleId, message, file } of item.blocking)
      stage.narrator.detail(
        [ruleId, message, file].map((text) => (typeof text === 'string' ? text : '')).join('  '),
      );
}

async function rolledBack(stage: Stage, version: string): Promise<void> {
  const { client } = await stage.company.player('partner');
  for await (const event of client.integrations.events(INTEGRATION))
    if (event.release === version && event.type === 'RolledBack') {
      stage.narrator.did('rollout', event.sentence);
      stage.narrator.detail('the numbers that decided:', ...numbersOf(event.data['evidence']));
    }
}
