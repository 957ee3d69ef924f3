import { Projections } from '@kwanus/event-store';
import { Injectable } from '@nestjs/common';
import { artifactReferences } from './artifacts/artifact-references.projection.js';

/** Registers everything that intake does without being asked. */
@Injectable()
export class IntakeRegistration {
  constructor(projections: Projections) {
    projections.register(artifactReferences);
  }
}
