export { Broker, type BrokerOptions } from './broker.js';
export { type Distribution, type DistributionOptions, findDistribution } from './distribution.js';
export { BrokerUnusable } from './errors.js';
export { type BrokerKeyStore, type BrokerSecurity, type BrokerUser } from './settings.js';
