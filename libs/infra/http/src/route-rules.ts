import { type INestApplication, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { COMMAND_KEY } from './command.interceptor.js';

/** A route breaks a convention that every route keeps; found at the start. */
export class RouteRefused extends Error {
  override readonly name = 'RouteRefused';
}

/**
 * Every POST is a command, with its Idempotency-Key, or says why it is none.
 * @throws RouteRefused with every route that says neither
 */
export function checkRoutes(app: INestApplication): void {
  const reflector = new Reflector();
  const scanner = new MetadataScanner();
  const silent: string[] = [];
  for (const module of app.get(ModulesContainer).values())
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as Record<string, () => unknown> | undefined;
      if (prototype === undefined) continue;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (handler === undefined || Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.POST)
          continue;
        if (reflector.getAllAndOverride(COMMAND_KEY, [handler, metatype as never]) === undefined)
          silent.push(`${metatype?.name}.${name}`);
      }
    }
  if (silent.length > 0)
    throw new RouteRefused(`Put @Command() or @NotACommand(reason) on each POST: ${silent.join(', ')}.`);
}
