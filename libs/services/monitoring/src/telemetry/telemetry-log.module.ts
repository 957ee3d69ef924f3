import { Projections } from '@kwanus/event-store';
import { ServiceModule, type ServiceOptions } from '@kwanus/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { permissionUse } from '../disuse/permission-use.projection.js';
import { sealedWindows } from '../sealed-windows/sealed-windows.projection.js';
import { TELEMETRY_LOG, TelemetryLog } from './telemetry-log.js';
import { WINDOW_TABLES } from './window-tables.js';

/** The log of sealed windows with its read models: a log of its own, not relayed. */
@Module({})
export class TelemetryLogModule {
  static register(options: ServiceOptions): DynamicModule {
    return {
      module: TelemetryLogModule,
      imports: [
        ServiceModule.forService({ name: TELEMETRY_LOG, publisher: null, tables: WINDOW_TABLES, options }),
      ],
      providers: [TelemetryLog],
      exports: [TelemetryLog],
    };
  }

  constructor(projections: Projections) {
    for (const projection of [sealedWindows, permissionUse]) projections.register(projection);
  }
}
