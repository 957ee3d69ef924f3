import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { Unauthenticated } from './errors.js';
import type { Role } from './roles.js';

/** Who is calling, as proven by a checked token. */
export interface Caller {
  /** As it stands in the log: opaque, made from issuer and subject. */
  readonly actor: { readonly id: string; readonly kind: 'person' | 'service' };
  /** At least one. */
  readonly roles: readonly Role[];
  /** The partner that the caller belongs to; null for the platform's own people and services: who has no role at all is no caller. */
  readonly partner: string | null;
  /** The actor that answers for a service identity (`sponsor` of the token); null where there is none. */
  readonly sponsor: string | null;
  /** When the token ends, in milliseconds: what goes on after the answer has begun (a stream) ends then. */
  readonly expiresAt: number;
  /** The name that the token carries (`name`), for the person directory; it never enters the log. */
  readonly name?: string;
}

/** The part of a request that this library reads and writes. */
export interface AuthenticatedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  caller?: Caller;
}

/** Injects the Caller into a controller's parameter. @throws Unauthenticated on a route that is open to everybody */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller =>
    callerOf(context.switchToHttp().getRequest<AuthenticatedRequest>()),
);

/** @returns who is calling. @throws Unauthenticated when the guard has not run */
export function callerOf(request: AuthenticatedRequest): Caller {
  if (request.caller === undefined) throw new Unauthenticated('This call needs a bearer token.');
  return request.caller;
}

export const ROLES_KEY = 'kwanus:roles';
export const OPEN_KEY = 'kwanus:open';

/** Only callers with one of the roles pass (403 otherwise). Without it every proven caller passes. */
export const AllowRoles = (...roles: readonly Role[]): MethodDecorator & ClassDecorator =>
  SetMetadata(ROLES_KEY, roles);

/** No token is needed: health, metrics, documents. */
export const OpenToAll = (): MethodDecorator & ClassDecorator => SetMetadata(OPEN_KEY, true);

/** @returns true when the caller has at least one of the roles */
export const hasRole = (caller: Caller, ...roles: readonly Role[]): boolean =>
  roles.some((role) => caller.roles.includes(role));

/** @returns the partner that an integration id begins with */
export const partnerIn = (integrationId: string): string =>
  integrationId.slice(0, integrationId.indexOf('.'));

/** @returns true when the caller may see what belongs to the partner: the platform's people everything, a partner its own */
export const maySeePartner = (caller: Caller, partner: string): boolean =>
  caller.partner === null || caller.partner === partner;

/** @returns true when the integration is one that the caller may see */
export const maySee = (caller: Caller, integrationId: string): boolean =>
  maySeePartner(caller, partnerIn(integrationId));
