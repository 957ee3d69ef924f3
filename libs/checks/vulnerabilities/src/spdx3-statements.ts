import { own, ownList, ownText } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { purlOf, type Spdx3Node, spdx3Nodes, spdx3References } from './spdx3.js';
import { present, type Statement } from './statement.js';

const STATUSES: Readonly<Record<string, Statement['status']>> = {
  security_VexNotAffectedVulnAssessmentRelationship: 'not_affected',
  security_VexFixedVulnAssessmentRelationship: 'fixed',
  security_VexAffectedVulnAssessmentRelationship: 'open',
  security_VexUnderInvestigationVulnAssessmentRelationship: 'open',
};

/** @returns the VEX assessments of an SPDX 3 graph, without those that were withdrawn */
export function spdx3Statements(value: Json): readonly Statement[] {
  const nodes = spdx3Nodes(value);
  const byId = new Map(nodes.map((node) => [node.id, node] as const));
  return nodes.flatMap(({ node, pointer, type }) => {
    const status = Object.hasOwn(STATUSES, type) ? STATUSES[type] : undefined;
    if (status === undefined || ownText(node, 'security_withdrawnTime') !== undefined) return [];
    return [
      {
        pointer,
        ids: spdx3References(node, 'from').flatMap((id) => namesOfVulnerability(byId.get(id))),
        status,
        reason: reasonOf(node),
        products: productsOf(node).flatMap((id) => [id, ...present([purlOfPackage(byId.get(id))])]),
      },
    ];
  });
}

/** Where the part that was looked at is named, the assessment is about it alone. */
function productsOf(node: JsonObject): readonly string[] {
  const assessed = spdx3References(node, 'security_assessedElement');
  return assessed.length > 0 ? assessed : spdx3References(node, 'to');
}

const purlOfPackage = (found: Spdx3Node | undefined): string | undefined =>
  found === undefined ? undefined : purlOf(found.node);

const reasonOf = (node: JsonObject): string | null =>
  present([ownText(node, 'security_justificationType'), ownText(node, 'security_impactStatement')])[0] ??
  null;

const VULNERABILITY_IDS = new Set<unknown>(['cve', 'securityOther']);

function namesOfVulnerability(found: Spdx3Node | undefined): readonly string[] {
  if (found === undefined) return [];
  const identifiers = ownList(found.node, 'externalIdentifier')
    .filter((one) => VULNERABILITY_IDS.has(own(one, 'externalIdentifierType')))
    .map((one) => ownText(one, 'identifier'));
  return present([ownText(found.node, 'name'), ...identifiers]);
}
