import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Authenticator } from '@kwanus/auth';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { Controller, Get, Module, Post, Req, Res, type Type } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SignJWT } from 'jose';
import { createHttpApplication, sendEventStream } from './index.js';

const ISSUER = 'https://login.example.com';
const keys = generateKeyPairSync('ed25519');
const held: { release?: () => void } = {};

@Controller('v1/notes')
class NotesController {
  @Get('slow')
  async slow() {
    await new Promise<void>((resolve) => {
      held.release = resolve;
    });
    return { done: true };
  }
  @Get('stream')
  async stream(@Req() request: Request, @Res() response: Response) {
    await sendEventStream(request, response, {
      until: Number.POSITIVE_INFINITY,
      open: async function* (_, signal) {
        yield { id: '1', event: 'note', data: null };
        await once(signal, 'abort');
      },
    });
  }
}
@Module({ controllers: [NotesController] })
class NotesModule {}

@Controller('v1/things')
class ThingsController {
  @Post()
  make() {
    return {};
  }
}
@Module({ controllers: [ThingsController] })
class ThingsModule {}

const open = (module: Type) =>
  createHttpApplication(module, {
    host: '127.0.0.1',
    port: 0,
    authenticator: new Authenticator([
      { issuer: ISSUER, audience: 'kwanus', algorithms: ['EdDSA'], keys: keys.publicKey },
    ]),
    logger: new PinoLoggerService(createLogger({ level: 'silent', format: 'json' })),
  });
const token = () =>
  new SignJWT({ roles: ['reviewer'] })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setSubject('rita')
    .setAudience('kwanus')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(keys.privateKey);

describe('a listener that stops', () => {
  it('finishes what is in hand, ends streams, and takes nothing new', async () => {
    const http = await open(NotesModule);
    const base = await http.listen();
    const headers = { authorization: `Bearer ${await token()}` };
    const slow = fetch(`${base}/v1/notes/slow`, { headers });
    const stream = await fetch(`${base}/v1/notes/stream`, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    while (held.release === undefined) await new Promise((resolve) => setImmediate(resolve));
    const stopped = http.stop();
    await expect(stream.text()).resolves.toContain('data: null');
    await expect(fetch(`${base}/livez`)).rejects.toThrow();
    held.release();
    expect(await (await slow).json()).toEqual({ done: true });
    await stopped;
    await http.stop();
  });
});

describe('a listener that starts', () => {
  it('does so only when every POST is a command or says why not', async () => {
    const http = await open(ThingsModule);
    await expect(http.listen()).rejects.toThrow(
      'Put @Command() or @NotACommand(reason) on each POST: ThingsController.make.',
    );
    await http.app.close();
  });
});
