/** No submission can be made of that; the message says what was found and what to do. */
export class ScaffoldRefused extends Error {
  override readonly name = 'ScaffoldRefused';
}
