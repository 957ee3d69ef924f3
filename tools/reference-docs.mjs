// Writes the parts of the reference that are made from the code: `npm run docs`. Specs compare them with what is committed.
import { writeFileSync } from 'node:fs';
import { platformOpenApi } from '../apps/platform/dist/open-api.js';
import { loadIdentities } from '../libs/infra/auth/dist/index.js';
import { configurationReference, environmentExample } from '../libs/infra/config/dist/index.js';
import { problemsReference } from '../libs/infra/http/dist/index.js';

writeFileSync('docs/reference/configuration.md', configurationReference());
writeFileSync('docs/reference/problems.md', problemsReference());
writeFileSync('.env.example', environmentExample());
const openApi = await platformOpenApi(loadIdentities('identities.yaml'));
writeFileSync('libs/infra/service/openapi.json', `${JSON.stringify(openApi, null, 2)}\n`);
