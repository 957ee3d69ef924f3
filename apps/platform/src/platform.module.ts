import { IntakeModule } from '@kwanus/service-intake';
import { MonitoringModule, type MonitoringOptions } from '@kwanus/service-monitoring';
import { RolloutModule } from '@kwanus/service-rollout';
import { ValidationModule, type ValidationOptions } from '@kwanus/service-validation';
import { type DynamicModule, Module } from '@nestjs/common';

/** All four services in one process; they still meet only through the transport. */
@Module({})
export class PlatformModule {
  static register(options: MonitoringOptions & ValidationOptions): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        IntakeModule.register(options),
        ValidationModule.register(options),
        RolloutModule.register(options),
        MonitoringModule.register(options),
      ],
    };
  }
}
