export {
  type Configuration,
  ConfigurationRefused,
  inheritedEnvironment,
  type LoadedConfiguration,
  loadConfiguration,
  loadConfigurationOrExit,
  type ProcessKind,
} from './load.js';
export { configurationReference, environmentExample } from './reference.js';
