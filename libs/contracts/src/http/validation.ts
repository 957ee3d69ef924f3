/** The path prefix under which the validation service answers. */
export const VALIDATION_PREFIX = '/v1';
