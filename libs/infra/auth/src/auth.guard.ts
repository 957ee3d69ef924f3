import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Authenticator } from './authenticator.js';
import { type AuthenticatedRequest, callerOf, hasRole, OPEN_KEY, ROLES_KEY } from './caller.js';
import { Forbidden } from './errors.js';
import type { Role } from './roles.js';

/** Proves who is calling and whether the route is for them; it stands before every route of an application. */
@Injectable()
export class AuthGuard implements CanActivate {
  readonly #reflector = new Reflector();

  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.#reflector.getAllAndOverride<boolean | undefined>(OPEN_KEY, places) === true) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    request.caller = await this.authenticator.authenticate(request.headers['authorization']);
    const allowed = this.#reflector.getAllAndOverride<readonly Role[] | undefined>(ROLES_KEY, places);
    const caller = callerOf(request);
    if (allowed !== undefined && !hasRole(caller, ...allowed)) throw notFor(caller.roles, allowed);
    return true;
  }
}

const notFor = (had: readonly Role[], allowed: readonly Role[]): Forbidden =>
  new Forbidden(
    `This call is for whoever has the role ${allowed.join(' or ')}; your token says ${had.join(', ') || 'none'}. Call as somebody who has it: \`kwanus login --as NAME\` with a NAME of that role in identities.yaml, or a token of your issuer that says so.`,
  );
