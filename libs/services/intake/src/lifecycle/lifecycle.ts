import type { intakeHttp } from '@kwanus/contracts';
import {
  AdoptPlaybook,
  ChooseStricterRollout,
  type Giver,
  MoveIntegration,
  MoveRelease,
  UpdateLifecycle,
} from '@kwanus/domain-integration';
import type { Playbook } from '@kwanus/domain-playbook';
import { HttpProblem } from '@kwanus/http';
import type { z } from 'zod';
import type { Decided } from '../commands/decide-on-integration.handler.js';
import type { Playbooks } from '../playbooks/playbooks.js';

export type LifecycleBody = z.infer<typeof intakeHttp.LifecycleMove>;
type Given = Giver & { readonly integrationId: string; readonly requestId: string };

/** @returns the command that a move is, and what it needs */
export function decidedBy(body: LifecycleBody, given: Given): Omit<Decided, 'integrationId' | 'adopt'> {
  const { move, reason } = body;
  switch (move) {
    case 'lifecycle-update': {
      const { release, evidence } = body;
      return { release, evidence, command: new UpdateLifecycle({ ...given, release }, evidence, reason) };
    }
    case 'stricter-rollout': {
      const { release, rollout } = body;
      return { release, command: new ChooseStricterRollout({ ...given, release }, rollout, reason) };
    }
    case 'deprecate': {
      const { release = null, sunset } = body;
      const until = sunset === null ? null : new Date(sunset).toISOString();
      return { release, command: new MoveIntegration({ ...given, release }, move, reason, until) };
    }
    case 'suspend':
    case 'reinstate':
    case 'retire':
      return { release: null, command: new MoveIntegration({ ...given, release: null }, move, reason) };
    case 'adopt-playbook':
      return { release: null, command: new AdoptPlaybook(given, reason) };
    default: {
      const { release } = body;
      return { release, command: new MoveRelease({ ...given, release }, move, reason) };
    }
  }
}

/** @returns the playbook that is to be adopted, null for other moves. @throws HttpProblem validation-failed for one that does not ship */
export function playbookOf(body: LifecycleBody, playbooks: Playbooks): Playbook | null {
  if (body.move !== 'adopt-playbook') return null;
  const playbook = playbooks.find(body.playbook);
  if (playbook !== null) return playbook;
  const known = playbooks.all.map(({ version }) => version).join(', ');
  throw new HttpProblem('validation-failed', `There is no playbook ${body.playbook}. There are: ${known}.`, {
    errors: [{ pointer: '/playbook', message: 'is no version that ships' }],
  });
}
