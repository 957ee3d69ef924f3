import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { Answer } from './answer.js';

/** Writes the head of an answer: status, ETag from the version, Location. Nothing of ours is kept by caches. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((result: unknown) => {
        if (!response.headersSent) response.setHeader('Cache-Control', 'no-store');
        if (!(result instanceof Answer)) return result;
        const { version, status, location } = result.head;
        if (version !== undefined) response.setHeader('ETag', `"${version}"`);
        if (location !== undefined) response.setHeader('Location', location);
        response.status(status ?? 200);
        return result.body as unknown;
      }),
    );
  }
}
