/** Pure functions that a browser has and the interpreter lacks. @returns JSON; empty: it can't be told */
export function compute(what: string, first: string, second: string): string {
  try {
    switch (what) {
      case 'atob':
        return JSON.stringify(atob(first));
      case 'btoa':
        return JSON.stringify(btoa(first));
      case 'utf8':
        return JSON.stringify(Buffer.from(first, 'utf8').toString('latin1'));
      case 'text':
        return JSON.stringify(Buffer.from(first, 'latin1').toString('utf8'));
      case 'url':
        return JSON.stringify(addressParts(new URL(first, second === '' ? undefined : second)));
      default:
        return '';
    }
  } catch {
    return '';
  }
}

const addressParts = (url: URL): Readonly<Record<string, string>> => ({
  href: url.href,
  origin: url.origin,
  protocol: url.protocol,
  host: url.host,
  hostname: url.hostname,
  port: url.port,
  pathname: url.pathname,
  search: url.search,
  hash: url.hash,
});
