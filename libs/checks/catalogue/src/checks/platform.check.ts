import semver from 'semver';
import type { CheckRun } from '../run/check-run.js';

/** PC601: no platform version that is in service lies in the declared range. What fits is a fact for the compatibility matrix. */
export async function checkPlatformCompatibility(run: CheckRun): Promise<string> {
  const range = run.manifest.compatibility.platform;
  const { platformVersions } = run.context;
  const fitting = platformVersions.filter((version) =>
    semver.satisfies(version, range, { includePrerelease: true }),
  );
  run.facts['platform'] = platformVersions.map((version) => ({ version, fits: fitting.includes(version) }));
  if (platformVersions.length === 0) {
    run.inconclusive('No platform version is known to the validation service.');
    return '';
  }
  if (fitting.length === 0)
    await run.blocks('PC601', {
      pointer: '/compatibility/platform',
      subject: range,
      message: `${range} holds none of the platform versions in service (${platformVersions.join(', ')}).`,
      why: 'It would be rolled out to a platform that it was not made for.',
      remedy: 'Widen the range after testing, or wait for the platform version.',
    });
  return `Fits ${fitting.join(', ')} of ${platformVersions.join(', ')}.`;
}
