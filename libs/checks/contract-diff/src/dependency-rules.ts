import { anyNode, inner, type Step, say } from './pair.js';
import { narrowed, widened } from './report.js';
import type { Shape } from './shape.js';

/** What must be there, or fit, when something else is there. */
export function compareDependencies(step: Step): void {
  const { walk, pair, depth } = step;
  const { base, revision } = pair;
  for (const name of new Set([...base.dependentRequired.keys(), ...revision.dependentRequired.keys()]))
    compareDependent(step, name);
  for (const name of new Set([...base.dependent.keys(), ...revision.dependent.keys()]))
    walk.compare(
      base.dependent.get(name) ?? anyNode(base),
      revision.dependent.get(name) ?? anyNode(revision),
      inner(pair, `(with ${name})`),
      depth + 1,
    );
}

/** What is required anyway depends on nothing. */
function compareDependent({ walk, pair }: Step, name: string): void {
  const { base, revision, place } = pair;
  const [was, is] = [namesOf(base, name), namesOf(revision, name)];
  const more = [...is].filter((other) => !was.has(other) && !base.required.has(other));
  const less = [...was].filter((other) => !is.has(other) && !revision.required.has(other));
  if (more.length > 0)
    say(walk.comparison, pair, [
      'dependent-required-added',
      narrowed(place),
      `with ${name} there must be ${more.join(', ')} now`,
    ]);
  if (less.length > 0)
    say(walk.comparison, pair, [
      'dependent-required-removed',
      widened(place),
      `with ${name} there need not be ${less.join(', ')} any more`,
    ]);
}

const namesOf = ({ dependentRequired }: Shape, name: string): ReadonlySet<string> =>
  dependentRequired.get(name) ?? new Set();
