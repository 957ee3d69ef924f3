import { normaliseHost } from './host.js';

/** Stands for the page that an extension is shown in. */
export const OWN_PAGE = 'the page that it is shown in';
const NO_HOST = /^(?:data|blob|about|mailto|tel):/i;
const RELAY = /^(?:stun|turn)s?:/i;

/** @returns the host that an address leads to, written as hosts are compared; null: it leads nowhere */
export function reachedHost(address: string): string | null {
  const target = address.trim();
  if (target === '' || NO_HOST.test(target)) return null;
  if (RELAY.test(target)) return normaliseHost(target.replace(RELAY, '')).host;
  if (target.startsWith('//')) return normaliseHost(`https:${target}`).host;
  return /^[a-z][a-z0-9+.-]*:/i.test(target) ? normaliseHost(target).host : OWN_PAGE;
}

/** @returns whether one of the hosts that were declared is this one, or `*.` stands for it */
export const admits = (declared: readonly string[], host: string): boolean =>
  declared.some((entry) => {
    const { host: known } = normaliseHost(entry);
    return entry.trim().startsWith('*.') ? host.endsWith(`.${known}`) : host === known;
  });
