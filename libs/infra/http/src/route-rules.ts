import { type INestApplication, RequestMethod, type Type } from '@nestjs/common';
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
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  const silent = controllers.flatMap(({ metatype }) =>
    typeof metatype === 'function' ? silentPosts(metatype as Type) : [],
  );
  if (silent.length > 0)
    throw new RouteRefused(`Put @Command() or @NotACommand(reason) on each POST: ${silent.join(', ')}.`);
}

function silentPosts(controller: Type): string[] {
  const prototype = controller.prototype as Record<string, () => unknown>;
  const reflector = new Reflector();
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (handler === undefined || Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.POST)
      return [];
    const said = reflector.getAllAndOverride<string | undefined>(COMMAND_KEY, [handler, controller]);
    return said === undefined ? [`${controller.name}.${name}`] : [];
  });
}
