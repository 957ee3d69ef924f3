import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A server's key and certificate, signed by itself, for loopback. */
export interface TestCertificate {
  readonly path: string;
  readonly password: string;
  /** What a client has to trust. */
  readonly caFile: string;
}

/** Makes one with the JDK's keytool, which is there wherever a broker can run. */
export function testCertificate(folder: string, name = 'broker'): TestCertificate {
  const [path, caFile, password] = [join(folder, `${name}.p12`), join(folder, `${name}.pem`), 'test-only'];
  const store = ['-keystore', path, '-storetype', 'PKCS12', '-storepass', password, '-alias', 'server'];
  const who = ['-dname', `CN=${name}`, '-ext', 'san=ip:127.0.0.1,dns:localhost'];
  execFileSync('keytool', ['-genkeypair', '-keyalg', 'EC', '-validity', '2', ...who, ...store], {
    stdio: 'pipe',
  });
  execFileSync('keytool', ['-exportcert', '-rfc', '-file', caFile, ...store], { stdio: 'pipe' });
  return { path, password, caFile };
}
