import { intakeHttp } from '@kwanus/contracts';
import type { Playbook } from '@kwanus/domain-playbook';
import { Answers, notFound, type Page } from '@kwanus/http';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Playbooks } from './playbooks.js';

const Version = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$/);
type Head = Pick<Playbook, 'version' | 'title' | 'overlays' | 'digest'>;

/** The playbook as data. */
@ApiTags('playbooks')
@Controller('v1/playbooks')
export class PlaybooksController {
  constructor(private readonly playbooks: Playbooks) {}

  @Get()
  @ApiOperation({ summary: 'The versions of the playbook.' })
  @Answers(intakeHttp.PlaybookPage)
  list(): Page<Head> {
    const items = this.playbooks.all.map(({ version, title, overlays, digest }) => ({
      version,
      title,
      overlays,
      digest,
    }));
    return { items, next: null };
  }

  @Get(':version')
  @ApiOperation({ summary: 'One version, whole, overlay applied.' })
  @Answers(intakeHttp.PlaybookView)
  one(@Param('version', { schema: Version }) version: string): Playbook {
    const playbook = this.playbooks.find(version);
    if (playbook === null) throw notFound();
    return playbook;
  }
}
