import { generate } from 'selfsigned';

const YEARS = 5;

/** @returns a certificate for the names, which is its own authority, and its key; both PEM */
export async function makeCertificate(
  names: readonly string[],
): Promise<{ readonly certificate: string; readonly key: string }> {
  const until = new Date();
  until.setFullYear(until.getFullYear() + YEARS);
  const made = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notAfterDate: until,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  return { certificate: made.cert.trim(), key: made.private.trim() };
}
