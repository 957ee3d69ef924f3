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
    if (allowed !== undefined && !hasRole(callerOf(request), ...allowed))
      throw new Forbidden(
        `This call is for ${allowed.join(' or ')}; this caller is ${callerOf(request).roles.join(' and ')}. Send the token of somebody who has that role.`,
      );
    return true;
  }
}
