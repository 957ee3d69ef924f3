/** Who may log in to the broker, and what each may do is set by access rules. */
export interface BrokerUser {
  readonly name: string;
  readonly password: string;
}

/** The broker's key and certificate. */
export interface BrokerKeyStore {
  /** PKCS#12, as `openssl pkcs12 -export` or `keytool -genkeypair` write it. */
  readonly path: string;
  readonly password: string;
  /** PEM file of the authority that signed the certificate: what clients trust. */
  readonly caFile: string;
}

/** How clients have to speak to the broker; without it everybody may do everything (loopback only). */
export interface BrokerSecurity {
  /** Logs in by SASL/SCRAM-SHA-512 and may do everything. */
  readonly admin: BrokerUser;
  /** Further users, who may do nothing until a rule allows it. */
  readonly users: readonly BrokerUser[];
  /** With it the connection is TLS. */
  readonly keyStore?: BrokerKeyStore;
}

/** Ports on loopback. */
export interface BrokerPorts {
  readonly client: number;
  readonly controller: number;
}

/**
 * The broker's configuration: one node that is broker and controller (KRaft), for development and tests.
 * @param folder where its log segments go
 * @returns the text of `server.properties` (kafka.apache.org, "Broker Configs")
 */
export function serverProperties(
  folder: string,
  ports: BrokerPorts,
  security: BrokerSecurity | null,
): string {
  const listener = listenerProtocol(security);
  const properties: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `CLIENT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${ports.client}`,
    'inter.broker.listener.name': 'CLIENT',
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,CLIENT:${listener}`,
    'log.dirs': folder,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    ...(security === null ? {} : securityProperties(security)),
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function listenerProtocol(security: BrokerSecurity | null): string {
  if (security === null) return 'PLAINTEXT';
  return security.keyStore === undefined ? 'SASL_PLAINTEXT' : 'SASL_SSL';
}

function securityProperties({ admin, keyStore }: BrokerSecurity): Record<string, string> {
  const module = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.client.scram-sha-512.sasl.jaas.config': `${module} username="${admin.name}" password="${admin.password}";`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${admin.name};User:ANONYMOUS`,
    ...(keyStore === undefined
      ? {}
      : {
          'ssl.keystore.type': 'PKCS12',
          'ssl.keystore.location': keyStore.path,
          'ssl.keystore.password': keyStore.password,
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.location': keyStore.caFile,
        }),
  };
}
