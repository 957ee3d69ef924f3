export { type FakeClock, fakeClock } from './clock.js';
export { frozen } from './frozen.js';
export { type Given, type Outcome, type Specification, specify } from './specify.js';
