import { loadPlaybook } from '@kwanus/playbook';
import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { Playbooks } from './playbooks.js';
import { rolloutPublisher } from './publishing/rollout.publisher.js';
import { ROLLOUT_CONTROLLERS, ROLLOUT_PROVIDERS } from './rollout-parts.js';

/** The rollout service: releases, staged exposure decided by evidence and approvals, flags, roll-back. */
@Module({})
export class RolloutModule {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: RolloutModule,
      imports: [ServiceModule.forService({ name: 'rollout', publisher: rolloutPublisher, options })],
      controllers: [...ROLLOUT_CONTROLLERS],
      providers: [
        { provide: Playbooks, useValue: new Playbooks(options.playbookVersion, loadPlaybook) },
        ...ROLLOUT_PROVIDERS,
      ],
    };
  }
}
